"""The one way out for pictures: what leaves shows what happened, and nobody.

A detector misses people, so no part of a picture is left as it was because nobody was seen in it.
Everything is pixelated. Detail is shown in one place only, the thing that is reported, and only
where the model's card declares how many people it finds, as measured; people in there are
pixelated again, coarser. Whatever is amiss leads to no detail, never to more.
"""

from __future__ import annotations

from math import ceil
from typing import NoReturn

import cv2
import numpy as np

from perception.errors import EgressRefused
from perception.roles import PEOPLE, Role
from perception.runtime.card import WEAK_SCORE, PersonRecall
from perception.runtime.detector import Box, Detection, Detections
from perception.runtime.frame import Frame, Image

WIDTH_PX = 320
"""Of the pictures that leave."""
CELLS = 24
"""Across the longer side: a face that fills a third of the picture has eight."""
PERSON_CELLS = 8
HEAD_SHARE = 0.3
"""Of a standing person's box, from above."""
PERSON_MARGIN = 0.15
"""By which a person's box is grown: detectors cut people off."""
DETAIL_MARGIN = 0.5
LEAST_RECALL = 0.95
"""Of people, as declared; with less, no detail is shown."""
QUALITY = 80

_MAKER = object()


class SafePicture:
    """A JPEG in which nobody can be recognised. Only this module makes one."""

    __slots__ = ("jpeg",)

    def __init__(self, jpeg: bytes, maker: object = None) -> None:
        if maker is not _MAKER:
            raise EgressRefused("a picture from elsewhere", "use perception.egress.safe_picture")
        self.jpeg = jpeg

    def __setattr__(self, name: str, value: object) -> None:
        if hasattr(self, name):
            raise EgressRefused("a picture is changed", "use perception.egress.safe_picture")
        super().__setattr__(name, value)

    def __reduce__(self) -> NoReturn:
        raise EgressRefused("a picture is copied as an object", "send its jpeg")


def safe_picture(
    frame: Frame,
    found: Detections | None,
    shown: Detection | None = None,
    recall: PersonRecall | None = None,
) -> SafePicture:
    """A picture of a frame that may leave the robot.

    Args:
        found: what this very frame showed; None or another frame's: nothing is known of it.
        shown: what the picture is about.
        recall: how many people the model finds, as its card declares; None: it does not say.
    """
    image = frame.image
    out = _pixelated(image, ceil(max(image.shape[:2]) / CELLS))
    if shown is not None and found is not None and _trusted(frame, found, recall):
        _show(out, image, shown.box_px, found.things)
    height = max(1, round(image.shape[0] * WIDTH_PX / image.shape[1]))
    if image.shape[1] > WIDTH_PX:
        out = np.asarray(
            cv2.resize(out, (WIDTH_PX, height), interpolation=cv2.INTER_AREA), np.uint8
        )
    done, jpeg = cv2.imencode(
        ".jpg", cv2.cvtColor(out, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
    )
    if not done:
        raise EgressRefused("the picture cannot be made", "send the event without one")
    return SafePicture(jpeg.tobytes(), _MAKER)


def _trusted(frame: Frame, found: Detections, recall: PersonRecall | None) -> bool:
    """Whether the detections are this frame's, of a model that finds nearly everybody.

    People are hidden from WEAK_SCORE up; a recall measured at a lower score says less than it
    seems to.
    """
    same = (found.stamp_ns, found.frame_id, found.frame_size) == (
        frame.stamp_ns,
        frame.frame_id,
        frame.size,
    )
    return (
        same and recall is not None and recall.value >= LEAST_RECALL and recall.score >= WEAK_SCORE
    )


def _show(out: Image, image: Image, box: Box, things: tuple[Detection, ...]) -> None:
    """Put the thing and its surroundings back, then hide the people in there."""
    window = _window(_grown(box, DETAIL_MARGIN), image)
    out[window] = image[window]
    for each in things:
        if each.role in PEOPLE:
            hidden = _window(_hidden(each), image)
            part = image[hidden]
            if part.size:
                out[hidden] = _pixelated(part, ceil(max(part.shape[:2]) / PERSON_CELLS))


def _hidden(person: Detection) -> Box:
    """The head of who stands; all of who lies, sits or is cut off."""
    left, top, right, bottom = person.box_px
    upright = person.role is Role.PERSON and bottom - top > 1.5 * (right - left) and top > 1
    cut = top + HEAD_SHARE * (bottom - top) if upright else bottom
    grown = _grown((left, top, right, cut), PERSON_MARGIN)
    return (grown[0], min(grown[1], top - PERSON_MARGIN * (bottom - top) / 2), grown[2], grown[3])


def _grown(box: Box, share: float) -> Box:
    left, top, right, bottom = box
    across, along = (right - left) * share, (bottom - top) * share
    return (left - across, top - along, right + across, bottom + along)


def _window(box: Box, image: Image) -> tuple[slice, slice]:
    height, width = image.shape[:2]
    left, top, right, bottom = (round(each) for each in box)
    return (
        slice(min(max(top, 0), height), min(max(bottom, 0), height)),
        slice(min(max(left, 0), width), min(max(right, 0), width)),
    )


def _pixelated(image: Image, cell_px: int) -> Image:
    """Each cell as the mean of its pixels."""
    height, width = image.shape[:2]
    rows, columns = max(1, height // cell_px), max(1, width // cell_px)
    small = cv2.resize(image, (columns, rows), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)
