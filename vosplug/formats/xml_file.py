"""XML files of annotation tools.

Document types, including entities, are rejected, since a few lines of them can expand to gigabytes or read
other files; annotations have none.
"""

from pathlib import Path
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from ..errors import AnnotationError
from ..files import read_regular, shown_path

_MISSING = 'annotation file not found.'
_DEEPEST = 30  # nested elements; deep trees exhaust the stack


def read_xml(path: str | Path) -> Element:
    """Root element of an XML file.

    Raises:
        AnnotationError: no such file, not XML, with a document type, or nested too deeply.
    """
    data = read_regular(path, AnnotationError, _MISSING)
    if data.startswith(b'PK'):
        raise AnnotationError(f'{shown_path(path)}: is a ZIP archive. Unzip it, and give the XML file in it.')
    builder, depth = TreeBuilder(), 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise ValueError(f'elements nested more than {_DEEPEST} deep')
        builder.start(tag, attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag)

    def refuse(*_: object) -> None:
        raise ValueError('a document type, which annotations do not have')

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = builder.data, refuse
    try:
        parser.Parse(data, True)
        return builder.close()
    # besides the parser's errors, those of encodings
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise AnnotationError(f'{shown_path(path)}: not valid XML ({error}). Export it again.') from None
