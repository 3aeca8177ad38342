"""Small video files with rotation, variable frame rate, audio and damage."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

SIZE = (48, 64)


def numbered(t: int, size: tuple[int, int] = SIZE) -> np.ndarray:
    """A BGR frame with its index in binary, as eight grey or white blocks."""
    frame = np.full((*size, 3), 60, np.uint8)
    for bit in range(8):
        frame[16:32, 8 * bit : 8 * bit + 8] = 220 if t >> bit & 1 else 20
    return frame


def index_of(frame: np.ndarray) -> int:
    return sum((frame[18:30, 8 * bit + 2 : 8 * bit + 6].mean() > 120) << bit for bit in range(8))


def textured(t: int, size: tuple[int, int] = SIZE) -> np.ndarray:
    """A BGR frame of a moving texture with its number."""
    coarse = np.random.default_rng(0).integers(0, 255, (6, 8, 3), dtype=np.uint8)
    frame = np.roll(cv2.resize(coarse, size[::-1], interpolation=cv2.INTER_CUBIC), 3 * t, 1)
    return cv2.putText(frame.copy(), str(t), (8, 32), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (255, 255, 255), 2)


def write_video(
    path: Path,
    frames: Sequence[np.ndarray],
    fps: Fraction = Fraction(25),
    codec: str = 'libx264',
    pts: Sequence[int] | None = None,
    time_base: Fraction | None = None,
    options: dict[str, str] | None = None,
    audio: str | None = None,
) -> Path:
    """A video of the frames, with a tone of the same length in an audio codec if asked for."""
    height, width = frames[0].shape[:2]
    time_base = time_base or 1 / fps
    with av.open(str(path), 'w') as file:
        stream = file.add_stream(codec, rate=fps)
        stream.width, stream.height, stream.pix_fmt = width, height, 'yuv420p'
        stream.time_base = stream.codec_context.time_base = time_base
        stream.options = options or {'crf': '10'}
        tone = file.add_stream(audio, rate=8000, layout='mono') if audio else None
        for t, image in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(image, format='bgr24')
            frame.pts, frame.time_base = pts[t] if pts else t, time_base
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
        if tone is not None:
            seconds = float((pts[-1] if pts else len(frames)) * time_base)
            wave = np.sin(2 * np.pi * 440 * np.arange(int(8000 * seconds)) / 8000)
            for start in range(0, len(wave) - 1023, 1024):
                block = (20000 * wave[None, start : start + 1024]).astype(np.int16)
                sound = av.AudioFrame.from_ndarray(block, format='s16', layout='mono')
                sound.sample_rate, sound.pts = 8000, start
                file.mux(tone.encode(sound))
            file.mux(tone.encode(None))
    return path


def rotate(path: Path, target: Path, degrees: int) -> Path:
    """A copy that asks to be shown rotated."""
    with av.open(str(path)) as file, av.open(str(target), 'w') as copy:
        stream = file.streams.video[0]
        turned = copy.add_stream_from_template(stream)
        turned.set_display_rotation(degrees)
        for packet in file.demux(stream):
            if packet.dts is not None:
                packet.stream = turned
                copy.mux(packet)
    return target


def packets(path: Path) -> list[tuple[int, int, Fraction]]:
    """Position, size and time of every packet, in the order of the file."""
    with av.open(str(path)) as file:
        return [(p.pos, p.size, p.pts * p.time_base) for p in file.demux(video=0) if p.size]


def damage(path: Path, target: Path, *which: int) -> Path:
    """A copy in which some packets are zeros."""
    data = bytearray(path.read_bytes())
    found = packets(path)
    for k in which:
        start, size, _ = found[k]
        data[start : start + size] = bytes(size)
    target.write_bytes(data)
    return target
