"""Draws the pictures of a split into shards on disk, and reads them in batches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from perception.evaluate import LEAST_SIZE_PX, LEAST_VISIBLE
from perception.scenes.labels import Label
from perception.scenes.pictures import pictures
from perception.scenes.renderer import Renderer
from perception.scenes.scene import ROLES
from perception.scenes.worlds import generators, make_world
from perception.training.configuration import Configuration, TrainingError

SHARD_WORLDS = 25
PAD = 114


@dataclass(frozen=True)
class Shard:
    """Pictures as the model is fed them, with what they show.

    Attributes:
        images: [n, height, width, 3].
        labels: [m, 8]: picture, class, x0, y0, x1, y1 (pixels of the input), visibility, pixels
            of the picture as drawn.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.float32]


def letterboxed(
    rgb: NDArray[np.uint8], size: tuple[int, int]
) -> tuple[NDArray[np.uint8], float, tuple[int, int]]:
    """A picture fitted into (height, width) as the runtime does; with the scale and (left, top)."""
    height, width = size
    scale = min(height / rgb.shape[0], width / rgb.shape[1])
    inner = round(rgb.shape[0] * scale), round(rgb.shape[1] * scale)
    top, left = (height - inner[0]) // 2, (width - inner[1]) // 2
    out = np.full((height, width, 3), PAD, np.uint8)
    out[top : top + inner[0], left : left + inner[1]] = cv2.resize(
        rgb, (inner[1], inner[0]), interpolation=cv2.INTER_LINEAR
    )
    return out, scale, (left, top)


def label_row(
    picture: int, label: Label, scale: float, offset: tuple[int, int]
) -> tuple[float, ...]:
    """A label in pixels of the input."""
    x0, y0, x1, y1 = label.box
    box = (
        x0 * scale + offset[0],
        y0 * scale + offset[1],
        x1 * scale + offset[0],
        y1 * scale + offset[1],
    )
    return (
        float(picture),
        float(ROLES.index(label.role)),
        *box,
        label.visibility,
        float(label.pixels),
    )


def draw_shard(
    renderer: Renderer, configuration: Configuration, split: str, first: int, count: int
) -> Shard:
    """The pictures of `count` worlds from the first on."""
    worlds, kinds = configuration.worlds(split), generators(split)
    images: list[NDArray[np.uint8]] = []
    rows: list[tuple[float, ...]] = []
    for index in range(first, first + count):
        world = make_world(kinds[index % len(kinds)], worlds.first_seed + index, worlds.views)
        for picture in pictures(renderer, world, *worlds.render_size):
            image, scale, offset = letterboxed(picture.rgb, configuration.input_size)
            rows += [label_row(len(images), label, scale, offset) for label in picture.labels]
            images.append(image)
    return Shard(np.stack(images), np.array(rows, np.float32).reshape(-1, 8))


def shard_paths(folder: Path, configuration: Configuration, split: str) -> list[Path]:
    """Where the shards of a split are, whether drawn yet or not."""
    worlds = configuration.worlds(split)
    firsts = range(0, worlds.count, SHARD_WORLDS)
    return [folder / f"{split}-{worlds.first_seed}-{first:06d}.npz" for first in firsts]


def draw_split(
    folder: Path, configuration: Configuration, split: str, part: tuple[int, int] = (0, 1)
) -> Iterator[int]:
    """Draw what is missing of a split; yields the worlds done with each shard.

    Args:
        part: (which, of how many): several processes may draw a part each.
    """
    folder.mkdir(parents=True, exist_ok=True)
    count = configuration.worlds(split).count
    renderer: Renderer | None = None
    for index, path in enumerate(shard_paths(folder, configuration, split)):
        if index % part[1] != part[0]:
            continue
        worlds = min(SHARD_WORLDS, count - index * SHARD_WORLDS)
        if not path.exists():
            renderer = renderer or Renderer()
            shard = draw_shard(renderer, configuration, split, index * SHARD_WORLDS, worlds)
            made = path.with_suffix(".part.npz")
            np.savez(made, images=shard.images, labels=shard.labels)
            made.rename(path)
        yield worlds


def read_split(folder: Path, configuration: Configuration, split: str, worlds: int = 0) -> Shard:
    """The pictures of a split in memory.

    Args:
        worlds: those of the first so many, rounded up to whole shards; 0: of all.

    Raises:
        TrainingError: some are not drawn yet.
    """
    images, labels, before = [], [], 0
    paths = shard_paths(folder, configuration, split)
    for path in paths[: -(-worlds // SHARD_WORLDS) or len(paths)]:
        if not path.exists():
            raise TrainingError(
                f"{path} is missing",
                f"draw it: python -m perception.training render --split {split}",
            )
        with np.load(path) as content:
            images.append(content["images"])
            rows = content["labels"]
        rows[:, 0] += before
        before += len(images[-1])
        labels.append(rows)
    return Shard(np.concatenate(images), np.concatenate(labels))


def counts(labels: NDArray[np.float32]) -> NDArray[np.bool_]:
    """[m] which labels count, as in `perception.evaluate`; the others neither count nor cost."""
    wide, high = labels[:, 4] - labels[:, 2], labels[:, 5] - labels[:, 3]
    clear = (labels[:, 6] >= LEAST_VISIBLE) & (np.sqrt(wide * high) >= LEAST_SIZE_PX)
    result: NDArray[np.bool_] = clear & (np.minimum(wide, high) >= 3)
    return result
