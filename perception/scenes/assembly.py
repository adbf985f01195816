"""Turns a scene's plain data into rows to draw, and knows what each number stands for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perception.scenes.furniture import add_thing
from perception.scenes.meshes import MeshName
from perception.scenes.parts import CORNER_FLOATS, PART_FLOATS, PUFF_FLOATS, Bodies, Parts, bodies
from perception.scenes.people import add_person
from perception.scenes.scene import Light, Person, Scene, Thing
from perception.scenes.surroundings import add_building, add_ground

NEAR_M = 0.12


@dataclass(frozen=True)
class Assembled:
    """A scene ready to be drawn.

    Attributes:
        labelled: people and things by their numbers, from 1.
        centre_m: where shadows are sharp.
    """

    meshes: dict[MeshName, NDArray[np.float32]]
    solid: NDArray[np.float32]
    films: NDArray[np.float32]
    puffs: NDArray[np.float32]
    taken: Bodies
    labelled: tuple[Person | Thing, ...]
    light: Light
    centre_m: tuple[float, float]
    indoors: bool

    def screen_boxes(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """[things + 1, 4] boxes on the screen that hold each thing; nan: it is too near.

        Args:
            matrix: [4, 4] from world to clip coordinates.
        """
        corners = self.taken.corners_m
        homogeneous = corners @ matrix[:, :3].T + matrix[:, 3]
        depth = homogeneous[..., 3]
        flat = homogeneous[..., :2] / np.maximum(depth, NEAR_M)[..., None]
        flat[depth < NEAR_M] = np.nan
        low, high = flat.min(axis=1), flat.max(axis=1)
        boxes = np.full((len(self.labelled) + 1, 4), np.nan)
        for number in range(1, len(self.labelled) + 1):
            own = self.taken.thing == number
            if own.any():
                boxes[number, :2], boxes[number, 2:] = low[own].min(axis=0), high[own].max(axis=0)
        return boxes


def assemble(scene: Scene, centre_m: tuple[float, float] = (0.0, 0.0)) -> Assembled:
    """Everything of a scene as rows; people and things with a role get numbers from 1.

    Raises:
        ValueError: an outline is no polygon.
        KeyError: there is no such texture.
    """
    parts = Parts()
    for ground in scene.grounds:
        add_ground(parts, ground)
    for building in scene.buildings:
        add_building(parts, building)
    labelled: list[Person | Thing] = []
    for thing in scene.things:
        if thing.role is not None:
            labelled.append(thing)
        parts.thing = len(labelled) if thing.role is not None else 0
        add_thing(parts, thing)
    for person in scene.people:
        labelled.append(person)
        parts.thing = len(labelled)
        add_person(parts, person)

    def stacked(rows: list[NDArray[np.float32]]) -> NDArray[np.float32]:
        return np.concatenate([np.zeros((0, CORNER_FLOATS), np.float32), *rows])

    return Assembled(
        meshes={
            name: np.array(rows, dtype=np.float32).reshape(-1, PART_FLOATS)
            for name, rows in parts.meshes.items()
        },
        solid=stacked(parts.solid),
        films=stacked(parts.films),
        puffs=np.array(parts.puffs, dtype=np.float32).reshape(-1, PUFF_FLOATS),
        taken=bodies(parts),
        labelled=tuple(labelled),
        light=scene.light,
        centre_m=centre_m,
        indoors=any(building.inward for building in scene.buildings),
    )
