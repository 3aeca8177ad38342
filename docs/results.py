"""Results gathered for the site: a Sphinx extension that writes ``docs/results/`` before a build.

The READMEs of the configs and the cards of the models become pages, and the results in the metafiles become
one table per dataset. A result missing from the tables of its README and card fails the build.
"""

import os
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml
from sphinx.application import Sphinx

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / 'docs' / 'results'
LINK = re.compile(r'(!?)\[([^\]]*)\]\(([^)\s#]+)(#[^)]*)?\)')
INDEX = """# Results

Every result that was measured here, by dataset, in percent; higher is better, except for a decay. Each is
linked to the table that it is in, and the commands that reproduce it are beside that table. Numbers that are
quoted from papers are not among them.

{tables}

```{{toctree}}
:caption: Of each method
:maxdepth: 1

{pages}
```
"""


@dataclass
class Result:
    """One result of a metafile, and the README or card (``source``) whose table has its numbers."""

    model: str
    method: str
    task: str
    dataset: str
    metrics: dict[str, float]
    source: Path
    section: str  # the heading of the table


def sources() -> dict[Path, str]:
    """Files that become pages, with the pages' names."""
    pages = {path: path.parent.name for path in sorted(ROOT.glob('configs/*/README.md'))}
    return pages | {path: path.stem for path in sorted(ROOT.glob('vosplug/zoo/*.md'))}


def gather() -> Iterator[Result]:
    """Results of all metafiles.

    Raises:
        ValueError: if no row of the README or card has the numbers of a result.
    """
    for path in sorted(ROOT.glob('configs/*/metafile.yml')):
        content = yaml.safe_load(path.read_text(encoding='utf-8'))
        for model in content['Models']:
            name = model['Name']
            card = ROOT / 'vosplug' / 'zoo' / f'{name}.md'
            places = [path.with_name('README.md'), *([card] if card.is_file() else [])]
            for entry in model.get('Results', ()):
                source, section = find_table(places, name, entry['Metrics'])
                dataset = entry['Dataset']
                yield Result(
                    name, model['In Collection'], entry['Task'], dataset, entry['Metrics'], source, section
                )


def find_table(places: list[Path], name: str, metrics: dict[str, float]) -> tuple[Path, str]:
    """File and heading of the table row that has all ``metrics``, preferably one that names the model."""
    numbers = [re.compile(rf'(?<![\d.,]){value:.1f}(?![\d.])') for value in metrics.values()]
    found = []
    for place in places:
        heading = ''
        for line in place.read_text(encoding='utf-8').splitlines():
            if line.startswith('#'):
                heading = line.lstrip('# ')
            elif line.startswith('|') and all(number.search(line) for number in numbers):
                found.append((f'`{name}.py`' not in line, len(found), place, heading))
    if not found:
        raise ValueError(f'{name}: no table of {" or ".join(map(str, places))} has a row with {metrics}')
    return min(found)[2:]


def slug(heading: str) -> str:
    """The anchor of a heading, as MyST and GitHub make it."""
    return re.sub(r'[^\w\- ]', '', heading.lower()).replace(' ', '-')


def results_page() -> str:
    """The page with one table per task and dataset, best first."""
    pages, groups = sources(), defaultdict(list)
    for result in gather():
        groups[result.task, result.dataset].append(result)
    tables = []
    for (task, dataset), results in sorted(groups.items(), key=lambda item: (item[0][0], -len(item[1]))):
        present = dict.fromkeys(key for result in results for key in result.metrics)
        columns = list(dict.fromkeys([*(key for key in ('J&F', 'J', 'F') if key in present), *present]))
        results.sort(key=lambda result: -result.metrics.get('J', 0))
        lines = [f'| model | method | {" | ".join(columns)} | table |', '|---' * (len(columns) + 3) + '|']
        for result in results:
            values = [f'{result.metrics[key]:.1f}' if key in result.metrics else '' for key in columns]
            link = f'[{result.section}]({pages[result.source]}.md#{slug(result.section)})'
            lines.append(f'| `{result.model}` | {result.method} | {" | ".join(values)} | {link} |')
        tables.append(f'## {task}: {dataset}\n\n' + '\n'.join(lines))
    return INDEX.format(tables='\n\n'.join(tables), pages='\n'.join(pages.values()))


def site_page(path: Path) -> str:
    """A file of the project as a page of ``docs/results``: its links lead to pages where these exist."""
    pages = sources()

    def relink(match: re.Match) -> str:
        image, text, target, anchor = match.groups(default='')
        if '://' in target:
            return match[0]
        file = Path(os.path.normpath(path.parent / target))
        if file in pages:
            return f'[{text}]({pages[file]}.md{anchor})'
        if image or file.is_relative_to(ROOT / 'docs'):
            return f'{image}[{text}]({os.path.relpath(file, FOLDER)}{anchor})'
        return f'{text} (`{file.relative_to(ROOT)}`)'

    return LINK.sub(relink, path.read_text(encoding='utf-8'))


def write(_: Sphinx | None = None) -> None:
    """Write the folder; unchanged files are not rewritten, so that Sphinx does not read them again."""
    wanted = {'index': results_page()} | {name: site_page(path) for path, name in sources().items()}
    FOLDER.mkdir(exist_ok=True)
    for name, text in wanted.items():
        file = FOLDER / f'{name}.md'
        if not file.is_file() or file.read_text(encoding='utf-8') != text:
            file.write_text(text, encoding='utf-8')
    for file in FOLDER.glob('*.md'):
        if file.stem not in wanted:
            file.unlink()


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect('builder-inited', write)
    return {'parallel_read_safe': True}
