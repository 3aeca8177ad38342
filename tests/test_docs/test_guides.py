"""The guides are followed: their commands and their code run in order, as written, on small data.

What is not run is named in ``LEFT_OUT``, with the reason. Trainings stop after two iterations. READMEs of
configs and cards, which repeat them for every row of a table, are checked by ``test_commands.py`` instead.
"""

import os
import re
import shlex
from pathlib import Path

import pytest
from doc_shell import REPO, Block, Call, blocks, run, variables
from doc_world import execute, inside, make_world

pytestmark = pytest.mark.docs

PAGES = [
    page
    for pattern in ('README.md', 'docs/*.md', 'docs/[!_r]*/*.md', 'projects/*/README.md')
    for page in sorted(REPO.glob(pattern))
    if any(blocks(page, 'bash', 'python'))
]
LEFT_OUT = {
    r'(pip|MMCV_WITH_OPS=1|pre-commit) ': 'installs packages',
    r'hf download ': 'downloads weights; the world has small ones in their place',
    r'make ': 'is what continuous integration runs, or a test of its own',
    r'(pytest|python -m pytest) ': 'runs tests',
    r'vosplug train \w+/\w+_(r50|vgg16|xception65)': 'trains a network of full size',
    r'(vot|unzip) ': "is a benchmark's toolkit; see tests/test_evaluation/test_toolkits",
    r'python -c ': "asks a benchmark's toolkit",
    r'srun ': 'needs a Slurm cluster',
    r'vosplug review ': 'serves until it is stopped; see tests/test_web',
    r'.* visualizer\.vis_backends=\S*Wandb': 'needs an account',
    r'vosplug label \S+(sta_r50|xception65)': 'needs a network of full size that was trained',
    r'python tools/analysis_tools/box_to_mask_quality.py \S+sta_r50': 'needs one, too',
}
# packages that a page is about, which may not be installed
NEEDS = {'docs/deployment.md': 'onnxruntime', 'docs/other_models.md': 'transformers'}
# what a page supposes to have been done
BEFORE = {
    'docs/configs_and_tools.md': """
        vosplug train stm/stm_mobilenetv2_my-videos.py
        vosplug eval --protocol davis2017 --gt DAVIS/Annotations/480p --pred results \\
            --image-set DAVIS/ImageSets/2017/val.txt --per-frame xmem_frames.json
        cp xmem_frames.json stm_frames.json
    """,
    'docs/evaluation.md': 'mkdir WORKSPACE',
}
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
        with inside(folder):
            exec(compile(text, str(block), 'exec'), names)
    else:
        enter(text, folder)


def enter(script: str, folder: Path) -> None:
    """Run a script as a user who works in the folder, which is the home as well."""
    run(script, folder, PROGRAMS, answer, HOME=str(folder))


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
                (*PROGRAMS, 'cp', 'mkdir', 'sed'),
                remember,
                **dict.fromkeys(variables(page), ''),
            )
    assert all(any(re.match(pattern, call) for call in calls) for pattern in LEFT_OUT)


@pytest.mark.parametrize('page', PAGES, ids=lambda page: str(page.relative_to(REPO)))
def test_a_page_can_be_followed(page, tmp_path, monkeypatch):
    if page.relative_to(REPO).as_posix() in NEEDS:
        pytest.importorskip(NEEDS[page.relative_to(REPO).as_posix()])
    for name in [name for name in os.environ if name.endswith(('_ROOT', '_WEIGHTS', '_MASKS'))]:
        monkeypatch.delenv(name)
    for name in variables(page):
        monkeypatch.setenv(name, f'data/{name}')
    make_world(tmp_path, page.read_text(encoding='utf-8'))
    if page.stem == 'other_models':
        from small_sam2 import write_small_sam2

        write_small_sam2(tmp_path / 'weights' / 'sam2.1-hiera-tiny')
    enter(BEFORE.get(str(page.relative_to(REPO)), ''), tmp_path)
    names = dict(__name__='page')
    for block in blocks(page, 'bash', 'python'):
        follow(block, tmp_path, names)
