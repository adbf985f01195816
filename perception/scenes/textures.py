"""Procedural textures, 256 x 256 and seamless, in families that worlds draw from.

Textures hold detail about a mean of one half; colour comes mostly from what they are put on. Those
of puffs (smoke, flames) are masks.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

SIZE: Final = 256
VARIANTS: Final = 4
Texture = NDArray[np.float32]
Rng = np.random.Generator


def noise(rng: Rng, power: float, low: float = 1.0, stretch: float = 1.0) -> Texture:
    """[256, 256] seamless noise of mean 0 and deviation 1 with a spectrum of 1 / f ** power.

    Args:
        low: frequencies below it (in periods a tile) are left out.
        stretch: how much longer than high its grains are.
    """
    fy = np.fft.fftfreq(SIZE)[:, None] * SIZE
    fx = np.fft.rfftfreq(SIZE)[None, :] * SIZE * stretch
    frequency = np.sqrt(fx * fx + fy * fy)
    weight = np.where(frequency >= low, np.maximum(frequency, 1e-3) ** -power, 0.0)
    phases = np.exp(2j * np.pi * rng.random(weight.shape))
    field = np.fft.irfft2(weight * phases, s=(SIZE, SIZE))
    return np.asarray((field - field.mean()) / field.std(), np.float32)


def _grey(field: Texture, contrast: float) -> Texture:
    value = np.clip(0.5 + contrast * field, 0.02, 0.98)
    return np.repeat(value[:, :, None], 3, axis=2).astype(np.float32)


def _tinted(field: Texture, rng: Rng, strength: float) -> Texture:
    """Grey with slow changes of hue."""
    tint = np.stack([noise(rng, 1.6) for _ in range(3)], axis=2) * (0.4 * strength)
    return np.clip(field + tint, 0.02, 0.98).astype(np.float32)


def _cells(rng: Rng, count: int) -> tuple[Texture, Texture, NDArray[np.int64]]:
    """Voronoi cells: distance to the nearest, difference to the second, and which it is."""
    from scipy.spatial import cKDTree

    points = rng.random((count, 2)) * SIZE
    shifts = [(dx, dy) for dx in (-SIZE, 0, SIZE) for dy in (-SIZE, 0, SIZE)]
    tiled = np.concatenate([points + shift for shift in shifts])
    grid = np.stack(np.meshgrid(np.arange(SIZE), np.arange(SIZE)), axis=2).reshape(-1, 2)
    found = cKDTree(tiled).query(grid, k=2)
    distance, which = np.asarray(found[0]), np.asarray(found[1])
    first = distance[:, 0].reshape(SIZE, SIZE).astype(np.float32)
    second = distance[:, 1].reshape(SIZE, SIZE).astype(np.float32)
    return first, second - first, (which[:, 0] % count).reshape(SIZE, SIZE)


def _blocks(rng: Rng, columns: int, rows: int, shift: float, joint: float, tone: float) -> Texture:
    """Blocks in rows, each of its own tone, with joints darker than they are."""
    y, x = np.mgrid[0:SIZE, 0:SIZE] / SIZE
    row = np.floor(y * rows)
    along = x * columns + row * shift
    tones = rng.normal(0, tone, (rows, columns))
    value = 0.52 + tones[row.astype(int), np.floor(along).astype(int) % columns]
    from_edge = np.minimum(
        np.abs((along + 0.5) % 1 - 0.5) / columns, np.abs((y * rows + 0.5) % 1 - 0.5) / rows
    )
    value -= 0.28 * np.clip(1 - from_edge * SIZE / joint, 0, 1)
    return _grey((value - 0.5).astype(np.float32) + 0.05 * noise(rng, 0.4), 1.0)


def asphalt(rng: Rng) -> Texture:
    speckle = noise(rng, 0.0, 20) * 0.08 + noise(rng, 1.3) * 0.05
    cracks = np.abs(noise(rng, 1.9)) < 0.018 * rng.random()
    return _tinted(_grey(speckle - 0.2 * cracks, 1.0), rng, 0.01)


def concrete(rng: Rng) -> Texture:
    return _tinted(_grey(noise(rng, 1.1) * 0.05 + noise(rng, 1.9) * 0.06, 1.0), rng, 0.02)


def grass(rng: Rng) -> Texture:
    blades = noise(rng, 0.35, 3, stretch=0.5) * 0.17 + noise(rng, 1.5) * 0.07
    texture = _tinted(_grey(blades, 1.0), rng, 0.03)
    texture[..., 0] *= 1 + 0.25 * np.clip(noise(rng, 1.4), -1, 2)
    return np.clip(texture, 0, 1)


def gravel(rng: Rng) -> Texture:
    distance, edge, which = _cells(rng, int(rng.integers(500, 1600)))
    tones = rng.normal(0.52, 0.13, which.max() + 1)
    value = tones[which] - 0.3 * np.exp(-edge) - 0.012 * distance
    return _tinted(np.repeat(np.clip(value, 0, 1)[..., None], 3, 2).astype(np.float32), rng, 0.02)


def paving(rng: Rng) -> Texture:
    count = int(rng.integers(2, 5))
    return _tinted(
        _blocks(rng, count, count, rng.choice([0.0, 0.5]), rng.uniform(1, 3), 0.04), rng, 0.015
    )


def setts(rng: Rng) -> Texture:
    _, edge, which = _cells(rng, int(rng.integers(60, 140)))
    tones = rng.normal(0.54, 0.07, which.max() + 1)
    value = tones[which] - 0.32 * np.exp(-edge / 2.0) + 0.03 * noise(rng, 0.4)
    return _tinted(np.repeat(np.clip(value, 0, 1)[..., None], 3, 2).astype(np.float32), rng, 0.02)


def brick(rng: Rng) -> Texture:
    rows = int(rng.integers(10, 18))
    return _tinted(_blocks(rng, rows // 3, rows, 0.5, 1.6, 0.07), rng, 0.02)


def herringbone(rng: Rng) -> Texture:
    """Blocks two long and one wide, each turned by 90 degrees to the next."""
    count = 8 * int(rng.integers(1, 3))
    y, x = np.mgrid[0:SIZE, 0:SIZE] * count / SIZE
    column, row = np.floor(x).astype(int), np.floor(y).astype(int)
    turn = (column - row) % 4
    level = turn < 2
    start_x = np.where(level, column - turn, column)
    start_y = np.where(level, row, row - (3 - turn))
    tones = rng.normal(0.52, 0.06, (count, count))
    along, across = np.where(level, x - start_x, y - start_y), np.where(level, y, x) % 1
    edge = np.minimum(np.minimum(along, 2 - along), np.minimum(across, 1 - across))
    value = tones[start_y % count, start_x % count] - 0.25 * np.clip(1 - edge * 12, 0, 1)
    return _grey((value - 0.5).astype(np.float32) + 0.04 * noise(rng, 0.5), 1.0)


def planks(rng: Rng) -> Texture:
    boards = _blocks(rng, 1, int(rng.integers(6, 12)), 0.37, 2.0, 0.05)
    grain = noise(rng, 0.8, 1, stretch=8.0) * 0.06
    return _tinted(np.clip(boards + grain[..., None], 0, 1), rng, 0.01)


def tiles(rng: Rng) -> Texture:
    count = int(rng.integers(3, 9))
    return _blocks(rng, count, count, 0.0, 1.0, 0.02)


def terrazzo(rng: Rng) -> Texture:
    _, edge, which = _cells(rng, 700)
    tones = rng.normal(0.5, 0.16, (which.max() + 1, 3))
    chips = rng.random(which.max() + 1) < 0.4
    value = np.where((chips[which] & (edge > 2))[..., None], tones[which], 0.52)
    return np.asarray(np.clip(value + 0.02 * noise(rng, 0.2)[..., None], 0, 1), np.float32)


def plaster(rng: Rng) -> Texture:
    streaks = noise(rng, 1.4, 1, stretch=0.2) * 0.05
    return _tinted(_grey(noise(rng, 0.6, 6) * 0.03 + streaks, 1.0), rng, 0.015)


def panels(rng: Rng) -> Texture:
    return _blocks(rng, int(rng.integers(2, 4)), int(rng.integers(1, 4)), 0.0, 1.5, 0.03)


def corrugated(rng: Rng) -> Texture:
    x = np.arange(SIZE) / SIZE * 2 * np.pi * int(rng.integers(14, 26))
    return _grey((0.16 * np.sin(x))[None, :] + 0.03 * noise(rng, 1.0), 1.0)


def windows(rng: Rng) -> Texture:
    """A facade: windows with frames in a wall, some with blinds."""
    across, up = int(rng.integers(1, 4)), int(rng.integers(1, 3))
    y, x = np.mgrid[0:SIZE, 0:SIZE] / SIZE
    u, v = (x * across) % 1, (y * up) % 1
    wide, low, high = rng.uniform(0.25, 0.44), rng.uniform(0.15, 0.35), rng.uniform(0.75, 0.92)
    inside = (np.abs(u - 0.5) < wide) & (v > low) & (v < high)
    grown = ndimage.binary_dilation(inside, iterations=4)
    texture = _tinted(_grey(0.04 * noise(rng, 0.8) + 0.04, 1.0), rng, 0.01)
    texture[grown] = rng.uniform(0.3, 0.9)
    shade = np.floor(x * across).astype(int) + across * np.floor(y * up).astype(int)
    glass = rng.uniform(0.08, 0.4, shade.max() + 1)[shade] + 0.15 * (v - 0.5)
    texture[inside] = np.stack([glass * 0.85, glass * 0.95, glass * 1.1], axis=2)[inside]
    mullion = inside & (np.abs(u - 0.5) < 0.012 * across)
    texture[mullion] = 0.6
    return np.clip(texture, 0, 1).astype(np.float32)


def cloth(rng: Rng) -> Texture:
    """Folds, and on some variants stripes or checks."""
    folds = noise(rng, 1.5, 2, stretch=2.5) * 0.055 + noise(rng, 0.3, 30) * 0.02
    y, x = np.mgrid[0:SIZE, 0:SIZE] / SIZE * 2 * np.pi
    kind, count = rng.integers(0, 5), int(rng.integers(3, 12))
    if kind == 1:
        folds = folds + 0.16 * np.sign(np.sin(y * count))
    elif kind == 2:
        folds = folds + 0.1 * np.sign(np.sin(y * count)) + 0.1 * np.sign(np.sin(x * count))
    return _grey(folds.astype(np.float32), 1.0)


def leaves(rng: Rng) -> Texture:
    distance, _, which = _cells(rng, int(rng.integers(250, 700)))
    tones = rng.normal(0.55, 0.2, which.max() + 1)
    value = tones[which] - 0.035 * distance + 0.06 * noise(rng, 0.8)
    return _tinted(np.repeat(np.clip(value, 0, 1)[..., None], 3, 2).astype(np.float32), rng, 0.04)


def plain(rng: Rng) -> Texture:
    return _grey(noise(rng, 1.2) * 0.025, 1.0)


FAMILIES: Final[dict[str, Callable[[Rng], Texture]]] = {
    family.__name__: family
    for family in (
        *(plain, asphalt, concrete, grass, gravel, paving, setts, brick, herringbone, planks),
        *(tiles, terrazzo, plaster, panels, corrugated, windows, cloth, leaves),
    )
}


def layer(family: str, variant: int) -> int:
    """The index of a texture in the stack.

    Raises:
        KeyError: there is no such family.
    """
    return list(FAMILIES).index(family) * VARIANTS + variant % VARIANTS


@cache
def texture_stack() -> NDArray[np.uint8]:
    """[layers, 256, 256, 3]: VARIANTS textures of each family, the same on every machine."""
    stack = []
    for number, make in enumerate(FAMILIES.values()):
        stack += [make(np.random.default_rng([number, each])) for each in range(VARIANTS)]
    return (np.stack(stack) * 255).astype(np.uint8)


@cache
def puff_stack() -> NDArray[np.uint8]:
    """[8, 64, 64] masks: four of smoke (soft balls with ragged edges), four of flames."""
    y, x = np.mgrid[-1:1:64j, -1:1:64j]
    masks = []
    for seed in range(4):
        ragged = noise(np.random.default_rng([77, seed]), 1.5)[::4, ::4]
        masks.append(np.clip(1.15 - np.hypot(x, y) * 1.25 + 0.22 * ragged, 0, 1))
    for seed in range(4):
        ragged = noise(np.random.default_rng([78, seed]), 1.6, stretch=2.0)[::4, ::4]
        width = 0.62 * np.clip((y + 1) * 3, 0, 1) * np.clip(1 - (y + 1) / 2, 0, 1) ** 0.8 + 0.02
        masks.append(np.clip(1.3 - np.abs(x + 0.12 * ragged * (y + 1)) / width, 0, 1))
    faded = [mask * np.clip(2.2 - 2.2 * np.maximum(np.abs(x), np.abs(y)), 0, 1) for mask in masks]
    return (np.stack(faded) * 255).astype(np.uint8)
