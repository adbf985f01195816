"""Which family a model is of: its card says so, else its metadata, else its shapes alone."""

from __future__ import annotations

import ast
import logging
from collections.abc import Mapping

from perception.errors import FamilyUnclear, ModelMismatch
from perception.runtime.card import Card, Family
from perception.runtime.decode.families import READERS
from perception.runtime.decode.signature import Signature

log = logging.getLogger(__name__)

Y = Family
_OF_HEAD = {
    "Detect": {Y.YOLOV8, Y.END_TO_END},
    "v10Detect": {Y.END_TO_END},
    "RTDETRDecoder": {Y.RTDETR_ULTRALYTICS},
    "Segment": {Y.YOLO_SEGMENTATION},
}
"""Ultralytics' heads, newer ones with a number behind (Segment26)."""


def choose_family(signature: Signature, card: Card) -> Family:
    """The family, or a refusal: outputs that are read wrongly look like detections.

    Raises:
        ModelMismatch: the outputs are not those of the family, or the metadata names another
            number of classes than the card.
        FamilyUnclear: neither card nor metadata says it, and shapes leave several or none.
    """
    _check_names(signature.metadata, card)
    said = _by_metadata(signature.metadata)
    if card.family is not None:
        if said and card.family not in said:
            log.warning(
                "%s: the card says %s, the metadata %s", card.name, card.family, _list(said)
            )
        READERS[card.family].find(signature, card)
        return card.family
    fitting = {family for family in said or set(Family) if _fits(family, signature, card)}
    if len(fitting) == 1:
        return fitting.pop()
    problem = f"outputs {signature.described()} for {card.outputs_per_box} classes"
    if said and not fitting:
        raise ModelMismatch(
            f"{card.name}: {problem} are not those of {_list(said)}, as its metadata says",
            "correct classes in the card, or give family there",
        )
    raise FamilyUnclear(
        f"{card.name}: {problem} may be {_list(fitting) or 'of no family that is known'}",
        f"give family in the card, one of {', '.join(Family)}",
    )


def _fits(family: Family, signature: Signature, card: Card) -> bool:
    try:
        READERS[family].find(signature, card)
    except ModelMismatch:
        return False
    return True


def _by_metadata(metadata: Mapping[str, str]) -> set[Family]:
    """Families that Ultralytics' metadata leave open; empty: they say nothing."""
    if "stride" not in metadata or "names" not in metadata:
        return set()
    head = metadata.get("head", "").rstrip("0123456789")
    if head in _OF_HEAD:
        families = set(_OF_HEAD[head])
    else:
        task = metadata.get("task")
        families = {
            # YOLOv5's own export writes stride and names alone.
            None: {Y.YOLOV5},
            "detect": {Y.YOLOV8, Y.END_TO_END, Y.RTDETR_ULTRALYTICS},
            "segment": {Y.YOLO_SEGMENTATION},
        }.get(task, set())
        if not families:
            raise FamilyUnclear(
                f"the model is made for the task {task}", "export a model that detects or segments"
            )
    described = metadata.get("description", "").lower().replace("-", "")
    if "rtdetr" in described:
        return {Y.RTDETR_ULTRALYTICS}
    if metadata.get("end2end", "").lower() == "true" and Y.END_TO_END in families:
        return {Y.END_TO_END}
    return families


def _check_names(metadata: Mapping[str, str], card: Card) -> None:
    names = class_names(metadata)
    if names is None:
        return
    if len(names) != len(card.classes):
        raise ModelMismatch(
            f"{card.name}: the model has {len(names)} classes ({', '.join(names[:20])}), the card "
            f"{len(card.classes)}",
            "name the model's classes in the card, in its order",
        )
    if list(card.classes) != names:
        log.warning("%s: the model calls its classes %s", card.name, ", ".join(names[:20]))


def class_names(metadata: Mapping[str, str]) -> list[str] | None:
    """The names in Ultralytics' metadata, a dict or list as Python writes it; None: there are none.

    Raises:
        ModelMismatch: they cannot be read.
    """
    text = metadata.get("names")
    if text is None:
        return None
    try:
        names = ast.literal_eval(text)
        if isinstance(names, dict):
            return [str(names[number]) for number in range(len(names))]
        if isinstance(names, list | tuple):
            return [str(name) for name in names]
    except (ValueError, SyntaxError, KeyError, MemoryError, RecursionError, TypeError):
        pass
    raise ModelMismatch(f"names in the model's metadata cannot be read: {text[:60]}", "export anew")


def _list(families: set[Family]) -> str:
    return " or ".join(sorted(families))
