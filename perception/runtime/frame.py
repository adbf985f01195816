"""A frame as the camera gave it; it stays on the computer that took it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

import cv2
import numpy as np
from numpy.typing import NDArray

from perception.errors import EgressRefused, FrameError

Image = NDArray[np.uint8]
"""Height × width × 3, RGB."""
SMALLEST_PX, LARGEST_PX = 16, 8192


@dataclass(frozen=True, eq=False)
class Frame:
    """A raw picture, with what the camera's message said of it.

    It cannot be pickled, so no queue between processes, cache or log takes it away by accident;
    `perception.egress` is the way out.

    Attributes:
        stamp_ns: when it was taken.
        frame_id: the camera's coordinate frame.
    """

    image: Image
    stamp_ns: int = 0
    frame_id: str = ""

    def __post_init__(self) -> None:
        image = self.image
        if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
            problem = f"an image of shape {image.shape} and type {image.dtype}"
            raise FrameError(problem, "give height × width × 3 bytes, RGB")
        if not all(SMALLEST_PX <= side <= LARGEST_PX for side in image.shape[:2]):
            problem = f"an image of {image.shape[1]} × {image.shape[0]} pixels"
            raise FrameError(problem, f"give {SMALLEST_PX} to {LARGEST_PX} pixels a side")

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.image.shape[0], self.image.shape[1]

    def __reduce__(self) -> NoReturn:
        raise EgressRefused("a raw frame cannot be sent or stored", "use perception.egress")

    def __repr__(self) -> str:
        height, width = self.size
        return f"Frame({width}x{height}, stamp_ns={self.stamp_ns}, frame_id={self.frame_id!r})"


def decode_image(content: bytes, stamp_ns: int = 0, frame_id: str = "") -> Frame:
    """A frame from a JPEG or PNG.

    Raises:
        FrameError: it is neither, or damaged.
    """
    try:
        image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR_RGB)
    except cv2.error:
        image = None
    if image is None:
        raise FrameError(f"{len(content)} bytes that are no JPEG or PNG", "check the camera driver")
    return Frame(np.asarray(image, np.uint8), stamp_ns, frame_id)
