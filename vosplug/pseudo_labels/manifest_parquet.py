"""The manifest as Parquet partitions, which no process has to hold or rewrite as a whole."""

import hashlib
from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any

from ..atomic import atomic_path
from ..errors import AnnotationError, ConfigError
from .output import MANIFEST
from .store import LabelStore, writing

_ROWS = 100_000  # per row group
_DIGEST = b'vosplug.digest'  # key in the metadata


class ManifestParts:
    """``manifest/part-<chunk>.parquet``: a table per chunk of videos, in the order of the videos.

    Columns are those of :data:`~.output.MANIFEST`: ``object`` int16, ``score`` float64 (null for manual
    masks), the others text. A partition is written once, when its videos are finished, and again only when
    the labels of one of them changed. PyArrow, DuckDB, Polars and pandas read the folder as one table.

    Args:
        store: of the labels.

    Raises:
        ConfigError: pyarrow is not installed.
    """

    def __init__(self, store: LabelStore) -> None:
        self.store, self.folder = store, store.out / 'manifest'
        _pyarrow()

    def path(self, chunk: int) -> Path:
        """File of a chunk."""
        return self.folder / f'part-{chunk:08d}.parquet'

    def write(self, chunk: int, fingerprints: Mapping[str, str], rows: Iterable[list[str]]) -> bool:
        """Write the partition of a chunk unless it is up to date; returns whether it was written.

        Args:
            chunk: index.
            fingerprints: of the labels of its videos, by name, in order.
            rows: of the manifest; only iterated if the partition is written.
        """
        content = ''.join(f'{name}\n{fingerprint}\n' for name, fingerprint in fingerprints.items())
        digest = hashlib.sha256(content.encode()).hexdigest()
        path = self.path(chunk)
        if _digest_of(path) == digest:
            return False
        pa = _pyarrow()
        kinds = dict(object=pa.int16(), score=pa.float64())
        fields = [(name, kinds.get(name, pa.string())) for name in MANIFEST]
        schema = pa.schema(fields, metadata={_DIGEST: digest})
        with (
            writing(path),
            atomic_path(path, self.store.partial) as partial,
            pa.parquet.ParquetWriter(partial, schema, compression='zstd') as writer,
        ):
            remaining = iter(rows)
            while group := list(islice(remaining, _ROWS)):
                writer.write_table(_table(group, schema))
        return True

    def remove_from(self, count: int) -> None:
        """Remove partitions left by a run with more than ``count`` chunks."""
        kept = {self.path(k) for k in range(count)}
        for path in set(self.folder.glob('part-*.parquet')) - kept:
            path.unlink()


def manifest_numbers(out: str | Path) -> dict[tuple[str, str], int]:
    """Row counts of a Parquet manifest by source and status, read as a stream.

    Args:
        out: folder of the labels.

    Returns:
        dict: (source, status) -> rows.

    Raises:
        AnnotationError: no manifest, or a damaged one.
    """
    pa, folder = _pyarrow(), Path(out) / 'manifest'
    try:
        table = pa.dataset.dataset(folder, format='parquet')
        found: dict[tuple[str, str], int] = {}
        for batch in table.to_batches(columns=['source', 'status']):
            counts = pa.table(batch).group_by(['source', 'status']).aggregate([([], 'count_all')])
            for row in counts.to_pylist():
                key = row['source'], row['status']
                found[key] = found.get(key, 0) + row['count_all']
    except (OSError, pa.ArrowException) as error:
        raise AnnotationError(
            f'{folder}: cannot be read ({error}). Run tools/pseudo_label.py again, which rewrites it.'
        ) from None
    return dict(sorted(found.items()))


def _digest_of(path: Path) -> str | None:
    """Digest in a partition's metadata; None if there is no such file, or it is damaged."""
    pa = _pyarrow()
    try:
        return pa.parquet.read_schema(path).metadata[_DIGEST].decode()
    except (OSError, pa.ArrowException, KeyError, TypeError):
        return None


def _table(rows: list[list[str]], schema: Any) -> Any:
    columns: dict[str, list] = {name: [row[k] for row in rows] for k, name in enumerate(MANIFEST)}
    columns['object'] = [int(text) for text in columns['object']]
    columns['score'] = [float(text) if text else None for text in columns['score']]
    return _pyarrow().table(columns, schema=schema)


def _pyarrow() -> ModuleType:
    """PyArrow, which is optional: it is larger than vosplug and only needed for large sets."""
    try:
        import pyarrow.dataset
        import pyarrow.parquet
    except ImportError:
        raise ConfigError(
            'a Parquet manifest needs pyarrow, which is not installed: pip install "vosplug[scale]".'
        ) from None
    return pyarrow
