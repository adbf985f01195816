"""Boxes: forms, overlaps, and suppression of what is not the highest of its overlaps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Indices = NDArray[np.intp]

MOST_CANDIDATES = 1000
"""Of one frame, before suppression; more are a model that has seen nothing clearly."""


def corners(centred: Floats) -> Floats:
    """n × 4 of centre x, centre y, width, height as left, top, right, bottom."""
    half = centred[:, 2:4] / 2
    return np.concatenate([centred[:, :2] - half, centred[:, :2] + half], axis=1)


def overlaps(box: Floats, others: Floats) -> Floats:
    """Intersection over union of a box with n others (left, top, right, bottom)."""
    width = np.minimum(box[2], others[:, 2]) - np.maximum(box[0], others[:, 0])
    height = np.minimum(box[3], others[:, 3]) - np.maximum(box[1], others[:, 1])
    shared = np.maximum(width, 0) * np.maximum(height, 0)
    area = (box[2] - box[0]) * (box[3] - box[1])
    areas = (others[:, 2] - others[:, 0]) * (others[:, 3] - others[:, 1])
    union: Floats = area + areas - shared
    found: Floats = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    return found


def overlap_matrix(boxes: Floats) -> Floats:
    """Intersection over union of n boxes with each other: n × n."""
    low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    shared = np.maximum(high - low, 0).prod(axis=2)
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    union = areas[:, None] + areas[None, :] - shared
    found: Floats = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    return found


def suppress(
    boxes: Floats,
    scores: Floats,
    classes: NDArray[np.int64],
    iou: float,
    per_class: bool,
    most: int,
) -> Indices:
    """Indices of the boxes to keep, highest score first (greedy non-maximum suppression).

    Args:
        iou: a box that overlaps a kept one by more is dropped.
        per_class: only where both are of the same class.
        most: boxes to keep at most.
    """
    order = np.argsort(-scores, kind="stable")[:MOST_CANDIDATES]
    if per_class and len(order):
        # Classes are moved apart, so that boxes of different ones never overlap.
        span = float(boxes[order].max() - min(0.0, float(boxes[order].min()))) + 1
        boxes = boxes + (classes * np.float32(span)).astype(np.float32)[:, None]
    chosen = boxes[order]
    over = overlap_matrix(chosen) > iou
    alive, kept = np.ones(len(order), bool), []
    for place in range(len(order)):
        if alive[place]:
            kept.append(place)
            if len(kept) == most:
                break
            alive &= ~over[place]
    return order[kept]
