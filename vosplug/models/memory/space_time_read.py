"""Matching a query frame against remembered ones."""

import math

import torch.nn.functional as F
from torch import Tensor


def squared_distance_similarity(memory_key: Tensor, query_key: Tensor) -> Tensor:
    """Negative squared distance of every query and memory position, over the root of the width.

    Cheng et al. 2021 (STCN), Sec. 3.3; the query's own norm is left out since a softmax over the memory
    cancels it.

    Args:
        memory_key: (B, C, M).
        query_key: (B, C, Q).

    Returns:
        Tensor: (B, Q, M).
    """
    cross = query_key.transpose(1, 2) @ memory_key
    return (2 * cross - memory_key.square().sum(1, keepdim=True)) / math.sqrt(memory_key.shape[1])


def space_time_read(similarity: Tensor, values: Tensor, top_k: int | None = None) -> Tensor:
    """Values averaged by the softmax of their similarity to each query position.

    Args:
        similarity: (B, Q, M).
        values: (B, C, M).
        top_k: only the best so many memory positions of a query count (Cheng et al. 2021, MiVOS); the
            weights are then looked up, not multiplied out, which pays where M is large.

    Returns:
        Tensor: (B, C, Q).
    """
    if top_k is None or top_k >= similarity.shape[-1]:
        return values @ similarity.softmax(-1).transpose(1, 2)
    best, where = similarity.topk(top_k, sorted=False)
    batch, queries, memory = similarity.shape
    rows = where + memory * where.new_tensor(range(batch)).view(-1, 1, 1)
    table = values.transpose(1, 2).flatten(0, 1)
    weights = best.softmax(-1).flatten(0, 1)
    read = F.embedding_bag(rows.flatten(0, 1), table, per_sample_weights=weights, mode='sum')
    return read.unflatten(0, (batch, queries)).transpose(1, 2)
