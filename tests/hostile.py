"""Malformed variants of files, the same for the same seed."""

import copy
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

LONG = 'x' * 5000
VALUES = [
    None, True, False, 0, -1, 1, 255, 2**31, 2**63, 10**30, -(10**30), 1.5, -0.0, 1e300, -1e300, float('nan'),
    float('inf'), '', '1', '..', '../x', '/etc/passwd', 'a/../../b', 'C:\\x', '\0', 'a\0b', 'a\nb', '\ud800',
    'größe', '\u202e', LONG, [], [[]], [None], [0, 0, 0, 0], ['5', '5', '5', '5'], [1e300] * 4, {}, {'': {}},
    {'size': [10**9, 10**9], 'counts': [10**18]}, [[1e8, 1e8, 2e8, 1e8, 2e8, 2e8]],
]  # fmt: skip
FIELDS = [
    '', '-1', '0', '255', '1.5', '1_0', 'nan', 'inf', '1e400', '9' * 400, 'x', '..', '/x', '\0', 'a\nb', '"',
    "'", '٣', 'x' * 140000, ',', '\u2028',
]  # fmt: skip


def malformed(data: bytes, seed: int) -> bytes:
    """One malformed variant of a file: its structure, its lines or its bytes are damaged."""
    rng = random.Random(seed)
    changes: list[Callable[[bytes, random.Random], bytes]] = [_bytes, _lines]
    try:
        json.loads(data)
        changes = [_bytes, _json, _json, _json, _json]
    except ValueError:
        pass
    return rng.choice(changes)(data, rng)


def _json(data: bytes, rng: random.Random) -> bytes:
    """Replace, remove, repeat or move values in JSON."""
    content = json.loads(data)
    for _ in range(rng.choice([1, 1, 1, 2, 5])):
        places = list(_places(content))
        if not places:
            break
        holder, key = rng.choice(places)
        action = rng.choice(['replace', 'replace', 'replace', 'remove', 'repeat', 'move', 'nest'])
        if action == 'replace':
            holder[key] = copy.deepcopy(rng.choice(VALUES))
        elif action == 'remove':
            del holder[key]
        elif action == 'repeat' and isinstance(holder, list):
            holder.insert(key, copy.deepcopy(holder[key]))
        elif action == 'move':
            other, name = rng.choice(places)
            holder[key] = copy.deepcopy(other[name])
        else:
            holder[key] = [holder[key]]
    text = json.dumps(content)
    if rng.random() < 0.02:
        text = '[' * 100_000 + text
    return text.encode()


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else []
    for key in keys:
        yield value, key
        yield from _places(value[key])


def _lines(data: bytes, rng: random.Random) -> bytes:
    """Replace, remove, repeat or cut lines and fields of a text."""
    lines = data.decode('utf-8', 'surrogateescape').splitlines()
    for _ in range(rng.choice([1, 1, 2])):
        k = rng.randrange(max(len(lines), 1))
        separator = rng.choice([',', ' ', '=', '\t'])
        fields = lines[k].split(separator) if lines else ['']
        action = rng.choice(['replace', 'replace', 'replace', 'remove', 'repeat', 'field', 'short', 'swap'])
        if action == 'replace':
            fields[rng.randrange(len(fields))] = rng.choice(FIELDS)
        elif action == 'field':
            fields.append(rng.choice(FIELDS))
        elif action == 'short':
            fields.pop()
        elif action == 'swap':
            rng.shuffle(fields)
        row = [separator.join(fields)]
        lines[k : k + 1] = [] if action == 'remove' else [*row, *row] if action == 'repeat' else row
    return '\n'.join(lines).encode('utf-8', 'surrogateescape')


def _bytes(data: bytes, rng: random.Random) -> bytes:
    """Cut, flip or insert bytes."""
    action = rng.choice(['cut', 'flip', 'zero', 'insert', 'empty', 'double', 'noise', 'mark'])
    at = rng.randrange(len(data) + 1)
    changed = bytearray(data)
    if action == 'cut':
        return data[:at]
    if action == 'flip':
        for _ in range(rng.choice([1, 3, 20])):
            changed[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    elif action == 'zero':
        changed[at:at] = b'\0' * rng.choice([1, 100])
    elif action == 'insert':
        changed[at:at] = rng.randbytes(rng.choice([1, 8]))
    elif action == 'empty':
        return b''
    elif action == 'double':
        return data + data
    elif action == 'noise':
        return rng.randbytes(len(data))
    elif action == 'mark':
        return b'\xef\xbb\xbf' + data
    return bytes(changed)
