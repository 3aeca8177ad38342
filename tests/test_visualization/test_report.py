"""The results page holds everything given, safely."""

import math
import re
from html.parser import HTMLParser

from vosplug.visualization import write_report
from vosplug.visualization.report import cards, charts, clips, percent, table, words

SUMMARY = {'J&F': 0.8125, 'videos': 30, 'note': None}
ROWS = [
    {'method': 'copy <first>', 'J': 0.1721, 'fps': 912.5},
    {'method': 'stm', 'J': 0.6543, 'params': 1_234_567},
]
CURVES = {'loss': [(0.0, 2.0), (1.0, 0.75)], 'J "val"': [(0.0, math.nan), (5.0, 0.4321)], 'later': []}
WORDS = {'J <mean>': 'overlap & union'}
CLIPS = [{'name': 'bear <b>', 'gif': 'a clip#1.gif', 'caption': 'J 0.91 & rising'}]


class Tags(HTMLParser):
    """Collects start tags and the text of a page; fails on unbalanced block tags."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags, self.text, self.open = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag in ('div', 'table', 'tr', 'td', 'th', 'figure', 'svg', 'dl', 'section', 'main'):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if self.open and tag in self.open:
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def make_page(folder) -> str:
    sections = {
        'All': cards(SUMMARY),
        'Results': table(ROWS),
        'Curves': charts(CURVES, 'iteration'),
        'Clips <of videos>': clips(CLIPS),
        'Words': words(WORDS),
    }
    path = write_report(folder, 'A <report> & more', sections)
    assert path == folder / 'index.html' and [p.name for p in folder.iterdir()] == ['index.html']
    return path.read_text(encoding='utf-8')


def test_every_number_and_file_is_there(tmp_path):
    page = Tags(make_page(tmp_path / 'out'))
    text = ' '.join(page.text)
    for expected in ('0.8125', '30', '0.1721', '912.5', '0.6543', '1234567', '0.4321', '0.75', 'stm'):
        assert expected in text
    assert [a['src'] for tag, a in page.tags if tag == 'img'] == ['a%20clip%231.gif']
    assert sum(tag == 'svg' for tag, _ in page.tags) == len(CURVES) == page.text.count('iteration')
    assert not page.open


def test_names_are_escaped(tmp_path):
    raw = make_page(tmp_path)
    text = ' '.join(Tags(raw).text)
    for name in (
        'A <report> & more',
        'copy <first>',
        'bear <b>',
        'J 0.91 & rising',
        'J "val"',
        'overlap & union',
    ):
        assert name in text
    assert '<of videos>' not in raw and '<mean>' not in raw
    assert '<first>' not in raw and '<b>bear <b>' not in raw


def test_the_page_needs_no_network_and_no_script(tmp_path):
    raw = make_page(tmp_path)
    links = re.findall(r'(?:src|href)="([^"]*)"', raw)
    assert not [link for link in links if '//' in link] and '<script' not in raw and '@import' not in raw


def test_the_same_numbers_give_the_same_page(tmp_path):
    assert make_page(tmp_path / 'a') == make_page(tmp_path / 'b')


def test_columns_of_numbers_are_aligned_and_no_others():
    cells = re.findall(
        r'<td([^>]*)>([^<]*)<', table([{'a': '52.3', 'b': 'one', 'c': 1e-7}, {'a': '–', 'b': '2', 'c': 3}])
    )
    assert [text for kind, text in cells if kind] == ['52.3', '1e-07', '–', '3']
    assert (percent(0.52345), percent(None), percent(math.nan), percent(1)) == ('52.3', '–', '–', '100.0')


def test_a_bare_report_has_no_empty_sections(tmp_path):
    empty = {'a': cards({}), 'b': table([]), 'c': charts({}, 'frame'), 'd': clips([]), 'e': words({})}
    raw = write_report(tmp_path, 'Nothing yet', empty).read_text(encoding='utf-8')
    assert '<h2>' not in raw and 'Nothing yet' in raw
