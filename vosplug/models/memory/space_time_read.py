"""Space-time readout: similarity of query and memory keys, affinity, and readout of values."""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor


def squared_distance_similarity(memory_key: Tensor, query_key: Tensor) -> Tensor:
    """Negative squared distance of every query and memory position, over the root of the width.

    Cheng et al. 2021 (STCN), Sec. 3.3; the query's own norm is omitted, since the softmax over the memory
    cancels it.

    Args:
        memory_key: (B, C, M).
        query_key: (B, C, Q).

    Returns:
        Tensor: (B, Q, M).
    """
    cross = query_key.transpose(1, 2) @ memory_key
    return (2 * cross - memory_key.square().sum(1, keepdim=True)) / math.sqrt(memory_key.shape[1])


def dot_similarity(memory_key: Tensor, query_key: Tensor) -> Tensor:
    """Inner product of every query and memory position, over the root of the width.

    Oh et al. 2019, eq. 2; the root is their published network's.

    Args:
        memory_key: (B, C, M).
        query_key: (B, C, Q).

    Returns:
        Tensor: (B, Q, M).
    """
    return query_key.transpose(1, 2) @ memory_key / math.sqrt(memory_key.shape[1])


def anisotropic_similarity(
    memory_key: Tensor, shrinkage: Tensor, query_key: Tensor, selection: Tensor
) -> Tensor:
    """Negative squared distance, weighted per channel by the query and per position by the memory.

    Cheng & Schwing 2022 (XMem), eq. 2, over the root of the width.

    Args:
        memory_key: (B, C, M).
        shrinkage: (B, M), at least 1.
        query_key: (B, C, Q).
        selection: (B, C, Q), in [0, 1].

    Returns:
        Tensor: (B, Q, M), at most 0.
    """
    chosen = selection.transpose(1, 2)
    weighted = (query_key * selection).transpose(1, 2)
    own = (weighted * query_key.transpose(1, 2)).sum(-1, keepdim=True)
    distance = chosen @ memory_key.square() - 2 * weighted @ memory_key + own
    return -distance * shrinkage.unsqueeze(1) / math.sqrt(memory_key.shape[1])


def match_weights(similarity: Tensor, top_k: int | None = None) -> tuple[Tensor, Tensor | None]:
    """Softmax over the memory, or over its best ``top_k`` positions.

    The largest similarity is subtracted first, so the weights are always finite.

    Args:
        similarity: (B, Q, M).
        top_k: use only the best ``top_k`` positions of a query (Cheng et al. 2021, MiVOS).

    Returns:
        tuple[Tensor, Tensor | None]: weights (B, Q, M) and None, or (B, Q, k) and their positions.
    """
    if top_k is None or top_k >= similarity.shape[-1]:
        return similarity.softmax(-1), None
    best, where = similarity.topk(top_k, sorted=False)
    return best.softmax(-1), where


def read_values(values: Tensor, weights: Tensor, where: Tensor | None) -> Tensor:
    """Values (B, C, M) averaged by the weights of :func:`match_weights`, (B, C, Q)."""
    if where is None:
        return values @ weights.transpose(1, 2)
    # gathering is faster than a dense product for large M
    batch, queries = where.shape[:2]
    first = values.shape[-1] * torch.arange(batch, device=where.device).view(-1, 1, 1)
    table = values.transpose(1, 2).flatten(0, 1)
    # under autocast the softmax is in float32, the values are not
    rows, shares = (where + first).flatten(0, 1), weights.flatten(0, 1).to(table.dtype)
    read = F.embedding_bag(rows, table, per_sample_weights=shares, mode='sum')
    return read.unflatten(0, (batch, queries)).transpose(1, 2)


def usage_of(weights: Tensor, where: Tensor | None, size: int) -> Tensor:
    """Usage of every memory position: its weights summed over the queries, (B, ``size``)."""
    if where is None:
        return weights.sum(1)
    used = weights.new_zeros(weights.shape[0], size)
    return used.scatter_add_(1, where.flatten(1), weights.flatten(1))


def space_time_read(similarity: Tensor, values: Tensor, top_k: int | None = None) -> Tensor:
    """Readout: values averaged by the softmax of their similarity to each query position.

    Args:
        similarity: (B, Q, M).
        values: (B, C, M).
        top_k: see :func:`match_weights`.

    Returns:
        Tensor: (B, C, Q).
    """
    return read_values(values, *match_weights(similarity, top_k))


def read_objects(
    similarity: Callable[[Tensor, Tensor], Tensor],
    keys: Tensor,
    values: Tensor,
    query_key: Tensor,
    top_k: int | None = None,
) -> Tensor:
    """Readout of every object's memory for the query, with keys shared by objects or separate ones.

    Args:
        similarity: of keys (B, C, M) and queries (B, C, Q), (B, Q, M).
        keys: (B, G, C, M), with G = 1 if the N objects share them, otherwise G = N.
        values: (B, N, Cv, M).
        query_key: (B, C, Q).
        top_k: see :func:`match_weights`.

    Returns:
        Tensor: (B, N, Cv, Q).
    """
    batch, groups = keys.shape[:2]
    found = similarity(keys.flatten(0, 1), query_key.repeat_interleave(groups, 0))
    stored = values.reshape(batch * groups, -1, values.shape[-1])
    return space_time_read(found, stored, top_k).reshape(*values.shape[:3], -1)
