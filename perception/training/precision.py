"""Average precision of detections by class, as PASCAL VOC 2010 has it: the area under the curve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class ClassFigures:
    """What has been measured of one class.

    Attributes:
        things: how many counted.
        ap50: average precision at an overlap of one half; nan without things.
        recall: share of the things found with `score` or more.
        precision: share of the detections with `score` or more that are right.
        score: at which recall and precision balance best (F1).
    """

    things: int
    ap50: float
    recall: float
    precision: float
    score: float


def overlaps(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """[n, m] intersection over union of boxes x0, y0, x1, y1."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    both = np.clip(high - low, 0, None).prod(2)
    area = [np.clip(each[:, 2:] - each[:, :2], 0, None).prod(1) for each in (a, b)]
    share = both / np.maximum(area[0][:, None] + area[1][None] - both, 1e-9)
    return np.asarray(share, np.float32)


def matched(
    boxes: NDArray[np.float32],
    scores: NDArray[np.float32],
    truth: NDArray[np.float32],
    counted: NDArray[np.bool_],
    least: float = 0.5,
) -> NDArray[np.int8]:
    """[n] of the detections of one class in one picture: 1 right, 0 wrong, -1 left out.

    The best scored detection takes a thing first; what lies on something that does not count is
    left out, as in COCO.
    """
    result = np.zeros(len(boxes), np.int8)
    if not len(truth):
        return result
    share = overlaps(boxes, truth)
    free = np.ones(len(truth), bool)
    for index in np.argsort(-scores, kind="stable"):
        fit = np.where(free & counted, share[index], 0.0)
        best = int(fit.argmax())
        if fit[best] >= least:
            free[best] = False
            result[index] = 1
        elif (share[index][~counted] >= least).any() or _covered(boxes[index], truth[~counted]):
            result[index] = -1
    return result


def _covered(box: NDArray[np.float32], ignored: NDArray[np.float32]) -> bool:
    """Whether most of a detection lies in something that does not count."""
    if not len(ignored):
        return False
    low, high = np.maximum(box[:2], ignored[:, :2]), np.minimum(box[2:], ignored[:, 2:])
    both = np.clip(high - low, 0, None).prod(1)
    return bool((both / max(float((box[2:] - box[:2]).prod()), 1e-9) > 0.7).any())


def figures(scores: NDArray[np.float32], right: NDArray[np.int8], things: int) -> ClassFigures:
    """Figures of one class from its detections in all pictures."""
    kept = right >= 0
    order = np.argsort(-scores[kept], kind="stable")
    hits = np.cumsum(right[kept][order] == 1)
    if not things or not len(hits):
        return ClassFigures(things, float("nan") if not things else 0.0, 0.0, 0.0, 1.0)
    recall = hits / things
    precision = hits / np.arange(1, len(hits) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    steps = np.diff(np.concatenate([[0.0], recall]))
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-9)
    best = int(f1.argmax())
    return ClassFigures(
        things,
        float((steps * envelope).sum()),
        float(recall[best]),
        float(precision[best]),
        float(scores[kept][order][best]),
    )
