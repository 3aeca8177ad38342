"""What docs/results.py gathers: every number stands in a table of its README or card."""

import re
import sys
from pathlib import Path

import pytest

REPO = Path(__file__).parents[2]
pytest.importorskip('sphinx')
sys.path.insert(0, str(REPO / 'docs'))
import results  # noqa: E402


def test_every_result_of_the_metafiles_stands_under_the_heading_it_is_linked_to():
    gathered = list(results.gather())
    assert len(gathered) > 50
    for result in gathered:
        text = result.source.read_text(encoding='utf-8')
        [start] = [match.end() for match in re.finditer(rf'(?m)^#+ {re.escape(result.section)}$', text)]
        section = re.split(r'(?m)^#+ ', text[start:])[0]
        assert all(f'{value:.1f}' in section for value in result.metrics.values()), result


def test_a_number_that_no_table_has_is_named(tmp_path):
    page = tmp_path / 'README.md'
    rows = ['# A', '', '| model | J |', '|---|---|', '| `m.py` | 12.5 |', '| `n.py` | 112.5 |']
    page.write_text('\n'.join([*rows, '', '## B', '', '| x | 12.5 | 3.0 |', '']))
    assert results.find_table([page], 'm', {'J': 12.5}) == (page, 'A')
    assert results.find_table([page], 'k', {'J': 12.5, 'F': 3.0}) == (page, 'B')
    with pytest.raises(ValueError, match='m: no table .*README.md has a row with .*2.5'):
        results.find_table([page], 'm', {'J': 2.5})


def test_links_lead_to_pages_where_there_is_one(tmp_path):
    page = results.ROOT / 'configs' / 'stm' / 'README.md'
    text = results.site_page(page)
    assert '[configs/box2seg](box2seg.md)' in text and '../' not in ''.join(re.findall(r'\]\((.*?)\)', text))
    assert '![Losses of the four trainings](../../configs/xmem_box/curves.png)' in results.site_page(
        page.parents[1] / 'xmem_box' / 'README.md'
    )


def test_each_model_is_in_the_table_of_its_dataset():
    page = results.results_page()
    header, table = re.search(
        r'SyntheticVOS, twelve held-out videos\n\n(\|.*\n)\|-.*\n((?:\|.*\n)+)', page
    ).groups()
    assert header == '| model | method | J&F | J | F | table |\n'
    first, second = table.splitlines()
    assert first.startswith(
        '| `stm_tiny_synthetic-box` | STM | 59.9 | 63.5 | 56.3 | [SyntheticVOS](stm.md#syntheticvos)'
    )
    assert second.startswith('| `xmem_tiny_synthetic-box` | XMem from boxes | 52.3 ')
