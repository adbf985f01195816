"""Each family reads boxes that were put by hand into its tensors: within a pixel, exact classes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from perception.runtime.detector import Detections, Detector
from perception.runtime.frame import Frame
from tests.unit.perception.onnx_models import CLASSES, ROLES, constant_model, saved

SIZE = (256, 320)
FRAME = (480, 640)
Floats = NDArray[np.float32]


class Thing(NamedTuple):
    """A box in pixels of the frame (left, top, right, bottom), its class and score."""

    box: tuple[float, float, float, float]
    number: int
    score: float


THINGS = (
    Thing((40.0, 60.0, 120.0, 300.0), 0, 0.9),
    Thing((300.5, 350.25, 520.0, 470.0), 1, 0.75),
    Thing((560.0, 5.0, 636.0, 47.5), 2, 0.6),
)


def fitted(thing: Thing, fit: str) -> tuple[float, float, float, float]:
    """Centre x, centre y, width, height in the input, by the formulas of each fit."""
    left, top, right, bottom = thing.box
    if fit == "stretch":
        sx, sy, ox, oy = SIZE[1] / FRAME[1], SIZE[0] / FRAME[0], 0.0, 0.0
    else:
        # 640 × 480 into 320 × 256: half the size, 240 rows, 8 above and 8 below.
        sx = sy = 0.5
        ox, oy = 0.0, (8.0 if fit == "letterbox" else 0.0)
    return (
        (left + right) / 2 * sx + ox,
        (top + bottom) / 2 * sy + oy,
        (right - left) * sx,
        (bottom - top) * sy,
    )


def xyxy(box: Sequence[float]) -> list[float]:
    x, y, w, h = box
    return [x - w / 2, y - h / 2, x + w / 2, y + h / 2]


def parts(box: Sequence[float]) -> list[float]:
    return [box[0] / SIZE[1], box[1] / SIZE[0], box[2] / SIZE[1], box[3] / SIZE[0]]


def cells(strides: Sequence[int]) -> list[tuple[int, int, int]]:
    """Column, row and stride of each anchor, in the order of the exports."""
    return [
        (column, row, stride)
        for stride in strides
        for row in range(math.ceil(SIZE[0] / stride))
        for column in range(math.ceil(SIZE[1] / stride))
    ]


def yolov8(fit: str, extra: int = 0) -> Floats:
    out = np.zeros((1, 4 + len(CLASSES) + extra, 1680), np.float32)
    for place, thing in enumerate(THINGS):
        x, y, w, h = fitted(thing, fit)
        # A second anchor sees the same a little aside, and less surely.
        for aside, score in ((0.0, thing.score), (1.5, thing.score - 0.05)):
            anchor = 40 * place + int(aside * 2)
            out[0, :4, anchor] = x + aside, y, w, h
            out[0, 4 + thing.number, anchor] = score
    return out


def yolov5(fit: str) -> Floats:
    out = np.zeros((1, 5040, 5 + len(CLASSES)), np.float32)
    for place, thing in enumerate(THINGS):
        row = out[0, 100 + place]
        row[:4] = fitted(thing, fit)
        row[4], row[5 + thing.number] = 0.95, thing.score / 0.95
    return out


def yolox(fit: str) -> Floats:
    anchors = cells((8, 16, 32))
    out = np.zeros((1, len(anchors), 5 + len(CLASSES)), np.float32)
    for place, thing in enumerate(THINGS):
        x, y, w, h = fitted(thing, fit)
        stride = (8, 16, 32)[place]
        cell = (int(x // stride), int(y // stride), stride)
        row = out[0, anchors.index(cell)]
        row[:2] = x / stride - cell[0], y / stride - cell[1]
        row[2:4] = math.log(w / stride), math.log(h / stride)
        row[4], row[5 + thing.number] = 0.9, thing.score / 0.9
    return out


def end_to_end(fit: str) -> Floats:
    out = np.zeros((1, 300, 6), np.float32)
    for place, thing in enumerate(THINGS):
        out[0, place] = [*xyxy(fitted(thing, fit)), thing.score, thing.number]
    return out


def rtdetr_six(fit: str) -> Floats:
    out = np.zeros((1, 300, 6), np.float32)
    for place, thing in enumerate(THINGS):
        out[0, place] = [*parts(fitted(thing, fit)), thing.score, thing.number]
    return out


def rtdetr_scores(fit: str) -> Floats:
    out = np.zeros((1, 300, 4 + len(CLASSES)), np.float32)
    for place, thing in enumerate(THINGS):
        out[0, place, :4] = parts(fitted(thing, fit))
        out[0, place, 4 + thing.number] = thing.score
    return out


def detr(fit: str, before: int = 0, behind: int = 0) -> tuple[Floats, Floats]:
    boxes = np.full((1, 300, 4), 0.5, np.float32)
    logits = np.full((1, 300, before + len(CLASSES) + behind), -9.0, np.float32)
    # What lies outside the classes is high, and must not be read.
    logits[0, :, :before] = 5.0
    logits[0, :, before + len(CLASSES) :] = 5.0
    for place, thing in enumerate(THINGS):
        boxes[0, 7 * place] = parts(fitted(thing, fit))
        logits[0, 7 * place, before + thing.number] = math.log(thing.score / (1 - thing.score))
    return boxes, logits


def rtdetr(fit: str) -> dict[str, NDArray[Any]]:
    boxes = np.zeros((1, 300, 4), np.float32)
    labels = np.zeros((1, 300), np.int64)
    scores = np.zeros((1, 300), np.float32)
    for place, thing in enumerate(THINGS):
        x, y, w, h = parts(fitted(thing, fit))
        boxes[0, place] = x - w / 2, y - h / 2, x + w / 2, y + h / 2
        labels[0, place], scores[0, place] = thing.number, thing.score
    return {"labels": labels, "boxes": boxes, "scores": scores}


def prototypes(fit: str) -> Floats:
    """The first prototype is positive in the left half of the first thing's box, in the input."""
    out = np.full((1, 32, SIZE[0] // 4, SIZE[1] // 4), -8.0, np.float32)
    x, y, w, h = fitted(THINGS[0], fit)
    left, top, right, bottom = (round(each / 4) for each in (x - w / 2, y - h / 2, x, y + h / 2))
    out[0, 0, top:bottom, left:right] = 8.0
    return out


def segmentation(fit: str) -> dict[str, NDArray[Any]]:
    out = yolov8(fit, extra=32)
    out[0, 4 + len(CLASSES)] = 1.0
    return {"output0": out, "output1": prototypes(fit)}


def segmentation_end_to_end(fit: str) -> dict[str, NDArray[Any]]:
    rows = np.zeros((1, 300, 38), np.float32)
    rows[..., :6] = end_to_end(fit)
    rows[..., 6] = 1.0
    return {"output0": rows, "output1": prototypes(fit)}


def nanodet(fit: str) -> Floats:
    strides, bins = (8, 16, 32, 64), 8
    anchors = cells(strides)
    out = np.zeros((1, len(anchors), len(CLASSES) + 4 * bins), np.float32)
    for place, thing in enumerate(THINGS):
        x, y, w, h = fitted(thing, fit)
        stride = (32, 32, 16)[place]
        cell = (round(x / stride), round(y / stride), stride)
        row = out[0, anchors.index(cell)]
        row[thing.number] = thing.score
        left, top, right, bottom = xyxy((x, y, w, h))
        ax, ay = cell[0] * stride, cell[1] * stride
        for side, distance in enumerate((ax - left, ay - top, right - ax, bottom - ay)):
            # A distance between two bins: their weights are its two parts.
            low, part = divmod(distance / stride, 1.0)
            logits = np.full(bins, -30.0)
            logits[int(low)] = math.log(max(1 - part, 1e-9))
            if part > 0:
                logits[int(low) + 1] = math.log(part)
            row[len(CLASSES) + side * bins : len(CLASSES) + (side + 1) * bins] = logits
    return out


ONE: dict[str, Callable[[str], Floats]] = {
    "yolov8": yolov8,
    "yolov5": yolov5,
    "yolox": yolox,
    "end_to_end": end_to_end,
    "rtdetr_ultralytics": rtdetr_six,
    "nanodet": nanodet,
}


def run(folder: Path, outputs: dict[str, NDArray[Any]], fit: str, **card: Any) -> Detections:
    target_sizes = card.get("family") == "rtdetr"
    model = constant_model(outputs, SIZE, target_sizes=target_sizes)
    picture = {"size": list(SIZE), "fit": fit}
    detector = Detector.load(saved(folder, model, input=picture, **card))
    image = np.zeros((*FRAME, 3), np.uint8)
    return detector(Frame(image, stamp_ns=17, frame_id="front"))


def check(found: Detections) -> None:
    assert (found.stamp_ns, found.frame_id, found.frame_size) == (17, "front", FRAME)
    assert [each.name for each in found.things] == [CLASSES[each.number] for each in THINGS]
    assert [each.role.value for each in found.things] == [
        ROLES[CLASSES[each.number]] for each in THINGS
    ]
    for each, thing in zip(found.things, THINGS, strict=True):
        assert np.abs(np.subtract(each.box_px, thing.box)).max() <= 1.0
        assert each.score == pytest.approx(thing.score, abs=1e-3)
        assert each.seen


@pytest.mark.parametrize("fit", ["letterbox", "letterbox_corner", "stretch"])
@pytest.mark.parametrize("family", ONE)
def test_a_family_with_one_output(family: str, fit: str, tmp_path: Path) -> None:
    check(run(tmp_path, {"output0": ONE[family](fit)}, fit, family=family))


def test_rtdetr_with_a_score_for_each_class(tmp_path: Path) -> None:
    outputs = {"output0": rtdetr_scores("stretch")}
    check(run(tmp_path, outputs, "stretch", family="rtdetr_ultralytics"))


@pytest.mark.parametrize(("boxes", "logits"), [("dets", "labels"), ("pred_boxes", "logits")])
@pytest.mark.parametrize(("before", "behind"), [(0, 0), (1, 0), (0, 1)])
def test_detr_reads_only_the_logits_of_classes(
    boxes: str, logits: str, before: int, behind: int, tmp_path: Path
) -> None:
    given = dict(zip((boxes, logits), detr("stretch", before, behind), strict=True))
    offsets = {"class_offset": before, "unused_logits": behind}
    check(run(tmp_path, given, "stretch", family="detr", **offsets))


@pytest.mark.parametrize("fit", ["letterbox", "stretch"])
def test_rtdetr_with_its_post_processor(fit: str, tmp_path: Path) -> None:
    check(run(tmp_path, rtdetr(fit), fit, family="rtdetr"))


@pytest.mark.parametrize("fit", ["letterbox", "stretch"])
@pytest.mark.parametrize("outputs", [segmentation, segmentation_end_to_end])
def test_segmentation_with_masks(
    outputs: Callable[[str], dict[str, NDArray[Any]]], fit: str, tmp_path: Path
) -> None:
    found = run(tmp_path, outputs(fit), fit, family="yolo_segmentation")
    check(found)
    mask = found.things[0].mask
    assert mask is not None
    assert np.abs(np.subtract(mask.shape, (240, 80))).max() <= 1
    # The left half of the box, to the width of a prototype's cell: 8 pixels of the frame.
    assert mask[20:-20, :32].all()
    assert not mask[20:-20, 48:].any()
    assert found.things[1].mask is not None
    assert not found.things[1].mask.any()


def test_class_ids_that_are_off_by_one_are_put_right_by_the_card(tmp_path: Path) -> None:
    rows = end_to_end("stretch")
    rows[0, : len(THINGS), 5] += 1
    found = run(tmp_path, {"output0": rows}, "stretch", family="end_to_end", class_offset=1)
    check(found)


def test_thresholds_are_of_classes_and_weak_things_are_kept(tmp_path: Path) -> None:
    bars = {"default": 0.4, "fallen": 0.8}
    outputs = {"output0": yolov8("letterbox")}
    found = run(tmp_path, outputs, "letterbox", family="yolov8", thresholds=bars)
    assert [each.name for each in found.seen] == ["walker", "puddle"]
    assert [each.name for each in found.things] == ["walker", "fallen", "puddle"]


def test_a_class_without_a_role_is_left_out(tmp_path: Path) -> None:
    outputs = {"output0": yolov8("letterbox")}
    found = run(tmp_path, outputs, "letterbox", family="yolov8", roles={"fallen": "person_down"})
    assert [each.name for each in found.things] == ["fallen"]
