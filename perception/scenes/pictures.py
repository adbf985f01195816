"""Takes the pictures of worlds, with labels; and lays pictures out on a sheet to look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from perception.scenes.assembly import assemble
from perception.scenes.camera_effects import spoil
from perception.scenes.labels import Label, labels_of
from perception.scenes.renderer import Renderer
from perception.scenes.worlds import World

COLOURS = {
    "person": (80, 200, 255), "person_down": (255, 60, 60), "vehicle": (120, 255, 120),
    "litter": (255, 220, 0), "spill": (0, 255, 230), "smoke": (220, 220, 220),
    "fire": (255, 140, 0), "extinguisher": (255, 0, 200), "door_open": (170, 130, 255),
}  # fmt: skip


@dataclass(frozen=True)
class Picture:
    """A labelled picture: [height, width, 3] and what it shows."""

    rgb: NDArray[np.uint8]
    labels: list[Label]


def pictures(
    renderer: Renderer, world: World, width: int = 640, height: int = 480
) -> Iterator[Picture]:
    """The pictures of a world's views, one after the other."""
    renderer.load(assembled := assemble(world.scene))
    for view in world.views:
        drawn = renderer.draw(replace(view.camera, width=width, height=height))
        yield Picture(spoil(drawn.rgb, view.quality), labels_of(drawn, assembled))


def with_boxes(picture: Picture) -> NDArray[np.uint8]:
    """The picture with its labels drawn in."""
    image = picture.rgb.copy()
    for label in picture.labels:
        x0, y0, x1, y1 = (int(edge) for edge in label.box)
        colour = COLOURS[label.role]
        cv2.rectangle(image, (x0, y0), (x1 - 1, y1 - 1), colour, 1)
        text = f"{label.role} {label.visibility:.2f}"
        cv2.putText(image, text, (x0, max(y0 - 3, 9)), cv2.FONT_HERSHEY_SIMPLEX, 0.38, colour, 1)
    return image


def sheet(images: Sequence[NDArray[np.uint8]], columns: int, width: int) -> NDArray[np.uint8]:
    """Pictures side by side, each `width` pixels wide."""
    height = round(width * images[0].shape[0] / images[0].shape[1])
    rows = -(-len(images) // columns)
    page = np.full((rows * height, columns * width, 3), 255, np.uint8)
    for index, image in enumerate(images):
        y, x = index // columns * height, index % columns * width
        small = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
        page[y : y + height, x : x + width] = small
    return page
