"""Makes a model's input from a frame, and finds the way back from its pixels to the frame's."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from perception.runtime.card import Colour, Dtype, Fit, InputCard, Layout
from perception.runtime.frame import Frame

Boxes = NDArray[np.float32]
"""n × 4: left, top, right, bottom, in pixels; a pixel's middle is at its number plus a half."""


@dataclass(frozen=True)
class Placement:
    """Where the frame lies in the model's input: input = frame * scale + offset, in pixels."""

    scale_x: float
    scale_y: float
    left: float
    top: float
    frame_size: tuple[int, int]

    def to_frame(self, boxes: Boxes) -> Boxes:
        """Boxes of the input as boxes of the frame, cut to it."""
        height, width = self.frame_size
        out = np.empty((len(boxes), 4), np.float32)
        for first, offset, scale, end in (
            (0, self.left, self.scale_x, width),
            (1, self.top, self.scale_y, height),
        ):
            out[:, first::2] = np.clip((boxes[:, first::2] - offset) / scale, 0, end)
        return out


class Preprocessor:
    """Fills one input array, again and again; not for two threads at once."""

    def __init__(self, asked: InputCard) -> None:
        self._asked = asked
        height, width = asked.size
        shape = (1, 3, height, width) if asked.layout is Layout.NCHW else (1, height, width, 3)
        self._tensor = np.zeros(shape, np.dtype(asked.dtype.value))
        self._canvas = np.full((height, width, 3), asked.pad, np.uint8)
        self._placed: Placement | None = None
        mean, std = (np.asarray(each, np.float32) for each in (asked.mean, asked.std))
        self._gain = (np.float32(asked.scale) / std).astype(np.float32)
        self._shift = (-mean / std).astype(np.float32)

    def __call__(self, frame: Frame) -> tuple[NDArray[np.generic], Placement]:
        """The model's input, valid until the next call, and where the frame lies in it."""
        placement = self._placed
        if placement is None or placement.frame_size != frame.size:
            placement = self._placed = place(frame.size, self._asked)
            self._canvas[:] = self._asked.pad
        height = max(1, round(frame.size[0] * placement.scale_y))
        width = max(1, round(frame.size[1] * placement.scale_x))
        top, left = int(placement.top), int(placement.left)
        target = self._canvas[top : top + height, left : left + width]
        if (height, width) == frame.size:
            target[:] = frame.image
        else:
            target[:] = cv2.resize(frame.image, (width, height), interpolation=cv2.INTER_LINEAR)
        self._fill()
        return self._tensor, placement

    def _fill(self) -> None:
        asked, canvas = self._asked, self._canvas
        channels = (2, 1, 0) if asked.colour is Colour.BGR else (0, 1, 2)
        planes = self._tensor[0] if asked.layout is Layout.NCHW else None
        for place_, channel in enumerate(channels):
            out = self._tensor[0, :, :, place_] if planes is None else planes[place_]
            plane = cv2.extractChannel(canvas, channel)
            if asked.dtype is Dtype.UINT8:
                out[:] = plane
                continue
            # The mean and deviation of a channel stand in the order of the model's channels.
            np.multiply(plane, self._gain[place_], out=out, casting="unsafe")
            if self._shift[place_]:
                out += self._shift[place_]


def place(frame_size: tuple[int, int], asked: InputCard) -> Placement:
    """Where a frame of a height and width comes to lie in a model's input.

    Sizes and margins are rounded as Ultralytics and YOLOX do; the scales are those of the rounded
    size, so that the way back is exact.
    """
    height, width = asked.size
    if asked.fit is Fit.STRETCH:
        return Placement(width / frame_size[1], height / frame_size[0], 0.0, 0.0, frame_size)
    ratio = min(height / frame_size[0], width / frame_size[1])
    if asked.fit is Fit.LETTERBOX_CORNER:
        inner = max(1, int(frame_size[0] * ratio)), max(1, int(frame_size[1] * ratio))
        top = left = 0
    else:
        inner = max(1, round(frame_size[0] * ratio)), max(1, round(frame_size[1] * ratio))
        top = round((height - inner[0]) / 2 - 0.1)
        left = round((width - inner[1]) / 2 - 0.1)
    return Placement(
        inner[1] / frame_size[1], inner[0] / frame_size[0], float(left), float(top), frame_size
    )
