"""Machine-readable results."""

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from typing import Any


@contextlib.contextmanager
def json_output(wanted: bool) -> Iterator[Callable[[Any], None]]:
    """Yield a function that prints a command's result as one JSON object; it does nothing unless wanted.

    If it is wanted, everything else that the block prints goes to stderr, also mmengine's log. NaN becomes
    null, as in files.
    """
    if not wanted:
        yield lambda result: None
        return
    from ..formats.text_file import without_nan

    out = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):
        yield lambda result: print(json.dumps(without_nan(result), default=float), file=out, flush=True)
