"""Deterministic weights and inputs for the golden cases (numpy only).

fill(key, shape, gain) gives one state-dict tensor as float32 from its own key
and shape.  `gain` is a per-case table {regex: factor}; every regex that
re.search-matches the key multiplies the drawn tensor (see each case's .json,
field "gain"; empty = none).
"""

import re
import zlib

import numpy as np


def fill(key, shape, gain=None):
    shape = tuple(int(s) for s in shape)
    rng = np.random.default_rng(zlib.crc32(key.encode()))
    leaf = key.rsplit('.', 1)[-1]
    if leaf == 'num_batches_tracked':
        return np.zeros(shape, np.int64)
    if leaf == 'running_var':
        w = rng.uniform(0.5, 1.5, shape)
    elif leaf == 'running_mean' or leaf == 'bias':
        w = rng.standard_normal(shape) * 0.1
    elif leaf == 'weight' and len(shape) == 1:
        w = rng.uniform(0.5, 1.5, shape)
    else:  # conv / linear weights and free parameters
        fan_in = max(int(np.prod(shape[1:])), 1)
        w = rng.standard_normal(shape) * np.sqrt(1.0 / fan_in)
    for pat, g in (gain or {}).items():
        if re.search(pat, key):
            w = w * g
    return w.astype(np.float32)


def fill_state_dict(shapes, gain=None, keep=()):
    """shapes: {key: shape} -> {key: ndarray}; keys matching `keep` are skipped."""
    return {k: fill(k, s, gain) for k, s in shapes.items() if not any(re.search(p, k) for p in keep)}


def randn(seed, shape, scale=1.0, shift=0.0):
    """Standard-normal input tensor, float32."""
    return (np.random.default_rng(seed).standard_normal(shape) * scale + shift).astype(np.float32)


def rand(seed, shape, lo=0.0, hi=1.0):
    """Uniform input tensor, float32."""
    return np.random.default_rng(seed).uniform(lo, hi, shape).astype(np.float32)


def smooth_noise(rng, h, w, cells):
    """Bilinear up-sampling of a coarse random grid, values in [0, 1]. (h, w, 3) float64."""
    g = rng.uniform(0, 1, (cells + 1, cells + 1, 3))
    y = np.linspace(0, cells, h, endpoint=False)
    x = np.linspace(0, cells, w, endpoint=False)
    y0, x0 = y.astype(int), x.astype(int)
    fy, fx = (y - y0)[:, None, None], (x - x0)[None, :, None]
    a, b = g[y0][:, x0], g[y0][:, x0 + 1]
    c, d = g[y0 + 1][:, x0], g[y0 + 1][:, x0 + 1]
    return (a * (1 - fx) + b * fx) * (1 - fy) + (c * (1 - fx) + d * fx) * fy


def moving_rects(seed, n_frames, h, w, n_obj):
    """Synthetic clip: textured rectangles moving over a textured background.

    Returns frames uint8 (T, H, W, 3) and index masks uint8 (T, H, W), values
    0..n_obj; later objects are painted over earlier ones.
    """
    rng = np.random.default_rng(seed)
    bg = smooth_noise(rng, h, w, 12) * 0.7 + rng.uniform(0, 0.3, (h, w, 3))
    objs = []
    for _ in range(n_obj):
        oh, ow = int(rng.integers(h // 4, h // 2)), int(rng.integers(w // 5, w // 3))
        tex = smooth_noise(rng, oh, ow, 4) * 0.4 + rng.uniform(0.0, 0.5, 3) + rng.uniform(0, 0.1, (oh, ow, 3))
        y, x = rng.uniform(0, h - oh), rng.uniform(0, w - ow)
        vy, vx = rng.uniform(-2.5, 2.5, 2)
        objs.append([tex, oh, ow, y, x, vy, vx])
    frames, masks = [], []
    for _ in range(n_frames):
        f, m = bg.copy(), np.zeros((h, w), np.uint8)
        for i, o in enumerate(objs):
            tex, oh, ow, y, x, vy, vx = o
            yi, xi = int(round(y)), int(round(x))
            f[yi : yi + oh, xi : xi + ow] = tex
            m[yi : yi + oh, xi : xi + ow] = i + 1
            if not 0 <= y + vy <= h - oh:
                vy = -vy
            if not 0 <= x + vx <= w - ow:
                vx = -vx
            o[3:] = [y + vy, x + vx, vy, vx]
        frames.append(np.clip(f * 255, 0, 255).astype(np.uint8))
        masks.append(m)
    return np.stack(frames), np.stack(masks)


IMAGENET_MEAN = np.array([0.485, 0.456, 0.406], np.float32)
IMAGENET_STD = np.array([0.229, 0.224, 0.225], np.float32)


def to_chw01(frames):
    """uint8 (T,H,W,3) -> float32 (T,3,H,W) in [0,1]."""
    return np.ascontiguousarray(frames.astype(np.float32).transpose(0, 3, 1, 2) / np.float32(255))


def normalise(frames):
    """uint8 (T,H,W,3) -> float32 (T,3,H,W), ImageNet mean/std."""
    x = to_chw01(frames)
    return (x - IMAGENET_MEAN[:, None, None]) / IMAGENET_STD[:, None, None]


def onehot(masks, n_obj):
    """(T,H,W) -> (T,n_obj,H,W) float32, no background plane."""
    return np.stack([(masks == i + 1) for i in range(n_obj)], 1).astype(np.float32)
