"""Masks packed to one bit per pixel, for fast shifts of whole images.

A packed mask is uint64 (H, words), little endian: bit ``x`` of a row is column ``x``. Each row ends in
zero bits, enough that a shift of the flat array by the padding never carries a bit into another row.
"""

import math

import cv2
import numpy as np

_ONE, _CARRY = np.uint64(1), np.uint64(63)


def pack_boundary(mask: np.ndarray, padding: int) -> np.ndarray:
    """Boundary of a mask, packed: pixels that differ from their right, lower or lower-right neighbour.

    Args:
        mask: uint8 0/1 (H, W); its last row and column are replicated beyond the edge.
        padding: minimum number of zero bits at the end of every row.
    """
    h, w = mask.shape
    width = -(-(w + 1 + padding) // 64) * 64
    bits = np.zeros((h + 1, width), np.uint8)
    bits[:h, :w], bits[:h, w] = mask, mask[:, -1]
    bits[h] = bits[h - 1]
    here = _pack(bits)
    right = _towards_origin(here)
    edge = (here ^ right)[:-1] | (here[:-1] ^ here[1:]) | (here[:-1] ^ right[1:])
    return edge & _pack((np.arange(width) < w).view(np.uint8)[None])


def unpack(packed: np.ndarray, width: int) -> np.ndarray:
    """Packed (H, words) to bool (H, width)."""
    return np.unpackbits(packed.view(np.uint8), axis=1, count=width, bitorder='little').view(bool)


def count(packed: np.ndarray) -> int:
    """Number of set bits."""
    return round(cv2.norm(packed.view(np.uint8), cv2.NORM_HAMMING))


def within_radius(packed: np.ndarray, radius: float) -> np.ndarray:
    """Pixels at most ``radius`` (Euclidean) from a set pixel; padding bits are undefined.

    A disk is one horizontal span per row: the rows farthest from the centre have the shortest, so the
    spans grow bit by bit while the row distance falls.
    """
    reach = np.zeros_like(packed)
    span, half_width = packed, 0
    for distance in range(math.floor(radius), -1, -1):
        while half_width < math.isqrt(math.floor(radius * radius) - distance**2):
            span = span | _towards_origin(span) | _away_from_origin(span)
            half_width += 1
        if distance == 0:
            reach |= span
        elif distance < len(span):
            reach[distance:] |= span[:-distance]
            reach[:-distance] |= span[distance:]
    return reach


def _pack(bits: np.ndarray) -> np.ndarray:
    return np.packbits(bits, axis=1, bitorder='little').view('<u8')


def _towards_origin(packed: np.ndarray) -> np.ndarray:
    """Shift every column to the left by one."""
    flat = packed.ravel()
    shifted = flat >> _ONE
    shifted[:-1] |= flat[1:] << _CARRY
    return shifted.reshape(packed.shape)


def _away_from_origin(packed: np.ndarray) -> np.ndarray:
    """Shift every column to the right by one."""
    flat = packed.ravel()
    shifted = flat << _ONE
    shifted[1:] |= flat[:-1] >> _CARRY
    return shifted.reshape(packed.shape)
