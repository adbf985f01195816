"""What lens, sensor and weather do to a picture: blur, noise, exposure, white balance, rain."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

Rng = np.random.Generator
Image = NDArray[np.uint8]


@dataclass(frozen=True)
class Quality:
    """How a camera spoils a picture.

    Attributes:
        gain: of the three channels, 1 leaves them.
        noise: standard deviation in grey levels.
        blur_px: of the lens, standard deviation.
        smear_px: by movement, length, along smear_rad.
        drops: streaks of rain.
        seed: of noise and rain.
    """

    gain: tuple[float, float, float] = (1.0, 1.0, 1.0)
    noise: float = 0.0
    blur_px: float = 0.0
    smear_px: int = 0
    smear_rad: float = 0.0
    drops: int = 0
    seed: int = 0


def draw_quality(rng: Rng, dark: bool = False, rain: bool = False) -> Quality:
    """A camera as robots have them; noisier in the dark."""
    level = float(np.exp(rng.normal(0, 0.12)))
    red, green, blue = (level * np.exp(rng.normal(0, 0.05, 3))).tolist()
    return Quality(
        gain=(red, green, blue),
        noise=float(rng.uniform(3, 14) if dark else rng.uniform(0.5, 6)),
        blur_px=float(rng.uniform(0, 1.1)),
        smear_px=int(rng.choice([0, 0, 0, 3, 5, 8])),
        smear_rad=float(rng.normal(0, 0.5)),
        drops=int(rng.integers(60, 320)) if rain else 0,
        seed=int(rng.integers(1 << 30)),
    )


@cache
def _grain() -> NDArray[np.int8]:
    """A sheet of noise of deviation 32, cut anew for every picture."""
    rng = np.random.default_rng(3)
    return np.clip(rng.normal(0, 32, (900, 1200, 3)), -127, 127).astype(np.int8)


def spoil(image: Image, quality: Quality) -> Image:
    """The picture as the camera gives it; [height, width, 3], at most 640 x 480 pixels."""
    rng = np.random.default_rng(quality.seed)
    out = image
    if quality.drops:
        out = _rained(out, quality.drops, rng)
    if quality.blur_px > 0.3:
        out = np.asarray(cv2.GaussianBlur(out, (0, 0), quality.blur_px), np.uint8)
    if quality.smear_px >= 3:
        out = np.asarray(
            cv2.filter2D(out, -1, _smear(quality.smear_px, quality.smear_rad)), np.uint8
        )
    if quality.gain != (1.0, 1.0, 1.0):
        steps = np.arange(256)[:, None] * np.array(quality.gain)
        table = np.clip(steps, 0, 255).astype(np.uint8).reshape(1, 256, 3)
        out = np.asarray(cv2.LUT(out, table), np.uint8)
    if quality.noise > 0:
        height, width = out.shape[:2]
        grain = _grain()
        y = int(rng.integers(0, grain.shape[0] - height + 1))
        x = int(rng.integers(0, grain.shape[1] - width + 1))
        sheet = grain[y : y + height, x : x + width]
        out = _with_grain(out, sheet, quality.noise / 32)
    return out


def _with_grain(image: Image, sheet: NDArray[np.int8], share: float) -> Image:
    scaled = np.round(sheet * np.float32(share)).astype(np.int16)
    return np.asarray(cv2.add(image, scaled, dtype=cv2.CV_8U), np.uint8)


def _smear(length: int, angle_rad: float) -> NDArray[np.float32]:
    kernel = np.zeros((length, length), np.float32)
    middle = (length - 1) / 2
    reach = np.array([np.cos(angle_rad), np.sin(angle_rad)]) * middle
    start = (round(middle - reach[0]), round(middle - reach[1]))
    end = (round(middle + reach[0]), round(middle + reach[1]))
    cv2.line(kernel, start, end, 1.0)
    return np.asarray(kernel / kernel.sum(), np.float32)


def _rained(image: Image, drops: int, rng: Rng) -> Image:
    height, width = image.shape[:2]
    streaks = image.copy()
    slant = rng.normal(0, 0.15)
    for x, y, size in zip(
        rng.integers(0, width, drops),
        rng.integers(0, height, drops),
        rng.uniform(6, 30, drops),
        strict=True,
    ):
        end = (int(x + slant * size), int(y + size))
        cv2.line(streaks, (int(x), int(y)), end, (205, 208, 212), 1)
    return np.asarray(cv2.addWeighted(image, 0.62, streaks, 0.38, 0), np.uint8)
