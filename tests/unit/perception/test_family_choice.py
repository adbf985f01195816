"""A family comes from the card, else the metadata, else the shapes; what is unclear is refused."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from perception.errors import FamilyUnclear, ModelMismatch, PerceptionError
from perception.runtime.card import Family
from perception.runtime.detector import Detector
from tests.unit.perception.onnx_models import constant_model, saved

NAMES = "{0: 'walker', 1: 'fallen', 2: 'puddle'}"
YOLO = {"names": NAMES, "stride": "32", "imgsz": "[256, 320]", "task": "detect"}
V8 = {"output0": np.zeros((1, 7, 1680), np.float32)}
V5 = {"output0": np.zeros((1, 5040, 8), np.float32)}
SIX = {"output0": np.zeros((1, 300, 6), np.float32)}
RTDETR_SCORES = {"output0": np.zeros((1, 300, 7), np.float32)}
NANODET = {"output0": np.zeros((1, 1700, 35), np.float32)}
DETR = {
    "dets": np.full((1, 300, 4), 0.5, np.float32),
    "labels": np.full((1, 300, 3), -5, np.float32),
}
SEGMENT = {
    "output0": np.zeros((1, 39, 1680), np.float32),
    "output1": np.zeros((1, 32, 64, 80), np.float32),
}


def chosen(
    folder: Path,
    outputs: Mapping[str, Any],
    metadata: Mapping[str, str] | None = None,
    **card: Any,
) -> Family:
    return Detector.load(saved(folder, constant_model(outputs, metadata=metadata), **card)).family


@pytest.mark.parametrize(
    ("outputs", "family"),
    [
        (V8, "yolov8"),
        (NANODET, "nanodet"),
        (DETR, "detr"),
        (SEGMENT, "yolo_segmentation"),
        (RTDETR_SCORES, "rtdetr_ultralytics"),
    ],
)
def test_shapes_that_only_one_family_has_say_it(
    outputs: Mapping[str, Any], family: str, tmp_path: Path
) -> None:
    assert chosen(tmp_path, outputs) == family


@pytest.mark.parametrize(
    ("outputs", "among"),
    [(SIX, ["end_to_end", "rtdetr_ultralytics"]), (V5, ["yolov5"])],
)
def test_shapes_of_several_families_are_refused(
    outputs: Mapping[str, Any], among: list[str], tmp_path: Path
) -> None:
    if outputs is V5:
        # As many anchors as cells: YOLOX, or a YOLOv5 without anchors that has its grid in it.
        outputs = {"output0": np.zeros((1, 1680, 8), np.float32)}
        among = ["yolov5", "yolox"]
    with pytest.raises(FamilyUnclear) as refused:
        chosen(tmp_path, outputs)
    assert all(name in str(refused.value) for name in among)
    assert "give family in the card" in refused.value.remedy


@pytest.mark.parametrize(
    ("outputs", "metadata", "family"),
    [
        (V8, YOLO, "yolov8"),
        (SIX, {**YOLO, "end2end": "True"}, "end_to_end"),
        (SIX, {**YOLO, "head": "v10Detect"}, "end_to_end"),
        (SIX, {**YOLO, "head": "RTDETRDecoder"}, "rtdetr_ultralytics"),
        (SIX, {**YOLO, "description": "Ultralytics RT-DETR-l model"}, "rtdetr_ultralytics"),
        (RTDETR_SCORES, YOLO, "rtdetr_ultralytics"),
        (V5, {"names": NAMES, "stride": "32"}, "yolov5"),
        (SEGMENT, {**YOLO, "task": "segment", "head": "Segment26"}, "yolo_segmentation"),
    ],
)
def test_metadata_say_it(
    outputs: Mapping[str, Any], metadata: Mapping[str, str], family: str, tmp_path: Path
) -> None:
    assert chosen(tmp_path, outputs, metadata) == family


def test_metadata_that_leave_two_families_open_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FamilyUnclear):
        chosen(tmp_path, SIX, YOLO)


def test_the_card_is_believed_before_the_metadata(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    metadata = {**YOLO, "end2end": "True"}
    assert chosen(tmp_path, SIX, metadata, family="rtdetr_ultralytics") == "rtdetr_ultralytics"
    assert "the metadata end_to_end" in caplog.text


@pytest.mark.parametrize(
    ("outputs", "family"),
    [(V8, "yolov5"), (V5, "yolov8"), (SIX, "yolov8"), (DETR, "rtdetr"), (V8, "detr")],
)
def test_a_card_that_names_another_family_is_refused(
    outputs: Mapping[str, Any], family: str, tmp_path: Path
) -> None:
    with pytest.raises(ModelMismatch):
        chosen(tmp_path, outputs, family=family)


@pytest.mark.parametrize("family", [each.value for each in Family])
def test_another_number_of_classes_is_an_error_when_loading(family: str, tmp_path: Path) -> None:
    outputs = {
        "yolov8": V8,
        "yolov5": V5,
        "yolox": {"output0": np.zeros((1, 1680, 8), np.float32)},
        "rtdetr_ultralytics": RTDETR_SCORES,
        "detr": DETR,
        "yolo_segmentation": SEGMENT,
        "nanodet": NANODET,
    }.get(family)
    if outputs is None:
        # These say the class as a number: only the names in the metadata tell how many there are.
        outputs = SIX
    four = ["walker", "fallen", "puddle", "van"]
    with pytest.raises(PerceptionError, match=r"classes|logits|belong"):
        chosen(tmp_path, outputs, YOLO if outputs is SIX else None, family=family, classes=four)


def test_names_of_the_metadata_are_counted(tmp_path: Path) -> None:
    two = {**YOLO, "names": "{0: 'walker', 1: 'fallen'}", "end2end": "True"}
    with pytest.raises(ModelMismatch, match="the model has 2 classes"):
        chosen(tmp_path, SIX, two)


def test_names_are_read_as_data_and_never_run(tmp_path: Path) -> None:
    evil = {**YOLO, "names": "__import__('os').abort()"}
    with pytest.raises(ModelMismatch, match="cannot be read"):
        chosen(tmp_path, V8, evil)


def test_a_model_for_another_task_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FamilyUnclear, match="pose"):
        chosen(tmp_path, V8, {**YOLO, "task": "pose"})
