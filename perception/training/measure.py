"""Measures an exported model on worlds of a split, drawn on the spot at the cameras' own size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from perception.scenes.scene import ROLES
from perception.training.configuration import Configuration
from perception.training.dataset import Shard, counts
from perception.training.precision import ClassFigures, figures, matched

Detections = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]]
"""Boxes [n, 4] in pixels of the input, scores [n], classes [n]."""


@dataclass(frozen=True)
class Figures:
    """What a model reaches on a set of pictures."""

    pictures: int
    classes: dict[str, ClassFigures]

    @property
    def map50(self) -> float:
        """Mean of the average precisions of the classes that occur."""
        values = [each.ap50 for each in self.classes.values() if each.things]
        return float(np.mean(values)) if values else float("nan")


def suppressed(boxes: NDArray[np.float32], scores: NDArray[np.float32], most: float) -> list[int]:
    """Indices of what is left after non-maximum suppression, best first."""
    order = list(np.argsort(-scores, kind="stable"))
    kept: list[int] = []
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(1)
    while order:
        first = int(order.pop(0))
        kept.append(first)
        if not order:
            break
        rest = np.array(order)
        low = np.maximum(boxes[first, :2], boxes[rest, :2])
        high = np.minimum(boxes[first, 2:], boxes[rest, 2:])
        both = np.clip(high - low, 0, None).prod(1)
        share = both / np.maximum(areas[first] + areas[rest] - both, 1e-9)
        order = [int(index) for index in rest[share <= most]]
    return kept


def decoded(
    output: NDArray[np.float32], least_score: float = 0.02, most_overlap: float = 0.6
) -> Detections:
    """Detections of one picture from the output [4 + classes, anchors] of the model."""
    middle, size, scores = output[:2].T, output[2:4].T, output[4:]
    anchors = np.concatenate([middle - size / 2, middle + size / 2], axis=1)
    boxes, values, kinds = [], [], []
    for kind in range(scores.shape[0]):
        chosen = np.flatnonzero(scores[kind] >= least_score)
        chosen = chosen[np.argsort(-scores[kind][chosen])[:300]]
        own = chosen[suppressed(anchors[chosen], scores[kind][chosen], most_overlap)]
        boxes.append(anchors[own])
        values.append(scores[kind][own])
        kinds.append(np.full(len(own), kind, np.int64))
    return np.concatenate(boxes), np.concatenate(values), np.concatenate(kinds)


def onnx_model(path: Path, threads: int = 1) -> Callable[[NDArray[np.uint8]], NDArray[np.float32]]:
    """A function from a picture [h, w, 3] of the input's size to the model's output."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name

    def run(image: NDArray[np.uint8]) -> NDArray[np.float32]:
        pixels = np.ascontiguousarray(image.transpose(2, 0, 1)[None], np.float32) / 255
        return np.asarray(session.run(None, {name: pixels})[0][0], np.float32)

    return run


def measured(
    model: Callable[[NDArray[np.uint8]], NDArray[np.float32]],
    shard: Shard,
    configuration: Configuration,
    tell: Callable[[int], None] = lambda _done: None,
) -> Figures:
    """Figures of a model on pictures."""
    counted = counts(configuration, shard.labels)
    found: list[tuple[NDArray[np.float32], NDArray[np.int8], NDArray[np.int64]]] = []
    for index, image in enumerate(shard.images):
        boxes, scores, kinds = decoded(model(image))
        own = shard.labels[:, 0] == index
        rows, here = shard.labels[own], counted[own]
        right = np.zeros(len(scores), np.int8)
        for kind in np.unique(kinds):
            mine, theirs = kinds == kind, rows[:, 1] == kind
            right[mine] = matched(boxes[mine], scores[mine], rows[theirs, 2:6], here[theirs])
        found.append((scores, right, kinds))
        tell(index + 1)
    scores = np.concatenate([each[0] for each in found])
    right = np.concatenate([each[1] for each in found])
    kinds = np.concatenate([each[2] for each in found])
    classes = {}
    for number, role in enumerate(ROLES):
        things = int((counted & (shard.labels[:, 1] == number)).sum())
        classes[role] = figures(scores[kinds == number], right[kinds == number], things)
    return Figures(len(shard.images), classes)
