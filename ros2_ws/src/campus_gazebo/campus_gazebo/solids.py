"""Masses and inertias of plain solids and of bodies made of them (kg, m, kg·m²)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]
Xyz = tuple[float, float, float]


class Shape(Protocol):
    """A homogeneous solid about its own middle."""

    def inertia(self, mass_kg: float) -> Matrix:
        """Its inertia about its middle, shape (3, 3), kg·m²."""
        ...

    def sdf(self) -> str:
        """Its geometry in SDF."""
        ...


@dataclass(frozen=True, slots=True)
class Box:
    """A cuboid: its edges along x, y and z."""

    length_m: float
    width_m: float
    height_m: float

    def inertia(self, mass_kg: float) -> Matrix:
        """m/12 times the sums of squares of the two other edges."""
        x, y, z = (each**2 for each in (self.length_m, self.width_m, self.height_m))
        return np.diag([y + z, x + z, x + y]) * mass_kg / 12

    def sdf(self) -> str:
        """Its geometry in SDF."""
        return f"<box><size>{self.length_m:g} {self.width_m:g} {self.height_m:g}</size></box>"


@dataclass(frozen=True, slots=True)
class Cylinder:
    """An upright cylinder."""

    radius_m: float
    height_m: float

    def inertia(self, mass_kg: float) -> Matrix:
        """m r²/2 about its axis, m (3 r² + h²)/12 across it."""
        across = mass_kg * (3 * self.radius_m**2 + self.height_m**2) / 12
        return np.diag([across, across, mass_kg * self.radius_m**2 / 2])

    def sdf(self) -> str:
        """Its geometry in SDF."""
        size = f"<radius>{self.radius_m:g}</radius><length>{self.height_m:g}</length>"
        return f"<cylinder>{size}</cylinder>"


@dataclass(frozen=True, slots=True)
class Sphere:
    """A ball."""

    radius_m: float

    def inertia(self, mass_kg: float) -> Matrix:
        """2/5 m r²."""
        return np.eye(3) * 0.4 * mass_kg * self.radius_m**2

    def sdf(self) -> str:
        """Its geometry in SDF."""
        return f"<sphere><radius>{self.radius_m:g}</radius></sphere>"


@dataclass(frozen=True, slots=True)
class Placed:
    """A solid with its mass where it stands in a body.

    Attributes:
        at: its middle in the body's frame.
        roll_rad: about x; a wheel is a cylinder that lies.
    """

    shape: Shape
    mass_kg: float
    at: Xyz
    roll_rad: float = 0.0

    def inertia(self) -> Matrix:
        """About its own middle, along the body's axes."""
        c, s = math.cos(self.roll_rad), math.sin(self.roll_rad)
        turn = np.array([[1, 0, 0], [0, c, -s], [0, s, c]])
        return turn @ self.shape.inertia(self.mass_kg) @ turn.T


@dataclass(frozen=True)
class Inertial:
    """Mass, its centre, and the inertia about that centre, shape (3, 3)."""

    mass_kg: float
    centre: Xyz
    inertia: Matrix

    def sdf(self) -> str:
        """The element `inertial`."""
        entries = (
            ("ixx", 0, 0),
            ("ixy", 0, 1),
            ("ixz", 0, 2),
            ("iyy", 1, 1),
            ("iyz", 1, 2),
            ("izz", 2, 2),
        )
        matrix = "".join(
            f"<{name}>{round(float(self.inertia[row, column]), 6):g}</{name}>"
            for name, row, column in entries
        )
        where = " ".join(f"{each:.5g}" for each in self.centre)
        return (
            f"<inertial><pose>{where} 0 0 0</pose><mass>{self.mass_kg:g}</mass>"
            f"<inertia>{matrix}</inertia></inertial>"
        )


def together(solids: Sequence[Placed]) -> Inertial:
    """A rigid body made of solids, by the parallel axis theorem."""
    mass_kg = sum(each.mass_kg for each in solids)
    places = np.array([each.at for each in solids])
    masses = np.array([each.mass_kg for each in solids])
    centre = masses @ places / mass_kg
    inertia = np.zeros((3, 3))
    for each, offset in zip(solids, places - centre, strict=True):
        steiner = float(offset @ offset) * np.eye(3) - np.outer(offset, offset)
        inertia += each.inertia() + each.mass_kg * steiner
    return Inertial(mass_kg, (float(centre[0]), float(centre[1]), float(centre[2])), inertia)
