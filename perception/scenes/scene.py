"""What a scene is made of, as plain data: who stands where, under which light, seen from where."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from perception.roles import Role

Point = tuple[float, float]
Colour = tuple[float, float, float]


class Posture(StrEnum):
    """How a person holds himself; `fallen` alone is a person down."""

    WALKING = "walking"
    STANDING = "standing"
    BENDING = "bending"
    CROUCHING = "crouching"
    KNEELING = "kneeling"
    SITTING = "sitting"
    SITTING_ON_GROUND = "sitting_on_ground"
    FALLEN = "fallen"


class Kind(StrEnum):
    """Things that stand about a campus; those of ROLES get labels."""

    VEHICLE = "vehicle"
    LITTER = "litter"
    SPILL = "spill"
    SMOKE = "smoke"
    FIRE = "fire"
    EXTINGUISHER = "extinguisher"
    DOOR = "door"
    TREE = "tree"
    BUSH = "bush"
    LAMP = "lamp"
    BENCH = "bench"
    CHAIR = "chair"
    TABLE = "table"
    BIN = "bin"
    BOLLARD = "bollard"
    CONE = "cone"
    HYDRANT = "hydrant"
    PLANTER = "planter"
    SIGN = "sign"
    NOTICE = "notice"
    CABINET = "cabinet"
    PIPE = "pipe"
    STONE = "stone"
    LEAVES = "leaves"
    MANHOLE = "manhole"
    PATCH = "patch"
    MAT = "mat"
    ROBOT = "robot"
    PALLET = "pallet"
    TARPAULIN = "tarpaulin"


ROLES: Final = tuple(role.value for role in Role)


@dataclass(frozen=True)
class Person:
    """A person: the place of the feet (the middle of a fallen body) and how he is.

    Attributes:
        phase: where in a stride, 0 to 1; other postures: which variant.
        look: seed of body shape and clothes; the same person keeps it.
    """

    x_m: float
    y_m: float
    heading_rad: float
    posture: Posture = Posture.STANDING
    phase: float = 0.0
    look: int = 0
    z_m: float = 0.0

    @property
    def role(self) -> str:
        return "person_down" if self.posture is Posture.FALLEN else "person"


@dataclass(frozen=True)
class Thing:
    """A thing on the ground or on a wall.

    Attributes:
        heading_rad: the way it faces; what hangs on a wall faces away from it.
        size: times its usual size.
        look: seed of its form and colours.
        opening: of a door, 0 (shut) to 1 (wide open).
    """

    kind: Kind
    x_m: float
    y_m: float
    heading_rad: float = 0.0
    z_m: float = 0.0
    size: float = 1.0
    look: int = 0
    opening: float = 0.0

    @property
    def role(self) -> str | None:
        """The role it is labelled with; None: background."""
        if self.kind is Kind.DOOR:
            return "door_open" if self.opening >= 0.25 else None
        return self.kind.value if self.kind.value in ROLES else None


@dataclass(frozen=True)
class Ground:
    """A flat piece of ground.

    Attributes:
        outline: its corners; it need not be convex.
        texture: a family of `textures.FAMILIES`, with `variant` choosing one of its textures.
        height_m: how high it lies; a kerb is made where it is above 4 cm.
        layer: 0 to 5; of two pieces at the same height the higher layer covers the other.
    """

    outline: tuple[Point, ...]
    texture: str
    colour: Colour
    variant: int = 0
    tile_m: float = 2.0
    height_m: float = 0.0
    gloss: float = 0.0
    layer: int = 0


@dataclass(frozen=True)
class Building:
    """Walls up from an outline; `inward` makes a room that is seen from within, with a ceiling."""

    outline: tuple[Point, ...]
    height_m: float
    texture: str
    colour: Colour
    variant: int = 0
    tile_m: float = 3.0
    base_m: float = 0.0
    inward: bool = False
    roof_colour: Colour = (0.4, 0.4, 0.4)


@dataclass(frozen=True)
class Glow:
    """A light in one place: a lamp, a fire, the headlight of a robot."""

    x_m: float
    y_m: float
    z_m: float
    colour: Colour = (1.0, 0.85, 0.6)
    reach_m: float = 8.0


@dataclass(frozen=True)
class Light:
    """The light of a scene; colours are linear, 1 is white paper in the sun."""

    to_sun: tuple[float, float, float] = (0.4, 0.3, 0.85)
    sun: Colour = (1.0, 0.95, 0.85)
    sky: Colour = (0.3, 0.34, 0.4)
    bounce: Colour = (0.14, 0.13, 0.12)
    zenith: Colour = (0.35, 0.5, 0.75)
    horizon: Colour = (0.75, 0.8, 0.85)
    haze_per_m: float = 0.004
    exposure: float = 0.5
    wetness: float = 0.0
    glows: tuple[Glow, ...] = ()


@dataclass(frozen=True)
class Scene:
    """Everything a camera may see."""

    people: tuple[Person, ...] = ()
    things: tuple[Thing, ...] = ()
    grounds: tuple[Ground, ...] = ()
    buildings: tuple[Building, ...] = ()
    light: Light = field(default_factory=Light)


@dataclass(frozen=True)
class Camera:
    """A pinhole camera: place, way it looks, and picture size.

    Attributes:
        yaw_rad: of the optical axis, from east towards north.
        pitch_rad: of the optical axis, up positive.
    """

    x_m: float
    y_m: float
    z_m: float
    yaw_rad: float
    pitch_rad: float = 0.0
    roll_rad: float = 0.0
    horizontal_fov_rad: float = 1.2
    width: int = 640
    height: int = 480

    @property
    def focal_px(self) -> float:
        return self.width / 2 / float(np.tan(self.horizontal_fov_rad / 2))

    def axes(self) -> NDArray[np.float64]:
        """[3, 3] rows: right, up and back of the camera in the world."""
        cy, sy = np.cos(self.yaw_rad), np.sin(self.yaw_rad)
        cp, sp = np.cos(self.pitch_rad), np.sin(self.pitch_rad)
        ahead = np.array([cy * cp, sy * cp, sp])
        right = np.array([sy, -cy, 0.0])
        up = np.cross(right, ahead)
        cr, sr = np.cos(self.roll_rad), np.sin(self.roll_rad)
        return np.stack([right * cr + up * sr, up * cr - right * sr, -ahead])

    def matrix(self, near_m: float = 0.12, far_m: float = 400.0) -> NDArray[np.float64]:
        """[4, 4] from world to clip coordinates, as OpenGL has them."""
        axes = self.axes()
        view = np.eye(4)
        view[:3, :3] = axes
        view[:3, 3] = -axes @ np.array([self.x_m, self.y_m, self.z_m])
        x_scale = 1 / float(np.tan(self.horizontal_fov_rad / 2))
        projection = np.zeros((4, 4))
        projection[0, 0] = x_scale
        projection[1, 1] = x_scale * self.width / self.height
        projection[2, 2] = (far_m + near_m) / (near_m - far_m)
        projection[2, 3] = 2 * far_m * near_m / (near_m - far_m)
        projection[3, 2] = -1.0
        return projection @ view
