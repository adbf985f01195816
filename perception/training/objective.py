"""What training minimises: task-aligned assignment, soft targets, and DIoU of boxes.

Task alignment: Feng et al., "TOOD" (2021). DIoU: Zheng et al. (2020).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

TOP = 10
CLASS_POWER, BOX_POWER = 0.5, 6.0


@dataclass(frozen=True)
class Truth:
    """What a batch of pictures shows, padded to the same number.

    Attributes:
        boxes: [b, n, 4] x0, y0, x1, y1 in pixels of the input.
        classes: [b, n].
        counted: [b, n] 1 where it counts.
        ignored: [b, n] 1 where it neither counts nor costs.
    """

    boxes: Tensor
    classes: Tensor
    counted: Tensor
    ignored: Tensor


def overlap(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """Intersection over union of boxes [..., 4], and the area of what holds both."""
    low = torch.maximum(a[..., :2], b[..., :2])
    high = torch.minimum(a[..., 2:], b[..., 2:])
    both = (high - low).clamp(min=0).prod(-1)
    area = (a[..., 2:] - a[..., :2]).clamp(min=0).prod(-1)
    area = area + (b[..., 2:] - b[..., :2]).clamp(min=0).prod(-1) - both
    span = torch.maximum(a[..., 2:], b[..., 2:]) - torch.minimum(a[..., :2], b[..., :2])
    return both / (area + 1e-7), span.square().sum(-1) + 1e-7


def distance_overlap(a: Tensor, b: Tensor) -> Tensor:
    """DIoU of boxes [..., 4]."""
    share, diagonal = overlap(a, b)
    apart = ((a[..., :2] + a[..., 2:]) - (b[..., :2] + b[..., 2:])).square().sum(-1) / 4
    return share - apart / diagonal


def _inside(centres: Tensor, reach: Tensor, boxes: Tensor) -> Tensor:
    """[b, n, a] whether a cell's middle is in a box, or within `reach` of a small box's middle."""
    middle = (boxes[..., :2] + boxes[..., 2:]) / 2
    half = (boxes[..., 2:] - boxes[..., :2]) / 2
    away = (centres[None, None] - middle[:, :, None]).abs()
    least = torch.maximum(half[:, :, None], reach[None, None, :, None])
    return (away < least).all(-1)


@torch.no_grad()
def assign(
    logits: Tensor, boxes: Tensor, truth: Truth, centres: Tensor, strides: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Which cell answers for which thing.

    Returns:
        [b, a] index of the thing, [b, a] whether the cell answers for one, [b, a] its soft target.
    """
    inside = _inside(centres, strides * 0.75, truth.boxes) & truth.counted[..., None].bool()
    share, _ = overlap(truth.boxes[:, :, None], boxes[:, None])
    share = share * inside
    index = truth.classes[:, :, None].expand(-1, -1, logits.shape[1])
    scores = logits.sigmoid().transpose(1, 2).gather(1, index)
    aligned = scores.pow(CLASS_POWER) * share.pow(BOX_POWER)
    aligned = aligned + inside * 1e-9
    best = aligned.topk(min(TOP, aligned.shape[-1]), dim=-1)
    chosen = torch.zeros_like(aligned).scatter_(-1, best.indices, 1.0) * inside
    contested = chosen.sum(1) > 1
    closest = share.argmax(1)
    only = functional.one_hot(closest, share.shape[1]).transpose(1, 2)
    chosen = torch.where(contested[:, None], only * chosen.amax(1, keepdim=True), chosen)
    aligned = aligned * chosen
    peak = aligned.amax(-1, keepdim=True)
    top_share = (share * chosen).amax(-1, keepdim=True)
    soft = (aligned / (peak + 1e-9) * top_share).amax(1)
    return chosen.argmax(1), chosen.sum(1) > 0, soft


def losses(
    logits: Tensor, boxes: Tensor, truth: Truth, centres: Tensor, strides: Tensor
) -> tuple[Tensor, Tensor]:
    """Loss of classes and of boxes, each per unit of soft target."""
    which, positive, soft = assign(logits, boxes, truth, centres, strides)
    classes = truth.classes.gather(1, which)
    target = torch.zeros_like(logits)
    target.scatter_(-1, classes[..., None], (soft * positive)[..., None])
    excused = (_inside(centres, strides * 0.0, truth.boxes) & truth.ignored[..., None].bool()).any(
        1
    )
    weight = (positive | ~excused).float()[..., None]
    total = soft[positive].sum().clamp(min=1.0)
    class_loss = functional.binary_cross_entropy_with_logits(
        logits, target, weight, reduction="sum"
    )
    wanted = truth.boxes.gather(1, which[..., None].expand(-1, -1, 4))[positive]
    box_loss = ((1 - distance_overlap(boxes[positive], wanted)) * soft[positive]).sum()
    return class_loss / total, box_loss / total
