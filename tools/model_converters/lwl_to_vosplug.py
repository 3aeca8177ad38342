"""Convert STANet and LWL checkpoints between the authors' layout and ours: ``lwl_to_vosplug.py IN OUT``.

LWL needs ``--config lwl/lwl_r50_test-davis17.py``.
"""

from vosplug.engine.conversion import run_converter
from vosplug.models.lwl_checkpoint import convert_lwl

if __name__ == '__main__':
    run_converter(__doc__, 'sta/sta_r50.py', convert_lwl)
