"""Convert XMem checkpoints between the authors' layout and ours: ``xmem_to_vosplug.py IN OUT``."""

from vosplug.engine.conversion import run_converter
from vosplug.models.xmem_checkpoint import convert_xmem

if __name__ == '__main__':
    run_converter(__doc__, 'xmem/xmem_r50-r18_davis17.py', convert_xmem)
