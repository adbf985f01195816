"""What a camera is, from files: its calibration, and what the map has around it."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from campus_robot.errors import ConfigurationError
from perception.assets import Asset, assets_of_map
from perception.camera import Camera, Mount, load_camera
from perception.errors import PerceptionError

DEFAULT_HEIGHT_M = 3.5
PICTURE_PX = (480, 640)
"""Of a fixed camera that only the map tells of."""


@dataclass(frozen=True)
class Source:
    """One camera: of a robot of this name, or a fixed one of the map.

    Attributes:
        level: of a fixed camera; a robot's localiser tells it.
    """

    name: str
    camera: Camera
    fixed: bool
    level: str = ""


class CampusMap:
    """The campus map by its schema (docs/map-format.md), as far as perception needs it."""

    def __init__(self, map_dir: Path) -> None:
        """Read `<map_dir>/campus.geojson`.

        Raises:
            ConfigurationError: it cannot be read.
        """
        self.path = map_dir / "campus.geojson"
        try:
            self._document: dict[str, Any] = json.loads(self.path.read_text(encoding="utf-8"))
            features = self._document["features"]
        except OSError as error:
            raise ConfigurationError(
                f"{self.path}: cannot be read ({error.strerror}); give --map-dir"
            ) from None
        except (ValueError, KeyError, TypeError):
            raise ConfigurationError(f"{self.path}: is no campus map") from None
        self._cameras = {
            each["id"]: each for each in features if each["properties"]["feature"] == "camera"
        }

    def assets(self, level: str) -> list[Asset]:
        """Extinguishers, exits and doors of a level."""
        return assets_of_map(self._document, level)

    def fixed(self, name: str, cameras_dir: Path | None) -> Source:
        """A camera of the map.

        Without a calibration of its own its lens is taken from its field of view, and it looks
        at the ground at half its range.

        Raises:
            ConfigurationError: the map has no such camera, or its calibration cannot be read.
        """
        feature = self._cameras.get(name)
        if feature is None:
            known = ", ".join(sorted(self._cameras)[:10]) or "none"
            raise ConfigurationError(f"{self.path}: no camera {name!r}; it has {known}")
        properties, level = feature["properties"], feature["properties"]["level"]
        calibration = _calibration(cameras_dir, [name])
        if calibration is not None:
            return Source(name, calibration, True, level)
        x_m, y_m = feature["geometry"]["coordinates"][:2]
        height_m = float(properties.get("height_m") or DEFAULT_HEIGHT_M)
        mount = Mount(
            height_m=height_m,
            pitch_down_rad=math.atan2(height_m, properties["range_m"] / 2),
            yaw_rad=math.radians(properties["heading_deg"]),
            x_m=float(x_m),
            y_m=float(y_m),
        )
        height, width = PICTURE_PX
        focal = width / 2 / math.tan(math.radians(properties["field_of_view_deg"]) / 2)
        camera = Camera((height, width), (focal, focal), (width / 2, height / 2), mount)
        return Source(name, camera, True, level)


def robot_source(name: str, kind: str, cameras_dir: Path | None) -> Source:
    """The camera of a robot: `<cameras_dir>/<robot>.yaml`, else of its kind, else `default.yaml`.

    Raises:
        ConfigurationError: there is none, or it cannot be read.
    """
    camera = _calibration(cameras_dir, [name, kind, "default"])
    if camera is None:
        raise ConfigurationError(
            f"no calibration of {name}'s camera: put {name}.yaml, {kind}.yaml or default.yaml into "
            "a folder and give it with --cameras (docs/perception.md)"
        )
    return Source(name, camera, False)


def _calibration(cameras_dir: Path | None, names: list[str]) -> Camera | None:
    if cameras_dir is None:
        return None
    for name in names:
        path = cameras_dir / f"{name}.yaml"
        if path.exists():
            try:
                return load_camera(path)
            except PerceptionError as error:
                raise ConfigurationError(f"{error}; {error.remedy}") from None
    return None
