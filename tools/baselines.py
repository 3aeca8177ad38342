"""Score the baselines on a config's test videos: ``python tools/baselines.py CONFIG``."""

import argparse
from functools import partial

from mmengine.registry import init_default_scope

from vosplug.cli.arguments import add_cfg_options
from vosplug.config import config_errors, load_config
from vosplug.errors import exit_on_errors
from vosplug.evaluation import box_oracle, copy_first_mask, evaluate_stream, filled_box
from vosplug.models.box_to_mask import GrabCutInitializer
from vosplug.registry import DATASETS, METRICS

BASELINES = {
    'copy_first_mask': copy_first_mask,
    'filled_box': filled_box,
    'grabcut_box': partial(box_oracle, box_to_mask=GrabCutInitializer()),
}


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Score the copied first mask, and the ground-truth boxes, filled and cut out by GrabCut.'
    )
    parser.add_argument('config', help='config file')
    parser.add_argument(
        '--methods', nargs='+', choices=BASELINES, default=[*BASELINES], help='default: all of them'
    )
    add_cfg_options(parser)
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    with exit_on_errors():
        cfg = load_config(args.config, args.cfg_options)
        init_default_scope('vosplug')
        with config_errors(cfg):
            dataset = DATASETS.build(cfg.test_dataloader.dataset)
        for name in args.methods:
            videos = (dataset[i]['data_samples'] for i in range(len(dataset)))
            with config_errors(cfg):
                metric = METRICS.build(cfg.test_evaluator)
            scores = evaluate_stream(metric, videos, BASELINES[name])
            print(name, ' '.join(f'{key} {100 * value:.1f}' for key, value in scores.items()))


if __name__ == '__main__':
    main()
