"""What the guides suppose that their reader has, in small; programs that they start run in this process."""

import contextlib
import gc
import io
import os
import re
import shutil
import sys
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import cv2
import torch
from doc_benchmarks import with_a_small_tracker, write_benchmarks
from doc_recipes import write_authors_weights, write_configs, write_recipe_data
from doc_shell import REPO, Call, run_script
from mmengine.config import Config
from mmengine.utils import ManagerMixin
from small_data import make_frames, make_masks, write_davis, write_frames, write_ytvos

from vosplug.cli import main
from vosplug.config import load_config
from vosplug.formats import write_id_mask
from vosplug.formats.exchange import FORMATS, AnnotatedObject, AnnotatedVideo, Context
from vosplug.models.streaming import OnlineAdapter
from vosplug.structures import boxes_of_mask
from vosplug.visualization import write_mp4

VIDEOS = ('bear', 'cat', 'dog')  # the last one is a file
# trainings, fine-tunings, online adaptation and tests on generated videos are cut short
TRAINING = (
    *('train_cfg.max_iters=2', 'train_cfg.val_interval=2', 'default_hooks.checkpoint.interval=2'),
    'default_hooks.logger.interval=1',
    *('train_dataloader.batch_size=2', 'train_dataloader.num_workers=0'),
    'train_dataloader.persistent_workers=False',
)
TRAIN, TEST = ('train', 'tools/train.py'), ('test', 'tools/test.py')
FINE_TUNING = ('pseudo_labels.fine_tune.steps=2',)
SHORT = dict.fromkeys(TRAIN, TRAINING) | dict.fromkeys(('label', 'tools/pseudo_label.py'), FINE_TUNING)
ONE_VIDEO = ('test_dataloader.dataset.num_videos=1',)
OUTPUTS = ('--out', '--output-dir', '--show-dir', '--per-frame', '--csv', '--plots', '--work-dir')
FEWER = {
    'benchmarks/label_scale.py': ('--videos', '20', '--rows', '3'),
    'tools/analysis_tools/box_loss_values.py': ('--num-batches', '1'),
    'tools/analysis_tools/temporal_consistency.py': ('--num-clips', '4'),
    'benchmarks/onnx_box_to_mask.py': ('--runs', '1', '--batches', '1'),
}


def make_world(folder: Path, page: str) -> None:
    """A checkout with ``my_data``, a clip and what else a page names, as symbolic links and small files."""
    for name in ('benchmarks', 'projects', 'requirements', 'tests', 'tools'):
        (folder / name).symlink_to(REPO / name)
    write_configs(folder / 'configs')
    shutil.copytree(REPO / 'vosplug' / 'zoo', folder / 'vosplug' / 'zoo')  # cards publish into it
    make_my_data(folder / 'my_data')
    for name in ('frames', 'boxes.csv'):
        (folder / name).symlink_to(folder / 'my_data' / name)
    clip = make_masks(40, ids=(1,), size=(240, 320))
    write_mp4(folder / 'clip.mp4', make_frames(clip))
    write_id_mask(folder / 'first.png', clip[0])
    cv2.imwrite(str(folder / 'photo.jpg'), make_frames(clip[:1])[0])
    torch.save(dict(net=dict(weight=torch.ones(2))), folder / 'theirs.pth')
    write_cvat(folder / 'export.xml', 'cat')
    for t, mask in enumerate(make_masks(6, size=(96, 128))):
        write_id_mask(folder / 'labels' / 'Annotations' / 'cat' / f'{t:05d}.png', mask)
    write_davis(folder / 'DAVIS', {'bear': make_masks(5)})
    if 'data/' in page or '.../' in page:
        write_benchmarks(folder / 'data', 8 if 'table3-1' in page else 4)
    if '.../' in page:
        write_recipe_data(folder / 'data')
    write_authors_weights(folder, page)
    (folder / 'DAVIS' / 'ImageSets' / '2017').mkdir()
    (folder / 'DAVIS' / 'ImageSets' / '2017' / 'val.txt').write_text('bear\n')
    (folder / 'results').symlink_to(folder / 'DAVIS' / 'Annotations' / '480p')
    write_ytvos(folder, 'valid', {'0a': make_masks(4)}, first_only=True)


def make_my_data(root: Path) -> None:
    """Videos with masks, boxes, an export of an annotation tool and the two splits."""
    masks = make_masks(6, size=(96, 128))
    for name in VIDEOS[:-1]:
        write_frames(root / 'frames' / name, make_frames(masks))
    write_mp4(root / 'frames' / f'{VIDEOS[-1]}.mp4', make_frames(masks))
    lines = ['video,frame,object,x1,y1,x2,y2']
    for name in VIDEOS:
        for t, mask in enumerate(masks):
            write_id_mask(root / 'masks' / name / f'{t:05d}.png', mask)
            boxes = boxes_of_mask(mask).items()
            lines += [f'{name},{t:05d},{i},' + ','.join(map(str, box.tolist())) for i, box in boxes]
        write_cvat(root / 'export' / f'{name}.xml', name)
        manual = root.parent / 'one_mask_per_object' / name / '00003.png'
        write_id_mask(manual, masks[3])
    (root / 'boxes.csv').write_text('\n'.join(lines) + '\n')
    (root / 'train.txt').write_text('bear\ncat\n')
    (root / 'val.txt').write_text('dog\n')


def write_cvat(path: Path, video: str) -> None:
    """The boxes of a video in every other frame, as CVAT exports them."""
    masks = make_masks(6, size=(96, 128))
    boxes = {t: boxes_of_mask(masks[t]) for t in range(0, 6, 2)}
    objects = [
        AnnotatedObject(k, 'pet', {t: tuple(map(float, found[i])) for t, found in boxes.items()})
        for k, i in enumerate((3, 7), 1)
    ]
    frames = [f'{t:05d}' for t in range(6)]
    path.parent.mkdir(parents=True, exist_ok=True)
    annotated = AnnotatedVideo(video, frames, frames, (96, 128), list(boxes), objects)
    FORMATS['cvat'].write(path, [annotated], Context())


def execute(call: Call) -> tuple[int, str]:
    """Run ``vosplug`` or a script of the repository, where and with what the call says."""
    code, text = _execute(call)
    if not code:
        if call.arguments[0] in TRAIN:
            name_as_whole(call)
        missing = [path for path in outputs(call) if not Path(call.cwd, path).exists()]
        assert not missing, f'{call.program} {" ".join(call.arguments)}: did not write {missing}\n{text}'
    return code, text


def outputs(call: Call) -> list[str]:
    """Files and folders that a call names as its outputs."""
    following = zip(call.arguments, call.arguments[1:], strict=False)
    return [value for option, value in following if option in OUTPUTS]


def _execute(call: Call) -> tuple[int, str]:
    arguments = shortened(call)
    paths = [str(REPO / path) for path in call.env.get('PYTHONPATH', '').split(os.pathsep) if path]
    paths.append(str(REPO / 'projects' / 'example_project'))
    text = io.TextIOWrapper(io.BytesIO())
    with (
        inside(call.cwd),
        as_a_new_process(),
        contextlib.redirect_stdout(text),
        mock.patch.dict(os.environ, call.env),
        mock.patch.object(sys, 'path', [*paths, *sys.path]),
    ):
        try:
            if call.program == 'vosplug':
                main(arguments)
            else:
                run_script(arguments[0], arguments[1:])
        except SystemExit as done:
            code = done.code or 0
            return (code, written(text)) if isinstance(code, int) else (1, f'{written(text)}{code}\n')
    return 0, written(text)


@contextlib.contextmanager
def inside(folder: str | Path) -> Iterator[None]:
    """Work in a folder; ``contextlib.chdir`` of newer Pythons."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@contextlib.contextmanager
def as_a_new_process() -> Iterator[None]:
    """mmengine has no logger, visualizer and default scope yet; online adaptation has one step."""
    gc.freeze()  # mmengine's datasets collect garbage, which is little in a new process
    with contextlib.ExitStack() as stack:
        stack.callback(gc.unfreeze)
        for manager in subclasses(ManagerMixin):
            stack.enter_context(mock.patch.object(manager, '_instance_dict', OrderedDict()))
        stack.enter_context(mock.patch.object(OnlineAdapter, 'train', train_once))
        yield


def train_once(adapter: OnlineAdapter, model, examples, ids, steps, name, train=OnlineAdapter.train):
    """``OnlineAdapter.train`` with a step of one sample."""
    with mock.patch.dict(adapter.settings, batch_size=1):
        return train(adapter, model, examples, ids, min(steps, 1), name)


def subclasses(kind: type) -> Iterator[type]:
    """A class and those below it."""
    yield kind
    for each in kind.__subclasses__():
        yield from subclasses(each)


def written(stream: io.TextIOWrapper) -> str:
    """What was written to a stream of :func:`execute`."""
    stream.flush()
    return stream.buffer.getvalue().decode()


def shortened(call: Call) -> list[str]:
    """The arguments of a call, with less to do."""
    arguments = [*call.arguments, *FEWER.get(call.arguments[0], ())]
    command, *rest = call.arguments
    options = list(SHORT.get(command, ()))
    if command in TRAIN:
        hooks = enumerate(config_of(call).get('custom_hooks', []))
        options += [f'custom_hooks.{k}.begin_iter=0' for k, hook in hooks if 'begin_iter' in hook]
    if command in (*TRAIN, *TEST) and 'synthetic' in rest[0]:
        options += ONE_VIDEO
    if options and '--cfg-options' not in arguments:
        arguments.append('--cfg-options')
    start = arguments.index('--cfg-options') + 1 if options else 0
    others = enumerate(arguments[start:], start)
    end = next((k for k, argument in others if argument.startswith('--')), len(arguments))
    arguments = [*arguments[:end], *options, *arguments[end:]]
    return with_a_small_tracker(arguments, Path(call.cwd)) if command in TEST else arguments


def name_as_whole(call: Call) -> None:
    """Give the checkpoint of a shortened training the name that the whole one has."""
    given = dict(zip(call.arguments, call.arguments[1:], strict=False))
    work_dir = Path(call.cwd, given.get('--work-dir', f'work_dirs/{Path(call.arguments[1]).stem}'))
    length = re.findall(r'train_cfg\.max_iters=(\d+)', ' '.join(call.arguments))
    last = int(length[-1]) if length else config_of(call).train_cfg.max_iters
    if last > 2:
        shutil.copy(work_dir / 'iter_2.pth', work_dir / f'iter_{last}.pth')


def config_of(call: Call) -> Config:
    """The config of a training."""
    with inside(call.cwd):
        return load_config(call.arguments[1])
