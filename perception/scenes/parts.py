"""Collects the parts of a scene as rows of numbers, ready for the graphics memory."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from perception.scenes.meshes import MESH_NAMES, MeshName, placed
from perception.scenes.scene import Colour
from perception.scenes.textures import layer

# Per part: transform (12), colour and glow (4), texture layer, tile, strength and gloss (4), thing.
PART_FLOATS = 21
# Per corner of a triangle: place (3), normal (3), colour and opacity (of films; 4), surface, thing.
CORNER_FLOATS = 15
# Per puff: middle and half width (4), colour and opacity (4), mask, glow, half height, thing.
PUFF_FLOATS = 12


@dataclass(frozen=True)
class Surface:
    """How a part looks close up.

    Attributes:
        tile_m: metres that one tile of the texture covers.
        strength: 0 (plain colour) to 1 (all of the texture).
        gloss: 0 (matt) to 1 (mirrors the sky).
    """

    texture: str = "plain"
    variant: int = 0
    tile_m: float = 1.0
    strength: float = 1.0
    gloss: float = 0.0

    def row(self) -> tuple[float, float, float, float]:
        return (float(layer(self.texture, self.variant)), self.tile_m, self.strength, self.gloss)


PLAIN = Surface()


@dataclass
class Parts:
    """Rows in the making; `thing` is the number of the labelled thing they belong to, or 0."""

    thing: int = 0
    meshes: dict[MeshName, list[tuple[float, ...]]] = field(
        default_factory=lambda: {name: [] for name in MESH_NAMES}
    )
    solid: list[NDArray[np.float32]] = field(default_factory=list)
    films: list[NDArray[np.float32]] = field(default_factory=list)
    puffs: list[tuple[float, ...]] = field(default_factory=list)

    def add(
        self,
        mesh: MeshName,
        transform: NDArray[np.float64],
        colour: Colour,
        surface: Surface = PLAIN,
        glow: float = 0.0,
    ) -> None:
        """One mesh, placed by a [3, 4] transform."""
        self.meshes[mesh].append(
            (*transform.ravel().tolist(), *colour, glow, *surface.row(), float(self.thing))
        )

    def box(
        self,
        middle_m: tuple[float, float, float],
        half_m: tuple[float, float, float],
        colour: Colour,
        surface: Surface = PLAIN,
    ) -> None:
        """A box along the axes."""
        self.add("box", placed(middle_m, half_m), colour, surface)

    def triangles(
        self,
        corners_m: NDArray[np.float64],
        normal: tuple[float, float, float],
        colour: Colour,
        surface: Surface = PLAIN,
        opacity: float | None = None,
    ) -> None:
        """Triangles [n, 3, 3] of one normal; with an opacity they are a film on what is below."""
        points = corners_m.reshape(-1, 3)
        rows = np.empty((len(points), CORNER_FLOATS), dtype=np.float32)
        rows[:, 0:3] = points
        rows[:, 3:6] = normal
        rows[:, 6:10] = (*colour, opacity or 0.0)
        rows[:, 10:14] = surface.row()
        rows[:, 14] = self.thing
        (self.solid if opacity is None else self.films).append(rows)

    def puff(
        self,
        middle_m: tuple[float, float, float],
        half_m: tuple[float, float],
        colour: Colour,
        opacity: float,
        mask: int,
        glow: float = 0.0,
    ) -> None:
        """A picture that always faces the camera: smoke (masks 0 to 3) or flames (4 to 7)."""
        self.puffs.append(
            (
                *middle_m,
                half_m[0],
                *colour,
                opacity,
                float(mask),
                glow,
                half_m[1],
                float(self.thing),
            )
        )


@dataclass(frozen=True)
class Bodies:
    """The bounding corners of the labelled things' parts, for boxes before anything hides them.

    Attributes:
        corners_m: [n, 8, 3].
        thing: [n] numbers of things, from 1.
    """

    corners_m: NDArray[np.float64]
    thing: NDArray[np.int64]


_CUBE = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=np.float64)
_POST = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-0.05, 1.05)])


def bodies(parts: Parts) -> Bodies:
    """What the labelled things of `parts` take up."""
    corners, things = [], []
    for name, rows in parts.meshes.items():
        table = np.array(rows, dtype=np.float64).reshape(-1, PART_FLOATS)
        table = table[table[:, 20] > 0]
        transform = table[:, :12].reshape(-1, 3, 4)
        unit = _POST if name == "limb" else _CUBE
        corners.append(
            np.einsum("nij,kj->nki", transform[:, :, :3], unit) + transform[:, None, :, 3]
        )
        things.append(table[:, 20])
    for film in [*parts.films, *parts.solid]:
        if film[0, 14] > 0:
            low, high = film[:, :3].min(axis=0), film[:, :3].max(axis=0)
            corners.append(np.where(_CUBE > 0, high, low)[None].astype(np.float64))
            things.append(film[:1, 14].astype(np.float64))
    for puff in parts.puffs:
        half = np.array([puff[3], puff[3], puff[10]])
        corners.append((np.array(puff[:3]) + _CUBE * half)[None])
        things.append(np.array([puff[11]]))
    return Bodies(np.concatenate(corners), np.concatenate(things).astype(np.int64))
