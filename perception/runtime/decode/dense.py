"""Families with a box for each anchor of a grid, which need non-maximum suppression."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import ceil

import numpy as np
from numpy.typing import NDArray

from perception.errors import ModelMismatch
from perception.runtime.boxes import Floats, corners, suppress
from perception.runtime.card import Card
from perception.runtime.decode.signature import Decoded, Masks, Signature, matches

YOLO_STRIDES = (8, 16, 32)
NANODET_STRIDES = (8, 16, 32, 64)
MASK_COEFFICIENTS = 32


# --- which output is which ---


def find_yolov8(signature: Signature, card: Card) -> tuple[str, ...]:
    """The output [B,4+nc,A].

    Raises:
        ModelMismatch: there is none.
    """
    return (_only(signature, axis=1, size=4 + card.outputs_per_box, form="[B,4+nc,A]"),)


def find_yolov5(signature: Signature, card: Card) -> tuple[str, ...]:
    """The output [B,A,5+nc].

    Raises:
        ModelMismatch: there is none.
    """
    return (_only(signature, axis=2, size=5 + card.outputs_per_box, form="[B,A,5+nc]"),)


def find_yolox(signature: Signature, card: Card) -> tuple[str, ...]:
    """The output [B,A,5+nc] with an anchor for each cell of the grid.

    Raises:
        ModelMismatch: there is none.
    """
    (name,) = find_yolov5(signature, card)
    _check_cells(signature, name, card, card.grid.strides or YOLO_STRIDES)
    return (name,)


def find_nanodet(signature: Signature, card: Card) -> tuple[str, ...]:
    """The output [B,A,nc+4(reg_max+1)] with an anchor for each cell of the grid.

    Raises:
        ModelMismatch: there is none.
    """
    size = card.outputs_per_box + 4 * (card.grid.reg_max + 1)
    name = _only(signature, axis=2, size=size, form="[B,A,nc+4(reg_max+1)]")
    _check_cells(signature, name, card, card.grid.strides or NANODET_STRIDES)
    return (name,)


def find_segmentation(signature: Signature, card: Card) -> tuple[str, ...]:
    """The outputs [B,4+nc+32,A] or [B,n,38], and prototypes [B,32,h,w].

    Raises:
        ModelMismatch: there are none.
    """
    names = {len(tensor.shape): name for name, tensor in signature.outputs.items()}
    if len(signature.outputs) != 2 or set(names) != {3, 4}:
        raise _mismatch(signature, card, "[B,4+nc+32,A] or [B,n,38], and prototypes [B,32,h,w]")
    boxes, prototypes = (signature.outputs[names[each]].shape for each in (3, 4))
    dense = matches(boxes[1], 4 + card.outputs_per_box + MASK_COEFFICIENTS)
    if not matches(prototypes[1], MASK_COEFFICIENTS) or not (dense or _end_to_end(boxes)):
        raise _mismatch(signature, card, "[B,4+nc+32,A] or [B,n,38], and prototypes [B,32,h,w]")
    return names[3], names[4]


def _end_to_end(shape: Sequence[int | None]) -> bool:
    return matches(shape[2], 6 + MASK_COEFFICIENTS)


def _only(signature: Signature, axis: int, size: int, form: str) -> str:
    fitting = [
        name
        for name, tensor in signature.outputs.items()
        if len(tensor.shape) == 3 and matches(tensor.shape[axis], size)
    ]
    if len(fitting) != 1 or len(signature.outputs) != 1:
        raise ModelMismatch(
            f"outputs {signature.described()}, where {form} with {size} belongs",
            "correct classes, class_offset or family in the card",
        )
    return fitting[0]


def _mismatch(signature: Signature, card: Card, form: str) -> ModelMismatch:
    return ModelMismatch(
        f"outputs {signature.described()}, where {form} for {card.outputs_per_box} classes belong",
        "correct classes, class_offset or family in the card",
    )


def _check_cells(signature: Signature, name: str, card: Card, strides: Sequence[int]) -> None:
    found = signature.outputs[name].shape[1]
    cells = len(anchors(card.input.size, tuple(strides), 0.0)[0])
    if not matches(found, cells):
        height, width = card.input.size
        raise ModelMismatch(
            f"{name} has {found} anchors; strides {list(strides)} give {cells} for {height} × "
            f"{width} pixels",
            "correct input.size or grid.strides in the card",
        )


# --- reading them ---


def read_yolov8(outputs: Sequence[Floats], card: Card, least: float) -> Decoded:
    """Pixel cxcywh and class scores."""
    (out,) = outputs
    chosen, scores, classes = _best(out[0, 4:].T, card, least)
    return _suppressed(Decoded(corners(out[0, :4].T[chosen]), scores, classes), card)


def read_yolov5(outputs: Sequence[Floats], card: Card, least: float) -> Decoded:
    """Pixel cxcywh, objectness, and class scores that are to be multiplied with it."""
    rows = _object_rows(outputs[0][0], least)
    values = outputs[0][0][rows]
    chosen, scores, classes = _best(values[:, 5:] * values[:, 4:5], card, least)
    return _suppressed(Decoded(corners(values[chosen, :4]), scores, classes), card)


def read_yolox(outputs: Sequence[Floats], card: Card, least: float) -> Decoded:
    """YOLOX: centres as offsets from their cell, sizes as logarithms, both in strides."""
    strides = tuple(card.grid.strides or YOLO_STRIDES)
    middles, steps = anchors(card.input.size, strides, 0.0)
    rows = _object_rows(outputs[0][0], least)
    values = outputs[0][0][rows]
    chosen, scores, classes = _best(values[:, 5:] * values[:, 4:5], card, least)
    raw, step = values[chosen, :4], steps[rows][chosen, None]
    with np.errstate(over="ignore"):
        sizes = np.exp(raw[:, 2:]) * step
    centred = np.concatenate([raw[:, :2] * step + middles[rows][chosen], sizes], axis=1)
    return _suppressed(Decoded(corners(centred), scores, classes), card)


def read_nanodet(outputs: Sequence[Floats], card: Card, least: float) -> Decoded:
    """Distances from the anchor to the four sides, as distributions over reg_max + 1 strides.

    Generalised focal loss (Li et al., 2020); NanoDet-Plus' head with its sigmoid in the graph.
    """
    strides = tuple(card.grid.strides or NANODET_STRIDES)
    middles, steps = anchors(card.input.size, strides, card.grid.cell_offset)
    bins = card.grid.reg_max + 1
    values = outputs[0][0]
    chosen, scores, classes = _best(values[:, : card.outputs_per_box], card, least)
    logits = values[chosen, card.outputs_per_box :].reshape(-1, 4, bins)
    weights = np.exp(logits - logits.max(axis=2, keepdims=True))
    weights /= weights.sum(axis=2, keepdims=True)
    distances = weights @ np.arange(bins, dtype=np.float32) * steps[chosen, None]
    centre = middles[chosen]
    boxes = np.concatenate([centre - distances[:, :2], centre + distances[:, 2:]], axis=1)
    height, width = card.input.size
    np.clip(boxes, 0, np.asarray([width, height, width, height], np.float32), out=boxes)
    return _suppressed(Decoded(boxes, scores, classes), card)


def read_segmentation(outputs: Sequence[Floats], card: Card, least: float) -> Decoded:
    """Boxes with mask coefficients: dense as YOLOv8's, or end to end."""
    out, prototypes = outputs
    dense = out.shape[1] == 4 + card.outputs_per_box + MASK_COEFFICIENTS
    if dense and _end_to_end(out.shape):
        # Both could be meant; no export has as many boxes as numbers a box.
        raise ModelMismatch(f"an output {out.shape} that may be read in two ways", "export it anew")
    if not dense:
        found = rows_end_to_end(out[0], card, least)
        keep = found[1]
        masks = Masks(out[0, keep, 6:], prototypes[0])
        return Decoded(found[0].boxes, found[0].scores, found[0].classes, masks)
    rows = out[0].T
    chosen, scores, classes = _best(rows[:, 4:-MASK_COEFFICIENTS], card, least)
    masks = Masks(rows[chosen, -MASK_COEFFICIENTS:], prototypes[0])
    return _suppressed(Decoded(corners(rows[chosen, :4]), scores, classes, masks), card)


def rows_end_to_end(rows: Floats, card: Card, least: float) -> tuple[Decoded, NDArray[np.intp]]:
    """Rows of pixel xyxy, score, class; and which of them were kept."""
    classes = np.rint(rows[:, 5]).astype(np.int64) - card.class_offset
    known = (classes >= 0) & (classes < len(card.classes))
    keep = np.flatnonzero((rows[:, 4] >= least) & known)
    return Decoded(rows[keep, :4], rows[keep, 4], classes[keep]), keep


def _object_rows(values: Floats, least: float) -> NDArray[np.intp]:
    """A product with a score of at most one never exceeds the objectness."""
    return np.flatnonzero(values[:, 4] >= least)


def _best(
    scores: Floats, card: Card, least: float
) -> tuple[NDArray[np.intp], Floats, NDArray[np.int64]]:
    """Rows whose best class reaches the least score: which, their scores, their classes."""
    of_classes = scores[:, card.class_offset : card.class_offset + len(card.classes)]
    chosen = np.flatnonzero(of_classes.max(axis=1) >= least)
    picked = of_classes[chosen]
    classes = picked.argmax(axis=1)
    return chosen, picked[np.arange(len(chosen)), classes], classes.astype(np.int64)


def _suppressed(found: Decoded, card: Card) -> Decoded:
    nms = card.nms
    kept = suppress(found.boxes, found.scores, found.classes, nms.iou, nms.per_class, nms.most)
    return found.take(kept)


@lru_cache(maxsize=16)
def anchors(
    size: tuple[int, int], strides: tuple[int, ...], cell_offset: float
) -> tuple[Floats, Floats]:
    """Anchors of all levels, row by row: n × 2 of x and y in pixels, and the stride of each."""
    middles, steps = [], []
    for stride in strides:
        rows, columns = ceil(size[0] / stride), ceil(size[1] / stride)
        y, x = np.mgrid[:rows, :columns].astype(np.float32)
        middles.append((np.stack([x.ravel(), y.ravel()], axis=1) + cell_offset) * stride)
        steps.append(np.full(rows * columns, stride, np.float32))
    return np.concatenate(middles).astype(np.float32), np.concatenate(steps)
