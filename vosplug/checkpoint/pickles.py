"""Reading of mmengine's pickles and YAML, such as annotation files, as plain data and arrays."""

import io
import pickle
from itertools import product
from typing import Any, BinaryIO

import yaml
from mmengine.fileio.handlers import PickleHandler, YamlHandler

from ..errors import AnnotationError
from .files import TRUSTED_FILES, trusted_files, warn_of_code

_PLAIN = {
    *product(('builtins', '__builtin__'), ('set', 'frozenset', 'complex', 'bytearray')),
    *product(['numpy'], ('ndarray', 'dtype')),
    *product(('numpy.core.multiarray', 'numpy._core.multiarray'), ('_reconstruct', 'scalar')),
    *product(('numpy.core.numeric', 'numpy._core.numeric'), ['_frombuffer']),
    ('collections', 'OrderedDict'),
    ('_codecs', 'encode'),  # how bytes are written by protocol 2
}


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _PLAIN:
            raise AnnotationError(
                f'a pickled annotation file asks for {module}.{name}, expected plain data and arrays: '
                f'pickles can run code. Save it as JSON, or name the file in {TRUSTED_FILES} if you trust it.'
            )
        return super().find_class(module, name)


class PlainPickleHandler(PickleHandler):
    """Reads pickles of plain data and arrays; others only from trusted files."""

    def load_from_fileobj(self, file: BinaryIO, **kwargs: Any) -> Any:
        """Read an open file.

        Raises:
            AnnotationError: it would run code, or is damaged.
        """
        content = file.read()
        try:
            return _PlainUnpickler(io.BytesIO(content), **kwargs).load()
        except AnnotationError:
            # mmengine hands over the content, not the path
            for path in trusted_files():
                if path.is_file() and path.read_bytes() == content:
                    warn_of_code(path)
                    return pickle.loads(content, **kwargs)
            raise
        except Exception as error:  # a damaged pickle may raise anything
            raise AnnotationError(f'a pickled annotation file is damaged ({error}).') from error


class PlainYamlHandler(YamlHandler):
    """Reads YAML of plain values; tags that make Python objects would run code."""

    def load_from_fileobj(self, file: Any, **kwargs: Any) -> Any:
        """Read an open file.

        Raises:
            AnnotationError: it has tags of Python objects, or is damaged.
        """
        try:
            return yaml.safe_load(file)
        except yaml.YAMLError as error:
            raise AnnotationError(
                f'a YAML file holds more than plain values, or is damaged ({error}). Write it without tags.'
            ) from error
