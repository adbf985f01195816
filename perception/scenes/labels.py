"""Boxes of what a picture shows: tight about what is visible, with how much that is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from perception.scenes.assembly import Assembled
from perception.scenes.renderer import Drawn


@dataclass(frozen=True)
class Label:
    """One thing in one picture.

    Attributes:
        box: x0, y0, x1, y1 in pixels, tight about what is visible.
        visibility: visible pixels as a share of those of the whole thing, 0 to 1; what the edge of
            the picture cuts off is not visible. 0: so near that it cannot be measured.
        number: of the thing in the scene, from 1.
    """

    role: str
    box: tuple[float, float, float, float]
    visibility: float
    pixels: int
    number: int


def labels_of(drawn: Drawn, assembled: Assembled) -> list[Label]:
    """The labels of a picture, in the order of the things' numbers."""
    numbers = drawn.numbers.astype(np.int32)
    counts = np.bincount(numbers.ravel(), minlength=len(assembled.labelled) + 1)
    found = []
    slices = ndimage.find_objects(numbers, max_label=len(assembled.labelled))
    for number, where in enumerate(slices, start=1):
        if where is None:
            continue
        rows, columns = where
        whole = drawn.whole_px[number]
        share = min(1.0, counts[number] / whole) if np.isfinite(whole) and whole > 0 else 0.0
        role = assembled.labelled[number - 1].role
        assert role is not None
        box = (float(columns.start), float(rows.start), float(columns.stop), float(rows.stop))
        found.append(Label(role, box, float(share), int(counts[number]), number))
    return found
