"""Cameras of robots and fixed ones: they show what the simulator holds, a few times a second."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import cv2

from campus_sim.body import Body
from campus_sim.configuration import ConfigurationError
from campus_sim.happenings import Happening
from campus_sim.site_scene import SiteScenes
from campus_sim.world import DT_S, World
from fleet_manager.core.campus import Campus
from perception import camera as calibration
from perception.errors import PerceptionError
from perception.scenes.assembly import assemble
from perception.scenes.camera_effects import Quality, spoil
from perception.scenes.lights import indoors, light_of_hour
from perception.scenes.renderer import Renderer
from perception.scenes.scene import Camera, Kind, Person, Posture, Scene, Thing

STRIDE_M = 1.4
SEEN_M = 45.0
JPEG_QUALITY = 85
ON_A_ROBOT = calibration.Camera(
    (480, 640), (457.0, 457.0), (320.0, 240.0), calibration.Mount(0.9, 0.12, x_m=0.3)
)
"""70° wide, where no calibration is given."""


@dataclass(frozen=True)
class Picture:
    """One picture as it goes out."""

    camera: str
    jpeg: bytes


class Cameras:
    """Draws what cameras see; each is due every `every_s` of simulated time, in turns.

    Args:
        robots: names of the robots whose cameras are on.
        fixed: ids of cameras of the map that are on.
        folder: of calibrations (`<name>.yaml`, `default.yaml`), or None.
        happenings: what is there beside robots and walkers.

    Raises:
        ConfigurationError: a camera is not known, its calibration cannot be read, or there is no
            OpenGL.
    """

    def __init__(
        self,
        campus: Campus,
        robots: Sequence[str],
        fixed: Sequence[str],
        every_s: float,
        folder: Path | None = None,
        happenings: Sequence[Happening] = (),
    ) -> None:
        self._site = SiteScenes(campus)
        self._zone = ZoneInfo(campus.timezone)
        self._happenings = happenings
        self._robots = {name: _calibration(folder, name) or ON_A_ROBOT for name in robots}
        unknown = sorted(set(fixed) - set(campus.cameras))
        if unknown:
            remedy = f"choose from {', '.join(sorted(campus.cameras)[:10]) or 'none: it has none'}"
            raise ConfigurationError(f"the map has no camera {', '.join(unknown)}", remedy)
        self._fixed = {
            name: (_fixed(campus, folder, name), campus.cameras[name].level) for name in fixed
        }
        self._every = max(1, round(every_s / DT_S))
        try:
            self.renderer = Renderer()
        except PerceptionError as error:
            raise ConfigurationError(str(error), error.remedy) from None

    @property
    def names(self) -> tuple[str, ...]:
        """All cameras that are on, by the names of their topics."""
        return (*self._robots, *self._fixed)

    def due(self, world: World, clock_ns: int) -> Iterator[Picture]:
        """The pictures of this step."""
        bodies = {body.name: body for body in world.bodies}
        for turn, name in enumerate(self.names):
            if (world.steps + turn) % self._every:
                continue
            camera, level = self._placed(name, bodies)
            yield Picture(name, self._taken(camera, level, world, clock_ns, name))

    def _placed(self, name: str, bodies: dict[str, Body]) -> tuple[Camera, str]:
        if name in self._fixed:
            camera, level = self._fixed[name]
            return placed(camera, calibration.FIXED), level
        body = bodies[name]
        pose = calibration.Pose(body.x_m, body.y_m, body.theta_rad)
        return placed(self._robots[name], pose), body.level

    def _taken(self, camera: Camera, level: str, world: World, clock_ns: int, name: str) -> bytes:
        scene = self.scene(camera, level, world, clock_ns, name)
        centre = (
            camera.x_m + 8 * math.cos(camera.yaw_rad),
            camera.y_m + 8 * math.sin(camera.yaw_rad),
        )
        self.renderer.load(assemble(scene, centre))
        dark = max(scene.light.sun) < 0.05 and max(scene.light.sky) < 0.15
        quality = Quality(noise=7.0 if dark else 2.0, blur_px=0.4, seed=world.steps)
        rgb = spoil(self.renderer.draw(camera).rgb, quality)
        done, jpeg = cv2.imencode(
            ".jpg", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
        )
        assert done
        return bytes(jpeg)

    def scene(self, camera: Camera, level: str, world: World, clock_ns: int, name: str) -> Scene:
        """What stands about a camera now; the robot that carries it does not see itself."""
        here, now_s = (camera.x_m, camera.y_m), world.steps * DT_S
        site = self._site.near(level, self._site.cell(*here))
        on = [each for each in self._happenings if each.is_on(now_s, level)]
        gone = {self._site.place_of(each.asset) for each in on if each.what is None}
        assets = [each for each in site.things if (each.x_m, each.y_m) not in gone]
        doors = self._site.doors(level, frozenset(world.passages.open_on(level)))
        things = [*assets, *doors, *_robots(world.bodies, level, name)]
        people = list(_walkers(world, level, here))
        for each in on:
            if isinstance(each.what, Person):
                people.append(each.what)
            elif each.what is not None:
                things.append(each.what)
        local = datetime.fromtimestamp(clock_ns / 1e9, UTC).astimezone(self._zone)
        hour = local.hour + local.minute / 60
        inside = self._site.is_indoors(level, *here)
        light = indoors() if inside else light_of_hour(hour, _lamps(here))
        near = [each for each in things if math.dist((each.x_m, each.y_m), here) < SEEN_M]
        return replace(site, things=tuple(near), people=tuple(people), light=light)


def placed(camera: calibration.Camera, pose: calibration.Pose) -> Camera:
    """A calibrated camera at a pose, as scenes have it; its distortion is left out."""
    x, y, z = calibration.eye(camera, pose).tolist()
    height, width = camera.size
    return Camera(
        x,
        y,
        z,
        yaw_rad=pose.heading_rad + camera.mount.yaw_rad,
        pitch_rad=-camera.mount.pitch_down_rad,
        horizontal_fov_rad=2 * math.atan(width / 2 / camera.focal_px[0]),
        width=width,
        height=height,
    )


def _robots(bodies: Iterable[Body], level: str, without: str) -> Iterator[Thing]:
    for number, body in enumerate(bodies):
        if body.level == level and body.name != without:
            size = body.radius_m / 0.45
            yield Thing(Kind.ROBOT, body.x_m, body.y_m, body.theta_rad, size=size, look=number)


def _walkers(world: World, level: str, here: tuple[float, float]) -> Iterator[Person]:
    """People who walk about, in a stride that goes with their way; who waits stands."""
    if level != world.people_level:
        return
    for number, (position, velocity) in enumerate(world.people.motion()):
        if math.dist(position, here) > SEEN_M:
            continue
        speed = math.hypot(*velocity)
        heading = math.atan2(velocity[1], velocity[0]) if speed else 0.0
        way_m = world.steps * DT_S * speed
        posture = Posture.WALKING if speed else Posture.STANDING
        phase = way_m / STRIDE_M % 1.0 if speed else 0.3
        yield Person(*position, heading, posture, phase, look=number + 1000)


def _lamps(here: tuple[float, float], spacing_m: float = 18.0) -> list[tuple[float, float, float]]:
    """Street lamps on a grid, the nearest ones; the map has none of its own."""
    x, y = (round(each / spacing_m) * spacing_m for each in here)
    steps = (0.0, -spacing_m, spacing_m)
    return [(x + dx, y + dy, 5.0) for dx in steps for dy in steps]


def _calibration(folder: Path | None, name: str) -> calibration.Camera | None:
    for file in (f"{name}.yaml", "default.yaml") if folder is not None else ():
        assert folder is not None
        if (folder / file).exists():
            try:
                return calibration.load_camera(folder / file)
            except PerceptionError as error:
                raise ConfigurationError(str(error), error.remedy) from None
    return None


def _fixed(campus: Campus, folder: Path | None, name: str) -> calibration.Camera:
    """A camera of the map: without a calibration it looks at the ground at half its range."""
    own = _calibration(folder, name) if folder and (folder / f"{name}.yaml").exists() else None
    if own is not None:
        return own
    each = campus.cameras[name]
    mount = calibration.Mount(
        height_m=each.height_m,
        pitch_down_rad=math.atan2(each.height_m, each.range_m / 2),
        yaw_rad=each.heading_rad,
        x_m=each.x_m,
        y_m=each.y_m,
    )
    focal = 320 / math.tan(each.field_of_view_rad / 2)
    return calibration.Camera((480, 640), (focal, focal), (320.0, 240.0), mount)
