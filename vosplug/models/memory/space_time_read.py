"""Matching a query frame against remembered ones."""

import math

from torch import Tensor


def squared_distance_similarity(memory_key: Tensor, query_key: Tensor) -> Tensor:
    """Negative squared distance of every memory and query position, over the root of the width.

    Cheng et al. 2021 (STCN), Sec. 3.3; the query's own norm is left out since a softmax over the memory
    cancels it.

    Args:
        memory_key: (B, C, M).
        query_key: (B, C, Q).

    Returns:
        Tensor: (B, M, Q).
    """
    cross = memory_key.transpose(1, 2) @ query_key
    return (2 * cross - memory_key.square().sum(1).unsqueeze(-1)) / math.sqrt(memory_key.shape[1])


def space_time_affinity(similarity: Tensor, top_k: int | None = None) -> Tensor:
    """Weights of the memory positions for every query position; each column sums to 1.

    Args:
        similarity: (B, M, Q).
        top_k: keep only the best so many memory positions per query (Cheng et al. 2021, MiVOS).

    Returns:
        Tensor: (B, M, Q).
    """
    if top_k is None or top_k >= similarity.shape[1]:
        return similarity.softmax(1)
    best, where = similarity.topk(top_k, dim=1)
    return similarity.new_zeros(similarity.shape).scatter_(1, where, best.softmax(1))
