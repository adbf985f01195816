"""Figures of a model are what their definitions say, on cases that are worked out by hand."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from perception.evaluate import main
from perception.happening_score import Happening, Told, score_happenings
from perception.roles import Role
from perception.runtime.detector import Detection
from perception.runtime.frame import Frame
from perception.scoring import Truth, mean_average_precision, score_pictures
from tests.unit.perception.campus_views import found_in
from tests.unit.perception.onnx_models import constant_model, saved

FRAME = Frame(np.zeros((100, 100, 3), np.uint8))


def box(x: float, size: float = 10.0) -> tuple[float, float, float, float]:
    return (x, 0.0, x + size, size)


def thing(x: float, score: float, role: Role = Role.PERSON) -> Detection:
    return Detection(role.value, role, score, box(x), score >= 0.4)


def truth(x: float, role: Role = Role.PERSON, *, size: float = 10.0, counts: bool = True) -> Truth:
    return Truth(role, box(x, size), size, counts)


def test_average_precision_by_hand() -> None:
    # Right, wrong, right of three: precision 1, 1/2, 2/3 at recall 1/3, 1/3, 2/3.
    found = found_in(FRAME, [thing(0, 0.9), thing(50, 0.8), thing(20, 0.7)])
    scores = score_pictures([(found, [truth(0), truth(20), truth(80)])])
    assert scores[Role.PERSON].average_precision == pytest.approx(1 / 3 * 1 + 1 / 3 * 2 / 3)
    assert scores[Role.PERSON].recall == pytest.approx(2 / 3)


def test_a_second_box_on_a_thing_is_wrong_and_half_an_overlap_right() -> None:
    found = found_in(FRAME, [thing(0, 0.9), thing(1, 0.8)])
    scores = score_pictures([(found, [truth(0)])])
    assert scores[Role.PERSON].right == [True, False]
    # Moved by a third of its width: 2/3 over 4/3 is a half.
    half = found_in(FRAME, [Detection("", Role.PERSON, 0.9, (3.33, 0.0, 13.33, 10.0), True)])
    assert score_pictures([(half, [truth(0)])])[Role.PERSON].right == [True]


def test_what_does_not_count_is_neither_right_nor_wrong() -> None:
    found = found_in(FRAME, [thing(0, 0.9), thing(50, 0.8)])
    scores = score_pictures([(found, [truth(0, counts=False), truth(50)])])
    assert scores[Role.PERSON].right == [True]
    assert scores[Role.PERSON].labelled == 1
    assert scores[Role.PERSON].average_precision == 1.0


def test_roles_are_not_mixed_up_and_their_mean_leaves_out_those_without_labels() -> None:
    found = found_in(FRAME, [thing(0, 0.9, Role.PERSON_DOWN), thing(50, 0.9, Role.LITTER)])
    scores = score_pictures([(found, [truth(0), truth(0, Role.PERSON_DOWN)])])
    assert scores[Role.PERSON].average_precision == 0.0
    assert scores[Role.PERSON_DOWN].average_precision == 1.0
    assert np.isnan(scores[Role.LITTER].average_precision)
    assert mean_average_precision(scores) == 0.5


def test_recall_by_size_counts_what_reaches_the_threshold() -> None:
    found = found_in(FRAME, [thing(0, 0.9), thing(40, 0.2)])
    truths = [truth(0), truth(40), Truth(Role.PERSON, box(70, 20), 20.0)]
    rows = score_pictures([(found, truths)])[Role.PERSON].recall_by_size()
    assert rows == [
        {"from_px": 8.0, "labelled": 2, "recall": 0.5},
        {"from_px": 16.0, "labelled": 1, "recall": 0.0},
    ]


def test_happenings_are_told_once_in_time_and_near() -> None:
    happenings = [
        Happening("person_down", 10.0, 0.0, 100.0, 160.0),
        Happening("person_down", 50.0, 0.0, 100.0, 160.0),
    ]
    reports = [
        Told("person_down", 10.5, 0.0, 104.0),
        Told("person_down", 10.1, 0.0, 114.0),  # the same again
        Told("person_down", 50.0, 9.0, 120.0),  # too far
        Told("person_down", 50.0, 0.0, 300.0),  # too late
        Told("spill", 50.0, 0.0, 120.0),  # something else
    ]
    figures = score_happenings(happenings, reports, robot_hours=20.0)
    down = figures["person_down"]
    assert down.recall == 0.5
    assert down.false_alarms_per_robot_hour == pytest.approx(0.1)
    assert down.delays_s == (4.0,)
    assert down.errors_m == (0.5,)
    assert figures["spill"].false_alarms == 1
    assert np.isnan(figures["spill"].recall)


def test_the_command_measures_a_model_on_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = np.zeros((1, 7, 1680), np.float32)
    output[0, :4, 5] = 60, 50, 40, 60
    output[0, 4, 5] = 0.9
    picture = {"size": [256, 320], "fit": "stretch"}
    card = saved(tmp_path, constant_model({"output0": output}), input=picture, family="yolov8")
    images = np.zeros((2, 256, 320, 3), np.uint8)
    labels = np.asarray(
        [[0, 0, 40, 20, 80, 80, 1.0, 2400], [1, 0, 200, 20, 240, 80, 1.0, 2400]], np.float32
    )
    held_out, validation = tmp_path / "held_out.npz", tmp_path / "validation.npz"
    np.savez(held_out, images=images, labels=labels)
    np.savez(validation, images=images[:1], labels=labels[:1])
    command = [str(card), "--held-out", str(held_out), "--validation", str(validation)]
    assert main([*command, "--json", "--plots", str(tmp_path / "plots")]) == 0
    result = json.loads(capsys.readouterr().out)
    # One of two found, and one wrong box of the same score behind it.
    assert result["held_out"]["map50"] == 0.5
    assert result["gap"] == 0.5
    assert result["held_out"]["roles"]["person"]["recall"] == 0.5
    assert set(result["latency"]) == {"preprocess", "inference", "decode", "total"}
    assert all(Path(each).stat().st_size > 1000 for each in result["plots"])
    assert main([str(card), "--held-out", str(card)]) == 2
