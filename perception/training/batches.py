"""Batches of pictures with what they show, varied anew each time."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from perception.evaluate import LEAST_SIZE_PX
from perception.training.configuration import Configuration
from perception.training.dataset import PAD, Shard, counts
from perception.training.objective import Truth

Rng = np.random.Generator
ANY_PICTURE = 0.15  # of balanced batches: pictures as they come, also with nothing in them
LEAST_LEFT = 0.5  # of a box, when a picture is moved out of the frame: less is ignored


class Batches:
    """Draws batches of a split; the same step gives the same batch.

    Args:
        size: height and width of the pictures of a batch.
        balanced: each role is drawn as often as any other, and cut-outs show what was drawn;
            else each picture is.
    """

    def __init__(
        self,
        shard: Shard,
        configuration: Configuration,
        size: tuple[int, int] | None = None,
        *,
        balanced: bool = False,
    ) -> None:
        self.shard, self.configuration = shard, configuration
        self.size = size or configuration.input_size
        self.counted = counts(shard.labels)
        self.starts = np.searchsorted(shard.labels[:, 0], np.arange(len(shard.images) + 1))
        kinds = shard.labels[:, 1]
        of_roles = [np.flatnonzero(self.counted & (kinds == role)) for role in np.unique(kinds)]
        self.of_roles = [rows for rows in of_roles if len(rows)] if balanced else []

    def batch(self, step: int) -> tuple[Tensor, Truth]:
        """Pictures [b, 3, h, w] as bytes, and what they show."""
        size, count = self.configuration.batch, len(self.shard.images)
        epoch, place = divmod(step * size, count)
        order = np.random.default_rng([71, self.configuration.seed, epoch]).permutation(count)
        chosen = np.take(order, np.arange(place, place + size), mode="wrap")
        rng = np.random.default_rng([73, self.configuration.seed, step])
        drawn = [self._drawn(int(index), rng) for index in chosen]
        varied = [self._varied(index, aim, rng) for index, aim in drawn]
        images = torch.from_numpy(np.stack([image for image, _, _ in varied]))
        return images.permute(0, 3, 1, 2), _padded([(boxes, kinds) for _, boxes, kinds in varied])

    def __iter__(self) -> Iterator[tuple[Tensor, Truth]]:
        step = 0
        while True:
            yield self.batch(step)
            step += 1

    def _drawn(self, index: int, rng: Rng) -> tuple[int, int | None]:
        """A picture, and which of its things is shown; None: whichever."""
        if not self.of_roles or rng.random() < ANY_PICTURE:
            return index, None
        rows = self.of_roles[int(rng.integers(len(self.of_roles)))]
        row = int(rows[int(rng.integers(len(rows)))])
        picture = int(self.shard.labels[row, 0])
        return picture, row - int(self.starts[picture])

    def _varied(
        self, index: int, aim: int | None, rng: Rng
    ) -> tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.float32]]:
        image = self.shard.images[index]
        own = slice(self.starts[index], self.starts[index + 1])
        boxes = self.shard.labels[own, 2:6].copy()
        kinds = np.stack([self.shard.labels[own, 1], self.counted[own].astype(np.float32)], axis=1)
        width = image.shape[1]
        if rng.random() < 0.5:
            image = image[:, ::-1]
            boxes[:, [0, 2]] = width - boxes[:, [2, 0]]
        if self.size != image.shape[:2]:
            matrix = _cut_out(image.shape[:2], self.size, boxes, kinds, aim, rng)
            image, boxes, kinds = _moved(image, boxes, kinds, matrix, self.size)
        elif rng.random() < 0.6:
            matrix = _nearer_or_farther(self.size, rng)
            image, boxes, kinds = _moved(image, boxes, kinds, matrix, self.size)
        return _recoloured(image, rng), boxes, kinds


Matrix = NDArray[np.float32]
"""[2, 3]: zoom and shift, from the picture as it is to the picture of the batch."""


def _nearer_or_farther(size: tuple[int, int], rng: Rng) -> Matrix:
    """The whole picture, a little larger or smaller."""
    span = np.array([size[1], size[0]])
    zoom = float(np.exp(rng.uniform(-0.25, 0.35)))
    shift = rng.uniform(-0.5, 0.5, 2) * abs(zoom - 1) * span + (1 - zoom) * span / 2
    return np.array([[zoom, 0, shift[0]], [0, zoom, shift[1]]], np.float32)


def _cut_out(
    whole: tuple[int, ...],
    size: tuple[int, int],
    boxes: NDArray[np.float32],
    kinds: NDArray[np.float32],
    aim: int | None,
    rng: Rng,
) -> Matrix:
    """A part of the picture around a thing; without an aim, four times in five around any."""
    span = np.array([size[1], size[0]])
    counted = np.flatnonzero(kinds[:, 1])
    zoom = float(np.exp(rng.uniform(np.log(0.55), np.log(1.3))))
    middle = rng.uniform(0.2, 0.8, 2) * np.array([whole[1], whole[0]])
    if aim is None and len(counted) and rng.random() < 0.8:
        aim = int(counted[int(rng.integers(len(counted)))])
    if aim is not None:
        box = boxes[aim]
        middle = (box[:2] + box[2:]) / 2
        large = float(((box[2:] - box[:2]) / span).max())
        zoom = min(zoom, max(0.9 / large, 0.4))
    shift = rng.uniform(0.25, 0.75, 2) * span - zoom * middle
    room = span - zoom * np.array([whole[1], whole[0]])  # below 0: the picture is the larger one
    shift = np.clip(shift, np.minimum(room, 0), np.maximum(room, 0))
    return np.array([[zoom, 0, shift[0]], [0, zoom, shift[1]]], np.float32)


def _moved(
    image: NDArray[np.uint8],
    boxes: NDArray[np.float32],
    kinds: NDArray[np.float32],
    matrix: Matrix,
    size: tuple[int, int],
) -> tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.float32]]:
    """The picture moved by a matrix; what is mostly outside or too small then is ignored."""
    height, width = size
    moved = cv2.warpAffine(image, matrix, (width, height), borderValue=(PAD, PAD, PAD))
    whole = boxes * matrix[0, 0] + np.tile(matrix[:, 2], 2)
    cut = np.clip(whole, 0, np.array([width, height, width, height], np.float32))
    area = (whole[:, 2:] - whole[:, :2]).prod(1)
    sides = cut[:, 2:] - cut[:, :2]
    left = sides.prod(1) / np.maximum(area, 1e-6)
    kept = left > 0.02
    kinds = kinds[kept]
    large = (np.sqrt(sides.prod(1)) >= LEAST_SIZE_PX) & (sides.min(1) >= 3)
    kinds[:, 1] *= (left[kept] >= LEAST_LEFT) & large[kept]
    return np.asarray(moved, np.uint8), cut[kept].astype(np.float32), kinds


def _recoloured(image: NDArray[np.uint8], rng: Rng) -> NDArray[np.uint8]:
    """Another contrast, brightness and white balance, or no colours at all."""
    contrast = float(np.exp(rng.normal(0, 0.15)))
    gains = contrast * np.exp(rng.normal(0, 0.04, 3))
    steps = (np.arange(256)[:, None] - 128) * gains + 128 + rng.normal(0, 12)
    table = np.clip(steps, 0, 255).astype(np.uint8).reshape(1, 256, 3)
    out = np.asarray(cv2.LUT(np.ascontiguousarray(image), table), np.uint8)
    if rng.random() < 0.05:
        grey = cv2.cvtColor(out, cv2.COLOR_RGB2GRAY)
        out = np.repeat(grey[:, :, None], 3, axis=2)
    return out


def _padded(rows: list[tuple[NDArray[np.float32], NDArray[np.float32]]]) -> Truth:
    most = max(1, *(len(boxes) for boxes, _ in rows))
    boxes = torch.zeros(len(rows), most, 4)
    kinds = torch.zeros(len(rows), most, 2)
    there = torch.zeros(len(rows), most)
    for index, (own, kind) in enumerate(rows):
        boxes[index, : len(own)] = torch.from_numpy(own)
        kinds[index, : len(own)] = torch.from_numpy(kind)
        there[index, : len(own)] = 1
    counted = kinds[..., 1] * there
    return Truth(boxes, kinds[..., 0].long(), counted, there - counted)
