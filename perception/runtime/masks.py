"""Masks of segmentation models, from coefficients and prototypes to pixels of the frame."""

from __future__ import annotations

from math import ceil, floor

import cv2
import numpy as np
from numpy.typing import NDArray

from perception.runtime.decode.signature import Masks
from perception.runtime.preprocess import Placement


def frame_mask(
    masks: Masks,
    number: int,
    box_px: tuple[float, float, float, float],
    placement: Placement,
    input_size: tuple[int, int],
) -> NDArray[np.bool_]:
    """Where a thing is, over its box in whole pixels of the frame (YOLACT's prototypes).

    Args:
        number: of the thing, in the masks' order.
        input_size: height and width of the model's input.
    """
    prototypes = masks.prototypes
    logits = np.tensordot(masks.coefficients[number], prototypes, axes=1).astype(np.float32)
    left, top = floor(box_px[0]), floor(box_px[1])
    width, height = max(1, ceil(box_px[2]) - left), max(1, ceil(box_px[3]) - top)
    step_x = prototypes.shape[2] / input_size[1]
    step_y = prototypes.shape[1] / input_size[0]
    # From a pixel's middle in the frame over the model's input to the prototypes' cells.
    scale_x, scale_y = placement.scale_x * step_x, placement.scale_y * step_y
    shift_x = ((left + 0.5) * placement.scale_x + placement.left) * step_x - 0.5
    shift_y = ((top + 0.5) * placement.scale_y + placement.top) * step_y - 0.5
    way = np.asarray([[scale_x, 0, shift_x], [0, scale_y, shift_y]], np.float64)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    sampled = cv2.warpAffine(
        logits, way, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(sampled > 0, np.bool_)
