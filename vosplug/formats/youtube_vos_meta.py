"""Reader of YouTube-VOS' ``meta.json``."""

import json
from pathlib import Path

from ..errors import AnnotationError


def read_meta(path: str | Path) -> dict[str, dict[int, str]]:
    """Read categories from a YouTube-VOS ``meta.json``: video -> object id -> category; may lack ids.

    Raises:
        AnnotationError: no such file, or of another layout.
    """
    path = Path(path)
    try:
        videos = json.loads(path.read_text())['videos']
        return {
            video: {int(i): o['category'] for i, o in content['objects'].items() if 'category' in o}
            for video, content in videos.items()
        }
    except (FileNotFoundError, IsADirectoryError):
        raise AnnotationError(f'{path}: meta.json not found; expected a file.') from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise AnnotationError(
            f'{path}: expected {{"videos": {{<video>: {{"objects": {{<id>: {{"category": ...}}}}}}}}}}, '
            f'found something else ({type(error).__name__}: {error}).'
        ) from None
