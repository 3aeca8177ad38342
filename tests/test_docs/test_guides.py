"""The guides are followed: their commands and their code run in order, as written, on small data.

What is not run is named in ``LEFT_OUT``, with the reason. Trainings stop after two iterations.
"""

import os
import re
import shlex
from pathlib import Path

import pytest
from doc_shell import REPO, Block, Call, blocks, pages, run, variables
from doc_world import as_a_new_process, execute, inside, make_world

pytestmark = pytest.mark.docs

PAGES = [page for page in pages() if any(blocks(page, 'bash', 'python'))]
LEFT_OUT = {
    r'(pip|MMCV_WITH_OPS=1|pre-commit) ': 'installs packages',
    r'hf download ': 'downloads weights; the world has small ones in their place',
    r'make ': 'is what continuous integration runs, or a test of its own',
    r'(pytest|python -m pytest) ': 'runs tests',
    r'(vosplug train|python tools/train.py) \S+_(r50|vgg16|xception65)': 'trains a network of full size',
    r'(vot|unzip) ': "is a benchmark's toolkit; see tests/test_evaluation/test_toolkits",
    r'python -c ': "asks a benchmark's toolkit",
    r'srun ': 'needs a Slurm cluster',
    r'vosplug review ': 'serves until it is stopped; see tests/test_web',
    r'.* visualizer\.vis_backends=\S*Wandb': 'needs an account',
    r'(vosplug label|python \S+(pseudo_label|box_to_mask_quality).py) \S+(sta_r50|xception65)': (
        'needs a network of full size that was trained'
    ),
}
# packages that a page is about, which may not be installed
NEEDS = {
    'docs/deployment.md': 'onnxruntime',
    'docs/other_models.md': 'transformers',
    'configs/sam2/README.md': 'transformers',
}
# labels that the recipes of another page make
LABELS = """
    for NAME in {}; do
        mkdir -p work_dirs/labels/$NAME
        ln -s "$PWD/data/davis2016/Annotations/240p" work_dirs/labels/$NAME/Annotations
    done
"""
# what a page supposes to have been done
BEFORE = {
    'configs/lwl/README.md': LABELS.format('sta')
    + """
        export DAVIS2016_ROOT=.../davis2016 MOBILENETV2_WEIGHTS=.../mobilenet_v2-b0353104.pth
        python tools/train.py configs/sta/sta_mobilenetv2.py
    """,
    'configs/stm/README.md': LABELS.format('box2seg box2seg-filtered box2seg-middle'),
    'docs/configs_and_tools.md': """
        vosplug train stm/stm_mobilenetv2_my-videos.py
        vosplug eval --protocol davis2017 --gt DAVIS/Annotations/480p --pred results \\
            --image-set DAVIS/ImageSets/2017/val.txt --per-frame xmem_frames.json
        cp xmem_frames.json stm_frames.json
    """,
    'docs/evaluation.md': 'mkdir WORKSPACE',
    'configs/sam2/README.md': 'export SAM2_MODEL=weights/sam2.1-hiera-tiny',  # in place of the hub
    'vosplug/zoo/seq2seq-tiny.md': """
        export DAVIS2016_ROOT=.../davis2016 COCO_MINI_ROOT=.../coco-mini
        export MOBILENETV2_WEIGHTS=.../mobilenet_v2-b0353104.pth
        python tools/train.py configs/masktrack/masktrack-tiny.py --cfg-options \\
            load_from=vosplug/zoo/masktrack-tiny.safetensors model.network.init_cfg=None
    """,
}
# variables that a block exports hold in the blocks that follow
SHELL = """path=$PATH any=$ANY; if [ -e ~/.exported ]; then . ~/.exported; fi; PATH=$path ANY=$any
{}
export -p > ~/.exported"""
PROGRAMS = ('hf', 'vosplug', 'python', 'make', 'pip', 'pytest', 'torchrun', 'srun', 'vot', 'unzip')


def left_out(call: Call) -> bool:
    """Whether a call is one of those that are not run."""
    command = shlex.join([call.program, *call.arguments])
    return any(re.match(pattern, command) for pattern in LEFT_OUT)


def answer(call: Call) -> tuple[int, str]:
    """Run a call, or leave it out."""
    return (0, '') if left_out(call) else execute(call)


def follow(block: Block, folder: Path, names: dict) -> None:
    """Run a block in the folder; ``names`` are the variables of the page's code."""
    text = block.text.replace('yt300=300', 'yt300=4')  # of the small YouTube-VOS
    if block.language == 'python':
        with inside(folder), as_a_new_process():
            exec(compile(text, str(block), 'exec'), names)
    else:
        enter(text, folder)


def enter(script: str, folder: Path) -> None:
    """Run a script as a user who works in the folder, which is the home as well."""
    run(SHELL.format(script), folder, PROGRAMS, answer, HOME=str(folder))


def test_only_what_guides_contain_is_left_out(tmp_path):
    calls = []

    def remember(call: Call) -> tuple[int, str]:
        calls.append(shlex.join([call.program, *call.arguments]))
        return 0, ''

    for page in PAGES:
        for block in blocks(page, 'bash'):
            text = re.sub(r'(?m)(?<!\|)\s>>?\s+\S+', ' ', block.text)  # what is written has no folder here
            run(
                text,
                tmp_path,
                (*PROGRAMS, 'cp', 'ls', 'mkdir', 'sed'),
                remember,
                **dict.fromkeys(variables(page), ''),
            )
    assert all(any(re.match(pattern, call) for call in calls) for pattern in LEFT_OUT)


@pytest.mark.parametrize('page', PAGES, ids=lambda page: str(page.relative_to(REPO)))
def test_a_page_can_be_followed(page, tmp_path, monkeypatch):
    name = page.relative_to(REPO).as_posix()
    if name in NEEDS:
        pytest.importorskip(NEEDS[name])
    for variable in [each for each in os.environ if each.endswith(('_ROOT', '_WEIGHTS', '_MASKS'))]:
        monkeypatch.delenv(variable)
    for variable in variables(page):
        monkeypatch.setenv(variable, f'data/{variable}')
    make_world(tmp_path, page.read_text(encoding='utf-8'))
    if NEEDS.get(name) == 'transformers':
        from small_sam2 import write_small_sam2

        for size in ('tiny', 'large'):
            write_small_sam2(tmp_path / 'weights' / f'sam2.1-hiera-{size}')
    enter(BEFORE.get(name, ''), tmp_path)
    names = dict(__name__='page')
    for block in blocks(page, 'bash', 'python'):
        follow(block, tmp_path, names)
