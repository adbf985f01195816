"""No picture leaves in which somebody could be recognised, whatever the detector made of it."""

from __future__ import annotations

import ast
import copy
import json
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from perception.egress import CELLS, LEAST_RECALL, PERSON_CELLS, SafePicture, safe_picture
from perception.errors import EgressRefused
from perception.roles import Role
from perception.runtime.card import PersonRecall
from perception.runtime.detector import Detection
from perception.runtime.frame import Frame
from tests.unit.perception.campus_views import found_in

ROOT = Path(__file__).resolve().parents[3]
SEED = 3
RECALL = PersonRecall(0.97, 0.1, "measured")
PERSON = Detection("person", Role.PERSON, 0.8, (200.0, 80.0, 280.0, 380.0), True)
MAYBE = replace(PERSON, score=0.1, seen=False)
FALLEN = Detection("fallen", Role.PERSON_DOWN, 0.8, (200.0, 300.0, 420.0, 380.0), True)
LITTER = Detection("litter", Role.LITTER, 0.8, (250.0, 340.0, 300.0, 390.0), True)


def frame(seed: int = SEED) -> Frame:
    """Fine random detail everywhere: whatever of it gets through is found by correlation."""
    rng = np.random.default_rng(seed)
    grey = rng.integers(0, 256, (480, 640, 1), dtype=np.uint8)
    return Frame(np.repeat(grey, 3, axis=2), stamp_ns=5, frame_id="front")


def seen(picture: SafePicture) -> NDArray[np.uint8]:
    image = cv2.imdecode(np.frombuffer(picture.jpeg, np.uint8), cv2.IMREAD_COLOR_RGB)
    assert image is not None
    return np.asarray(image, np.uint8)


def leaked(picture: SafePicture, raw: Frame, window: tuple[slice, slice]) -> float:
    """Correlation, in a window of the frame, of fine detail of the picture and of the frame."""
    small = seen(picture)
    size = (small.shape[1], small.shape[0])
    wanted = cv2.resize(raw.image, size, interpolation=cv2.INTER_AREA)
    scale = size[0] / raw.size[1]
    part = tuple(slice(round(each.start * scale), round(each.stop * scale)) for each in window)
    ours, theirs = (
        np.asarray(each[part], float) - cv2.blur(np.asarray(each, np.float32), (9, 9))[part]
        for each in (small, wanted)
    )
    return float(np.corrcoef(ours.ravel(), theirs.ravel())[0, 1])


WHOLE = (slice(0, 480), slice(0, 640))
HEAD = (slice(70, 160), slice(196, 284))
BODY = (slice(300, 380), slice(200, 420))
FAR = (slice(0, 480), slice(480, 640))


@pytest.mark.parametrize(
    ("things", "shown", "recall"),
    [
        ([], None, None),
        ([], None, RECALL),
        ([PERSON], PERSON, None),
        ([LITTER], LITTER, None),
        ([LITTER], LITTER, PersonRecall(LEAST_RECALL - 0.01, 0.1, "measured")),
        ([LITTER], LITTER, PersonRecall(0.99, 0.01, "measured at a score that is not hidden")),
    ],
)
def test_without_measured_recall_or_a_thing_to_show_all_is_pixelated(
    things: list[Detection], shown: Detection | None, recall: PersonRecall | None
) -> None:
    raw = frame()
    picture = safe_picture(raw, found_in(raw, things), shown, recall)
    assert abs(leaked(picture, raw, WHOLE)) < 0.1
    # No cell has detail of its own: there are as many as there may be.
    image = seen(picture).astype(float)
    assert image.shape == (240, 320, 3)
    cell = 320 // CELLS
    middles = image[cell // 2 :: cell + 1, cell // 2 :: cell + 1]
    assert len(middles[0]) <= CELLS + 1


def test_nothing_known_of_the_frame_shows_nothing() -> None:
    raw = frame()
    other = found_in(Frame(raw.image, stamp_ns=6, frame_id="front"), [LITTER])
    for found in (None, other):
        assert abs(leaked(safe_picture(raw, found, LITTER, RECALL), raw, WHOLE)) < 0.1


def test_with_measured_recall_the_thing_is_shown_and_the_rest_is_not() -> None:
    raw = frame()
    picture = safe_picture(raw, found_in(raw, [LITTER]), LITTER, RECALL)
    assert leaked(picture, raw, (slice(340, 390), slice(250, 300))) > 0.8
    assert abs(leaked(picture, raw, FAR)) < 0.1


@pytest.mark.parametrize("person", [PERSON, MAYBE])
def test_heads_are_hidden_from_the_weakest_score_on(person: Detection) -> None:
    raw = frame()
    picture = safe_picture(raw, found_in(raw, [person]), person, RECALL)
    assert abs(leaked(picture, raw, HEAD)) < 0.15
    assert leaked(picture, raw, (slice(200, 380), slice(205, 275))) > 0.8
    # At most eight cells across: the head's region has no more than that many colours in a row.
    row = seen(picture)[(80 + 30) // 2, 200 // 2 : 280 // 2].astype(int)
    jumps = np.abs(np.diff(row, axis=0)).sum(axis=1) > 20
    assert jumps.sum() <= PERSON_CELLS


def test_all_of_who_lies_is_hidden_also_when_something_else_is_shown() -> None:
    raw = frame()
    picture = safe_picture(raw, found_in(raw, [FALLEN, LITTER]), LITTER, RECALL)
    assert abs(leaked(picture, raw, BODY)) < 0.15


def test_a_person_cut_off_at_the_top_is_hidden_whole() -> None:
    raw = frame()
    close = replace(PERSON, box_px=(100.0, 0.0, 300.0, 480.0))
    picture = safe_picture(raw, found_in(raw, [close]), close, RECALL)
    assert abs(leaked(picture, raw, (slice(10, 470), slice(110, 290)))) < 0.1


@pytest.mark.parametrize("box", [(-50.0, -50.0, 900.0, 700.0), (0.0, 0.0, 1.0, 1.0), (639.0,) * 4])
def test_odd_boxes_make_pictures_too(box: Any) -> None:
    raw = frame()
    thing = replace(LITTER, box_px=box)
    person = replace(PERSON, box_px=box)
    assert safe_picture(raw, found_in(raw, [thing, person]), thing, RECALL).jpeg


@pytest.mark.parametrize(
    "way",
    [pickle.dumps, copy.deepcopy, json.dumps],
)
def test_a_raw_frame_cannot_be_sent_as_an_object(way: Any) -> None:
    with pytest.raises((EgressRefused, TypeError)):
        way(frame())


def test_a_raw_frame_shows_no_pixels_in_a_log() -> None:
    assert repr(frame()) == "Frame(640x480, stamp_ns=5, frame_id='front')"


def test_a_picture_from_elsewhere_is_no_safe_picture() -> None:
    _, jpeg = cv2.imencode(".jpg", frame().image)
    with pytest.raises(EgressRefused):
        SafePicture(jpeg.tobytes())
    raw = frame()
    picture = safe_picture(raw, None)
    with pytest.raises(EgressRefused):
        picture.jpeg = jpeg.tobytes()


ENCODERS = {"imencode", "imwrite", "imencodemulti", "imencodeanimation", "VideoWriter", "tofile"}
CARRIERS = {"socket", "http", "urllib", "requests", "httpx", "pickle", "shelve", "multiprocessing"}
OFFLINE = {"scenes", "training"}
"""Pictures of these are drawn; they never see a camera."""


def test_only_the_egress_encodes_pictures_and_nothing_opens_connections() -> None:
    for path in sorted((ROOT / "perception").rglob("*.py")):
        parts = path.relative_to(ROOT / "perception").parts
        if parts[0] in OFFLINE:
            continue
        used: set[str] = set()
        imported: set[str] = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute):
                used.add(node.attr)
            elif isinstance(node, ast.Name):
                used.add(node.id)
            elif isinstance(node, ast.Import):
                imported |= {each.name.split(".")[0] for each in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add((node.module or "").split(".")[0])
        assert not imported & CARRIERS, path
        if parts != ("egress.py",):
            assert not used & ENCODERS, path
            assert "PIL" not in imported, path


def test_nobody_is_identified_by_any_role() -> None:
    assert {role.value for role in Role} == {
        "person",
        "person_down",
        "vehicle",
        "litter",
        "spill",
        "smoke",
        "fire",
        "extinguisher",
        "door_open",
    }
