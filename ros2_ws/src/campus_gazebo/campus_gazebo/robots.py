"""Our three robots as solids, in the sizes of the fleet file: security, cleaning, safety."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from campus_gazebo.solids import Box, Cylinder, Placed, Shape, Sphere, Xyz
from campus_sim.kinematics import HALF_TRACK_PER_RADIUS
from fleet_manager.core.config import KindSpec
from fleet_manager.core.errors import CampusFleetError

Colour = tuple[float, float, float]

WHEEL_RADIUS_M, WHEEL_WIDE_M = 0.12, 0.06
WHEEL_SHARE = 0.07
"""Of the robot's mass in each wheel, with its motor and gear: what turns has to be heavy enough
that a step of the solver takes the body along."""
CLEARANCE_M = 0.06
CASTER_KG = 0.4
LIDAR_HIGH_M = 0.3
"""Of the plane that the lidar sees: above docks and kerbs, below banks of water."""
_DARK: Colour = (0.15, 0.15, 0.17)
_LENS: Colour = (0.05, 0.05, 0.1)


class UnknownLook(CampusFleetError):
    """A kind of robot that is not one of ours and says nothing of how it looks."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A solid of the body that can be seen.

    Attributes:
        touched: what others meet; the body and what stands out of it.
    """

    name: str
    solid: Placed
    colour: Colour
    touched: bool = False


@dataclass(frozen=True)
class Look:
    """A robot's body.

    Attributes:
        pieces: of the rigid body; the first is the chassis with the bumper around it.
        camera_at: of the camera in the body's frame, looking ahead.
        battery_v: nominal.
    """

    pieces: tuple[Piece, ...]
    camera_at: Xyz
    battery_v: float = 48.0


@dataclass(frozen=True)
class RobotModel:
    """A robot ready to be written: its body, wheels and casters, as large as its kind says.

    Attributes:
        half_track_m: from the middle to a wheel.
        caster_at_m: of the casters, ahead and behind.
    """

    kind: KindSpec
    look: Look

    @property
    def wheel_kg(self) -> float:
        """One wheel with motor and gear."""
        body_kg = sum(each.mass_kg for each in self.body)
        return body_kg * WHEEL_SHARE / (1 - 2 * WHEEL_SHARE)

    @property
    def half_track_m(self) -> float:
        """From the middle to the middle of a wheel."""
        return HALF_TRACK_PER_RADIUS * self.kind.footprint_radius_m

    @property
    def caster_at_m(self) -> float:
        """From the middle to a caster, ahead and behind."""
        return 0.7 * self.kind.footprint_radius_m

    @property
    def body(self) -> list[Placed]:
        """All solids of the rigid body, casters too."""
        casters = [
            Placed(Sphere(CLEARANCE_M / 2), CASTER_KG, (side * self.caster_at_m, 0.0, 0.03))
            for side in (1.0, -1.0)
        ]
        return [*(each.solid for each in self.look.pieces), *casters]

    @property
    def mass_kg(self) -> float:
        """All of it."""
        return sum(each.mass_kg for each in self.body) + 2 * self.wheel_kg


def model_of(kind: KindSpec) -> RobotModel:
    """The model of a kind of robot: by its name, or else by what it can do.

    It weighs what the fleet file says, spread as the look's own masses are; those hold where the
    file gives no mass.

    Raises:
        UnknownLook: none of ours does what this kind does.
    """
    look = (LOOKS.get(kind.name) or _look_for(kind))(kind)
    if kind.mass_kg <= 0.0:
        return RobotModel(kind, look)
    body_kg = kind.mass_kg * (1 - 2 * WHEEL_SHARE) - 2 * CASTER_KG
    share = body_kg / sum(each.solid.mass_kg for each in look.pieces)
    pieces = tuple(
        replace(each, solid=replace(each.solid, mass_kg=each.solid.mass_kg * share))
        for each in look.pieces
    )
    return RobotModel(kind, replace(look, pieces=pieces))


def _look_for(kind: KindSpec) -> Callable[[KindSpec], Look]:
    if kind.brush_width_m is not None:
        return _cleaning
    if "respond" in kind.skills:
        return _security
    if kind.skills & {"inspect", "patrol"}:
        return _safety
    raise UnknownLook(
        f"no model for robots of the kind {kind.name!r}",
        f"name the kind {', '.join(LOOKS)}, or give it one of their skills in fleet.yaml",
    )


def _chassis(kind: KindSpec, high_m: float, mass_kg: float, colour: Colour) -> Piece:
    """A round chassis as wide as the footprint: what touches it is what the footprint says."""
    shape = Cylinder(kind.footprint_radius_m, high_m - CLEARANCE_M)
    middle = (0.0, 0.0, (high_m + CLEARANCE_M) / 2)
    return Piece("chassis", Placed(shape, mass_kg, middle), colour, touched=True)


def _piece(
    name: str, shape: Shape, mass_kg: float, at: Xyz, colour: Colour, touched: bool = False
) -> Piece:
    return Piece(name, Placed(shape, mass_kg, at), colour, touched)


def _security(kind: KindSpec) -> Look:
    """A patrol robot: a mast with a camera at the height of a face, a light on top."""
    return Look(
        (
            _chassis(kind, 0.42, 42.0, (0.12, 0.2, 0.36)),
            _piece("battery", Box(0.36, 0.3, 0.14), 12.0, (0.0, 0.0, 0.16), _DARK),
            _piece("mast", Cylinder(0.04, 1.0), 4.0, (-0.05, 0.0, 0.92), (0.7, 0.7, 0.72)),
            _piece("head", Box(0.16, 0.2, 0.14), 1.6, (-0.05, 0.0, 1.45), (0.12, 0.2, 0.36)),
            _piece("camera", Cylinder(0.03, 0.05), 0.2, (0.05, 0.0, 1.45), _LENS),
            _piece("light", Cylinder(0.05, 0.06), 0.3, (-0.05, 0.0, 1.55), (0.1, 0.4, 0.95)),
        ),
        camera_at=(0.08, 0.0, 1.45),
    )


def _cleaning(kind: KindSpec) -> Look:
    """A sweeper: a low body with tanks, a main brush below it and two side brushes in front."""
    wide_m = kind.brush_width_m or 0.7
    side_m = wide_m / 2 - 0.12
    return Look(
        (
            _chassis(kind, 0.5, 70.0, (0.93, 0.6, 0.12)),
            _piece("battery", Box(0.4, 0.36, 0.16), 24.0, (-0.05, 0.0, 0.18), _DARK),
            _piece("tank", Box(0.5, 0.5, 0.2), 30.0, (-0.12, 0.0, 0.4), (0.85, 0.85, 0.82)),
            _piece("main_brush", Box(0.14, wide_m, 0.05), 3.0, (0.0, 0.0, 0.035), _DARK),
            _piece("left_brush", Cylinder(0.12, 0.04), 1.0, (0.38, side_m, 0.035), _DARK),
            _piece("right_brush", Cylinder(0.12, 0.04), 1.0, (0.38, -side_m, 0.035), _DARK),
            _piece("camera", Box(0.04, 0.1, 0.04), 0.2, (0.5, 0.0, 0.47), _LENS),
        ),
        camera_at=(kind.footprint_radius_m, 0.0, 0.47),
    )


def _safety(kind: KindSpec) -> Look:
    """An inspection robot: a mast with a gas sensor half way up and a thermal camera on top."""
    return Look(
        (
            _chassis(kind, 0.4, 38.0, (0.75, 0.2, 0.16)),
            _piece("battery", Box(0.34, 0.3, 0.13), 11.0, (0.0, 0.0, 0.15), _DARK),
            _piece("mast", Cylinder(0.035, 1.2), 3.6, (-0.1, 0.0, 1.0), (0.7, 0.7, 0.72)),
            _piece("gas_sensor", Box(0.12, 0.14, 0.18), 1.4, (-0.02, 0.0, 0.8), (0.9, 0.85, 0.2)),
            _piece("thermal_camera", Box(0.14, 0.12, 0.12), 1.1, (-0.08, 0.0, 1.6), _DARK),
            _piece("camera", Cylinder(0.03, 0.05), 0.2, (0.02, 0.0, 1.6), _LENS),
        ),
        camera_at=(0.05, 0.0, 1.6),
    )


LOOKS: Mapping[str, Callable[[KindSpec], Look]] = {
    "security": _security,
    "cleaning": _cleaning,
    "safety": _safety,
}
"""How robots of our kinds look, by the name of the kind."""
