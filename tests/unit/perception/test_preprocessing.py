"""A model is fed what its card says: colours, scales, margins; and only the latest frame."""

from __future__ import annotations

from threading import Thread
from typing import Any

import msgspec
import numpy as np
import pytest

from perception.runtime.card import InputCard
from perception.runtime.frame import Frame
from perception.runtime.latest import Latest
from perception.runtime.preprocess import Preprocessor, place


def asked(**entries: Any) -> InputCard:
    return msgspec.convert(entries, InputCard)


RED = np.zeros((32, 64, 3), np.uint8)
RED[..., 0], RED[..., 1], RED[..., 2] = 200, 100, 50


def test_colours_are_scaled_and_normalised_in_the_models_order() -> None:
    imagenet = asked(
        size=(32, 64), fit="stretch", mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225)
    )
    tensor, _ = Preprocessor(imagenet)(Frame(RED))
    wanted = [(200 / 255 - 0.485) / 0.229, (100 / 255 - 0.456) / 0.224, (50 / 255 - 0.406) / 0.225]
    assert tensor.shape == (1, 3, 32, 64)
    assert tensor.dtype == np.float32
    assert tensor[0].reshape(3, -1).mean(axis=1) == pytest.approx(wanted, abs=1e-5)


def test_bgr_without_a_scale_as_nanodet_and_yolox_take_it() -> None:
    card = asked(size=(32, 64), fit="stretch", colour="bgr", scale=1, mean=(103.5, 116.3, 123.7))
    tensor, _ = Preprocessor(card)(Frame(RED))
    assert tensor[0, :, 5, 5] == pytest.approx([50 - 103.5, 100 - 116.3, 200 - 123.7], abs=1e-4)


@pytest.mark.parametrize("dtype", ["float32", "float16", "uint8"])
def test_types_and_layouts(dtype: str) -> None:
    card = asked(size=(32, 64), fit="stretch", layout="nhwc", scale=1, dtype=dtype)
    tensor, _ = Preprocessor(card)(Frame(RED))
    assert tensor.shape == (1, 32, 64, 3)
    assert tensor.dtype == np.dtype(dtype)
    assert tensor[0, 3, 3].tolist() == [200, 100, 50]


def test_a_letterbox_pads_around_and_a_corner_below() -> None:
    middle = asked(size=(64, 64), fit="letterbox", scale=1)
    tensor, placement = Preprocessor(middle)(Frame(RED))
    assert (placement.left, placement.top) == (0, 16)
    assert tensor[0, 0, :, 30].tolist() == [114] * 16 + [200] * 32 + [114] * 16
    corner = asked(size=(64, 64), fit="letterbox_corner", scale=1)
    tensor, placement = Preprocessor(corner)(Frame(RED))
    assert (placement.left, placement.top) == (0, 0)
    assert tensor[0, 0, :, 30].tolist() == [200] * 32 + [114] * 32


def test_margins_are_clean_again_when_the_cameras_size_changes() -> None:
    prepare = Preprocessor(asked(size=(64, 64), fit="letterbox", scale=1))
    prepare(Frame(np.full((64, 64, 3), 9, np.uint8)))
    tensor, _ = prepare(Frame(RED))
    assert (tensor[0, :, :16] == 114).all()


@pytest.mark.parametrize("fit", ["letterbox", "letterbox_corner", "stretch"])
@pytest.mark.parametrize("frame", [(480, 640), (1080, 1920), (481, 333), (97, 1024)])
def test_the_way_back_is_exact(fit: str, frame: tuple[int, int]) -> None:
    placement = place(frame, asked(size=(256, 320), fit=fit))
    box = np.asarray([[0.0, 0.0, frame[1], frame[0]]], np.float32)
    scale = np.asarray([placement.scale_x, placement.scale_y] * 2, np.float32)
    offset = np.asarray([placement.left, placement.top] * 2, np.float32)
    inside = box * scale + offset
    assert inside.min() >= 0
    assert inside[0, 2] <= 320 + 1e-3
    assert inside[0, 3] <= 256 + 1e-3
    assert placement.to_frame(inside) == pytest.approx(box, abs=1e-2)


def test_only_the_latest_is_taken_and_the_rest_counted() -> None:
    latest: Latest[int] = Latest()
    for number in range(5):
        latest.put(number)
    assert latest.take(0) == 4
    assert latest.take(0) is None
    assert latest.dropped == 4


def test_who_waits_is_woken_by_a_frame_and_by_the_end() -> None:
    latest: Latest[int] = Latest()
    taken: list[int | None] = []

    def work() -> None:
        taken.append(latest.take(10))
        taken.append(latest.take(10))

    worker = Thread(target=work)
    worker.start()
    latest.put(1)
    latest.close()
    worker.join(10)
    assert taken == [1, None]
