"""Families that give a box a query, or end to end: nothing is left to suppress."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from perception.errors import ModelMismatch
from perception.runtime.boxes import Floats, corners
from perception.runtime.card import Card
from perception.runtime.decode.dense import rows_end_to_end
from perception.runtime.decode.signature import TARGET_SIZES, Decoded, Signature, matches

DETR_NAMES = (("dets", "labels"), ("pred_boxes", "logits"), ("pred_boxes", "pred_logits"))
MOST_QUERIES = 300
"""Pairs of query and class with the highest scores, as RF-DETR and D-FINE count them."""


def find_end_to_end(signature: Signature, card: Card) -> tuple[str, ...]:
    """The output [B,n,6].

    Raises:
        ModelMismatch: there is none.
    """
    return (_single(signature, (6,), "[B,n,6]"),)


def find_rtdetr_ultralytics(signature: Signature, card: Card) -> tuple[str, ...]:
    """The output [B,Q,6] or [B,Q,4+nc].

    Raises:
        ModelMismatch: there is none, or both are meant by it.
    """
    return (_single(signature, (6, 4 + card.outputs_per_box), "[B,Q,6] or [B,Q,4+nc]"),)


def find_detr(signature: Signature, card: Card) -> tuple[str, ...]:
    """Boxes [B,Q,4] and logits [B,Q,nc], by the names that exports give them.

    Raises:
        ModelMismatch: there are none.
    """
    for boxes, logits in DETR_NAMES:
        if {boxes, logits} <= set(signature.outputs):
            of_boxes, of_logits = signature.outputs[boxes], signature.outputs[logits]
            ranks = len(of_boxes.shape) == len(of_logits.shape) == 3
            if ranks and matches(of_boxes.shape[2], 4):
                if matches(of_logits.shape[2], card.outputs_per_box):
                    return boxes, logits
                raise ModelMismatch(
                    f"{logits} has {of_logits.shape[2]} logits, the card {card.outputs_per_box} "
                    "(class_offset + classes + unused_logits)",
                    "correct these in the card; RF-DETR has one more than classes",
                )
    names = " or ".join(f"{boxes} and {logits}" for boxes, logits in DETR_NAMES)
    raise ModelMismatch(f"outputs {signature.described()}, where {names} belong", "check family")


def find_rtdetr(signature: Signature, card: Card) -> tuple[str, ...]:
    """Outputs labels, boxes and scores, with the input `orig_target_sizes`.

    Raises:
        ModelMismatch: there are none.
    """
    names = ("labels", "boxes", "scores")
    shapes = [signature.outputs[name].shape for name in names if name in signature.outputs]
    if [len(shape) for shape in shapes] == [2, 3, 2] and TARGET_SIZES in signature.inputs:
        return names
    raise ModelMismatch(
        f"inputs {', '.join(signature.inputs)} and outputs {signature.described()}, where "
        f"{TARGET_SIZES} and labels [B,Q], boxes [B,Q,4], scores [B,Q] belong",
        "check family in the card, or export the model with its post-processor",
    )


def read_end_to_end(outputs: Sequence[Floats], card: Card, least: float) -> Decoded:
    """Pixel xyxy, score, class."""
    return rows_end_to_end(outputs[0][0], card, least)[0]


def read_rtdetr_ultralytics(outputs: Sequence[Floats], card: Card, least: float) -> Decoded:
    """Boxes cxcywh in parts of the input, with score and class, or a score a class.

    Raises:
        ModelMismatch: with two classes both forms have six numbers.
    """
    rows = outputs[0][0]
    if card.outputs_per_box == 2:
        raise ModelMismatch(
            "with two classes [B,Q,6] may be score and class, or two scores",
            "export the model with one class more, or as another family",
        )
    if rows.shape[1] == 6:
        found = rows_end_to_end(rows, card, least)[0]
        boxes = corners(found.boxes) * _input_size(card)
        return Decoded(boxes, found.scores, found.classes)
    scores = rows[:, 4 + card.class_offset : 4 + card.class_offset + len(card.classes)]
    chosen = np.flatnonzero(scores.max(axis=1) >= least)
    classes = scores[chosen].argmax(axis=1)
    boxes = corners(rows[chosen, :4]) * _input_size(card)
    return Decoded(boxes, scores[chosen, classes], classes.astype(np.int64))


def read_detr(outputs: Sequence[Floats], card: Card, least: float) -> Decoded:
    """The best pairs of query and class by sigmoid (Deformable DETR's post-processing)."""
    boxes, logits = outputs[0][0], outputs[1][0]
    logits = logits[:, card.class_offset : card.class_offset + len(card.classes)]
    flat = logits.ravel()
    # A logit is compared, not its sigmoid: the same order, without the exponentials.
    bar = np.log(least / (1 - least)) if least < 1 else np.inf
    chosen = np.flatnonzero(flat >= bar)
    if len(chosen) > MOST_QUERIES:
        chosen = chosen[np.argsort(-flat[chosen], kind="stable")[:MOST_QUERIES]]
    queries, classes = np.divmod(chosen, logits.shape[1])
    scores = 1 / (1 + np.exp(-flat[chosen]))
    placed = corners(boxes[queries]) * _input_size(card)
    return Decoded(placed, scores.astype(np.float32), classes.astype(np.int64))


def read_rtdetr(outputs: Sequence[Floats], card: Card, least: float) -> Decoded:
    """Labels, boxes in pixels of the size that was asked for (the input's), scores."""
    labels, boxes, scores = (each[0] for each in outputs)
    classes = labels.astype(np.int64) - card.class_offset
    known = (classes >= 0) & (classes < len(card.classes))
    keep = np.flatnonzero((scores >= least) & known)
    return Decoded(boxes[keep], scores[keep], classes[keep])


def _input_size(card: Card) -> Floats:
    height, width = card.input.size
    return np.asarray([width, height, width, height], np.float32)


def _single(signature: Signature, sizes: Sequence[int], form: str) -> str:
    names = list(signature.outputs)
    shape = signature.outputs[names[0]].shape if names else ()
    if len(names) == 1 and len(shape) == 3 and any(matches(shape[2], size) for size in sizes):
        return names[0]
    raise ModelMismatch(
        f"outputs {signature.described()}, where {form} belongs",
        "correct classes, class_offset or family in the card",
    )
