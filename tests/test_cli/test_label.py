"""``vosplug label`` in this process."""

from pathlib import Path

import pytest
from small_box2seg import write_boxed_videos

from vosplug.cli import main
from vosplug.pseudo_labels import read_recipe


def label(root: Path, *args: str) -> None:
    config = root / 'config.py'
    config.write_text("model = dict(type='vosplug.FilledBoxInitializer')")
    paths = ['--videos', root / 'videos', '--boxes', root / 'boxes.csv', '--out', root / 'out']
    main(['label', str(config), *map(str, paths), *args])


@pytest.mark.parametrize('option', ['--masks', '--corrections'])
def test_masks_of_other_videos_are_not_ignored_in_silence(tmp_path, capsys, option):
    root = write_boxed_videos(tmp_path)
    (root / 'fixes' / 'bare').mkdir(parents=True)
    label(root, option, str(root / 'fixes'))
    said = capsys.readouterr().err
    assert f'warning: {root / "fixes"}: no masks of any of the 2 videos' in said and "'bear'" in said
    label(root)
    assert 'warning' not in capsys.readouterr().err


def test_labels_with_a_relative_folder_of_true_masks_are_up_to_date_for_their_recipe(tmp_path, monkeypatch):
    root = write_boxed_videos(tmp_path)
    monkeypatch.chdir(root)
    label(root, '--truth', 'truth', '--min-iou', '0.9')
    recipe = read_recipe(root / 'out')
    assert recipe.make_factory(root / 'out').make_all(recipe.read_videos()) == 0
