"""The pages below docs/add name files that exist; their code is run by tests/test_docs/test_guides.py."""

import re
from pathlib import Path

import pytest

REPO = Path(__file__).parents[2]
PAGES = sorted((REPO / 'docs' / 'add').glob('*.md'))
EXAMPLES = REPO / 'projects' / 'example_project' / 'example_project'


@pytest.mark.parametrize('page', PAGES, ids=lambda page: page.stem)
def test_what_a_page_includes_and_names_exists(page):
    text = page.read_text()
    for included in re.findall(r'\{literalinclude\} (\S+)', text):
        assert (page.parent / included).is_file()
    for named in re.findall(r'(?:projects|tests|tools)/[\w/]+\.py', text):
        assert (REPO / named).is_file(), named
    for linked in re.findall(r'\]\((\w[\w/.]*\.md)', text):
        assert (page.parent / linked).is_file(), linked


def test_every_component_of_the_example_project_is_on_a_page():
    text = ''.join(page.read_text() for page in PAGES)
    for file in EXAMPLES.glob('[!_]*.py'):
        assert f'example_project/example_project/{file.name}\n' in text
    listed = (REPO / 'docs' / 'add' / 'index.md').read_text()
    assert all(f'({page.name})' in listed for page in PAGES if page.stem != 'index')
