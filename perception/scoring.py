"""How well detections fit labels: average precision, recall by size (PASCAL VOC's definitions)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from perception.roles import Role
from perception.runtime.boxes import overlaps
from perception.runtime.detector import Box, Detections

Floats = NDArray[np.float64]

IOU = 0.5
SIZES_PX = (0.0, 8.0, 16.0, 32.0, 64.0, 128.0)
"""Bounds of the classes of size: the square root of a box's area in the model's input."""


@dataclass(frozen=True)
class Truth:
    """A labelled thing.

    Attributes:
        counts: false: too small or too hidden; who finds it is neither right nor wrong.
        size_px: square root of its area in the model's input.
    """

    role: Role
    box_px: Box
    size_px: float
    counts: bool = True


@dataclass
class RoleScore:
    """What has been found of a role, over all pictures.

    Attributes:
        scores, right: of each detection that counts, whether it was right.
        sizes_px, found: of each labelled thing, whether it was found at the threshold.
    """

    scores: list[float] = field(default_factory=list)
    right: list[bool] = field(default_factory=list)
    sizes_px: list[float] = field(default_factory=list)
    found: list[bool] = field(default_factory=list)

    @property
    def labelled(self) -> int:
        """Things that count."""
        return len(self.sizes_px)

    def curve(self) -> tuple[Floats, Floats]:
        """Recall and precision, from the highest score down."""
        order = np.argsort(-np.asarray(self.scores), kind="stable")
        hits = np.cumsum(np.asarray(self.right, float)[order])
        recall = hits / max(self.labelled, 1)
        precision = hits / np.arange(1, len(hits) + 1)
        return recall, precision

    @property
    def average_precision(self) -> float:
        """Area under the precision that is reached at a recall or beyond; NaN without labels."""
        if not self.labelled:
            return float("nan")
        recall, precision = self.curve()
        if not len(recall):
            return 0.0
        best = np.maximum.accumulate(precision[::-1])[::-1]
        return float(np.sum(np.diff(np.concatenate([[0.0], recall])) * best))

    def recall_by_size(self) -> list[dict[str, float]]:
        """Share found at the threshold, by classes of size that have labels."""
        sizes, found = np.asarray(self.sizes_px), np.asarray(self.found, float)
        rows = []
        for low, high in zip(SIZES_PX, (*SIZES_PX[1:], np.inf), strict=True):
            here = (sizes >= low) & (sizes < high)
            if here.any():
                recall = float(found[here].mean())
                rows.append({"from_px": low, "labelled": int(here.sum()), "recall": recall})
        return rows

    @property
    def recall(self) -> float:
        """Share found at the threshold; NaN without labels."""
        return float(np.mean(self.found)) if self.found else float("nan")


def score_pictures(
    pictures: Iterable[tuple[Detections, Sequence[Truth]]],
) -> dict[Role, RoleScore]:
    """Scores by role.

    A detection takes the label of its role with which it overlaps most, if by IOU and if no higher
    score has taken it; one that only fits a label that does not count is left aside.
    """
    found: dict[Role, RoleScore] = {}
    for detections, truths in pictures:
        roles = {each.role for each in detections.things} | {each.role for each in truths}
        for role in roles:
            _score_role(detections, [each for each in truths if each.role is role], role, found)
    return found


def _score_role(
    detections: Detections, truths: Sequence[Truth], role: Role, found: dict[Role, RoleScore]
) -> None:
    score = found.setdefault(role, RoleScore())
    boxes = np.asarray([each.box_px for each in truths], np.float32).reshape(-1, 4)
    counted = np.asarray([each.counts for each in truths], bool)
    taken, sure = np.zeros(len(truths), bool), np.zeros(len(truths), bool)
    for thing in detections.things:
        if thing.role is not role:
            continue
        fits = overlaps(np.asarray(thing.box_px, np.float32), boxes)
        free = np.where(taken | ~counted, 0.0, fits)
        if len(free) and free.max() >= IOU:
            best = int(free.argmax())
            taken[best] = True
            sure[best] = thing.seen
            score.scores.append(thing.score)
            score.right.append(True)
        elif not len(fits) or not (fits[~counted] >= IOU).any():
            score.scores.append(thing.score)
            score.right.append(False)
    for number in np.flatnonzero(counted).tolist():
        score.sizes_px.append(truths[number].size_px)
        score.found.append(bool(sure[number]))


def mean_average_precision(scores: dict[Role, RoleScore]) -> float:
    """Mean over the roles that have labels; NaN without any."""
    values = [each.average_precision for each in scores.values() if each.labelled]
    return float(np.mean(values)) if values else float("nan")


def size_of(box: Box, scale: float = 1.0) -> float:
    """Square root of a box's area, scaled to the model's input."""
    left, top, right, bottom = box
    return sqrt(max(0.0, right - left) * max(0.0, bottom - top)) * scale
