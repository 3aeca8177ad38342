"""Convert STM checkpoints between the authors' layout and ours: ``stm_to_vosplug.py IN OUT``."""

from vosplug.engine.conversion import run_converter
from vosplug.models.stm_checkpoint import convert_stm

if __name__ == '__main__':
    run_converter(__doc__, 'stm/stm_r50_static.py', convert_stm)
