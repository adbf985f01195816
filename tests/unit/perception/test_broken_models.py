"""Cards and models that are damaged or do not fit each other give typed errors that say where."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
import yaml

from perception.errors import (
    BadOutput,
    CardError,
    FrameError,
    ModelDamaged,
    ModelError,
    ModelUnsupported,
    PerceptionError,
    ProviderUnavailable,
)
from perception.runtime.detector import Detector
from perception.runtime.frame import Frame, decode_image
from tests.unit.perception.onnx_models import card_of, constant_model, saved

OUTPUT = {"output0": np.zeros((1, 7, 1680), np.float32)}
SEED = 6


@pytest.fixture(scope="module")
def content() -> bytes:
    return bytes(constant_model(OUTPUT).SerializeToString())


def changed(card: dict[str, Any], where: str, value: Any) -> dict[str, Any]:
    """The card with one entry changed; `where` is a path of keys with dots."""
    *above, last = where.split(".")
    part = card
    for key in above:
        part = part[key]
    part[last] = value
    return card


@pytest.mark.parametrize(
    ("where", "value", "says"),
    [
        ("sha256", "abc", "sha256"),
        ("family", "yolo", "family"),
        ("input.size", [0, 320], "size"),
        ("input.size", [320], "size"),
        ("input.fit", "crop", "fit"),
        ("input.std", [1, 0, 1], "std"),
        ("input.dtype", "uint8", "dtype"),
        ("input.name", "picture", "name"),
        ("input.layout", "nhwc", "size"),
        ("classes", [], "classes"),
        ("classes", ["walker", "walker", "puddle"], "classes"),
        ("classes", ["walker", "fallen", 3], "classes"),
        ("roles", {"walker": "intruder"}, "walker"),
        ("roles", {"van": "vehicle"}, "van"),
        ("thresholds", {"walker": 0.4}, "thresholds"),
        ("thresholds", {"default": 1.5}, "thresholds"),
        ("thresholds", {"default": 0.4, "van": 0.4}, "van"),
        ("model", "../given.onnx", "model"),
        ("opset", 12, "opset"),
        ("surprise", 1, ""),
    ],
)
def test_a_wrong_card_is_an_error_at_its_line(
    where: str, value: Any, says: str, content: bytes, tmp_path: Path
) -> None:
    path = saved(tmp_path, content)
    path.write_text(yaml.safe_dump(changed(card_of(content), where, value), sort_keys=False))
    with pytest.raises(CardError) as refused:
        Detector.load(path)
    lines = path.read_text().splitlines()
    assert str(refused.value).startswith(f"{path}:{refused.value.line}: ")
    assert refused.value.remedy
    if says:
        # The line itself, or one of the entry's items below its key.
        upwards = lines[refused.value.line - 1 :: -1]
        assert any(re.search(rf"\b{says}\b", line) for line in upwards[:4])


def test_a_key_that_is_there_twice_is_refused(content: bytes, tmp_path: Path) -> None:
    path = saved(tmp_path, content)
    path.write_text(path.read_text() + "name: again\n")
    with pytest.raises(CardError, match="name is there twice") as refused:
        Detector.load(path)
    assert refused.value.line == len(path.read_text().splitlines())


def test_cards_with_any_bytes_changed_give_cards_or_typed_errors(
    content: bytes, tmp_path: Path
) -> None:
    print(f"seed {SEED}")
    random = Random(SEED)
    path = saved(tmp_path, content)
    whole = path.read_bytes()
    for _ in range(300):
        damaged = bytearray(whole)
        for _ in range(random.randrange(1, 4)):
            place = random.randrange(len(damaged))
            kind = random.randrange(3)
            if kind == 0:
                damaged[place] = random.randrange(256)
            elif kind == 1:
                del damaged[place : place + random.randrange(1, 40)]
            else:
                damaged[place:place] = random.choice(
                    [b":", b"- ", b"\t", b"&a ", b"*a", b"[", b"1"]
                )
        path.write_bytes(damaged)
        try:
            Detector.load(path)
        except PerceptionError as error:
            assert str(error)  # noqa: PT017


def test_a_truncated_model_is_damaged_wherever_it_ends(content: bytes, tmp_path: Path) -> None:
    ends = [0, 1, 2, 10, len(content) // 2, len(content) - 1]
    for end in ends:
        path = saved(tmp_path, content[:end])  # with a card that has the sha256 of what is left
        with pytest.raises(ModelDamaged):
            Detector.load(path)


def test_another_model_than_the_cards_is_refused(content: bytes, tmp_path: Path) -> None:
    path = saved(tmp_path, content)
    (tmp_path / "given.onnx").write_bytes(content + b"\0")
    with pytest.raises(ModelDamaged):
        Detector.load(path)
    other = constant_model({"output0": np.ones((1, 7, 1680), np.float32)}).SerializeToString()
    (tmp_path / "given.onnx").write_bytes(other)
    with pytest.raises(ModelDamaged, match="is not the model of"):
        Detector.load(path)


@pytest.mark.parametrize("content", [b"", b"no model", bytes(100), b"\xff" * 100])
def test_what_is_no_model_is_refused(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(ModelDamaged):
        Detector.load(saved(tmp_path, content))


def test_a_missing_model_is_refused(content: bytes, tmp_path: Path) -> None:
    path = saved(tmp_path, content)
    (tmp_path / "given.onnx").unlink()
    with pytest.raises(ModelDamaged, match="cannot be read"):
        Detector.load(path)


def test_a_model_of_a_later_opset_is_unsupported(tmp_path: Path) -> None:
    content = constant_model(OUTPUT, opset=99).SerializeToString()
    with pytest.raises(ModelUnsupported, match="opset 99"):
        Detector.load(saved(tmp_path, content))


def test_a_graph_that_cannot_be_run_is_a_typed_error(tmp_path: Path) -> None:
    model = constant_model(OUTPUT)
    model.graph.node[0].op_type = "Teleport"
    with pytest.raises(ModelError):
        Detector.load(saved(tmp_path, model.SerializeToString()))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_outputs_that_are_not_finite_are_refused(value: float, tmp_path: Path) -> None:
    output = np.zeros((1, 7, 1680), np.float32)
    output[0, 3, 1000] = value
    with pytest.raises(BadOutput, match="not finite"):
        Detector.load(saved(tmp_path, constant_model({"output0": output})))


def test_a_wrong_size_is_an_error_at_the_line_of_the_card(content: bytes, tmp_path: Path) -> None:
    path = saved(tmp_path, content, input={"size": [256, 256], "fit": "stretch"})
    with pytest.raises(CardError, match=r"the model takes \[1,3,256,320\]") as refused:
        Detector.load(path)
    assert "size" in path.read_text().splitlines()[refused.value.line - 1]


def test_providers_are_tried_in_order_and_the_real_one_is_logged(
    content: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = saved(tmp_path, content)
    with pytest.raises(ProviderUnavailable, match="none of NoSuchProvider"):
        Detector.load(path, ["NoSuchProvider"])
    with caplog.at_level("INFO"):
        detector = Detector.load(path, ["NoSuchProvider", "CPUExecutionProvider"])
    assert detector.provider == "CPUExecutionProvider"
    assert "runs on CPUExecutionProvider (asked for: NoSuchProvider" in caplog.text


def test_detectors_of_a_model_share_its_session(content: bytes, tmp_path: Path) -> None:
    path = saved(tmp_path, content)
    first, second = Detector.load(path), Detector.load(path)
    assert first._session is second._session


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((48, 64), np.uint8),
        np.zeros((48, 64, 4), np.uint8),
        np.zeros((48, 64, 3), np.float32),
        np.zeros((0, 64, 3), np.uint8),
        np.zeros((4, 64, 3), np.uint8),
    ],
)
def test_what_is_no_picture_is_refused(image: Any) -> None:
    with pytest.raises(FrameError):
        Frame(image)


@pytest.mark.parametrize("content", [b"", b"\xff\xd8\xff\xe0", b"no picture", bytes(1000)])
def test_bytes_that_are_no_picture_are_refused(content: bytes) -> None:
    with pytest.raises(FrameError):
        decode_image(content)
