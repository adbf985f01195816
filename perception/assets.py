"""What the map says must be there, or must be free: extinguishers, exits, doors.

None of these alarms is a class of a detector. A missing extinguisher is one that should have been
visible and was not, several times; a blocked exit is occupied for the range sensor; an open door is
one that was seen open at a mapped door.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import atan2, cos, hypot, pi, sin

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Point, Polygon

from perception.camera import Camera, Pose, eye, pixel_of
from perception.ground import Place
from perception.roles import Role
from perception.runtime.detector import Detection

Floats = NDArray[np.float64]

EXTINGUISHER_HEIGHT_M = 1.1
"""Its middle, above the floor: hung so that the handle is at 1.0 to 1.5 m (EN 3, GB 50140)."""
EXTINGUISHER_M = 0.5
NEAREST_M, FURTHEST_M = 1.0, 6.0
SMALLEST_PX = 14
"""An extinguisher that is smaller in the model's input is not counted as visible."""
EDGE = 0.08
"""Share of the picture at each edge in which a thing may be cut off."""
UNSEEN_TIMES = 8
UNSEEN_FROM_M = 0.5
MATCH_M = 1.0
DOOR_M = 1.5
OCCUPIED_S = 20.0
OCCUPIED_SHARE = 0.8
"""Of the scans in that time; people who pass stand on it for a few."""
SMALLEST_BLOCK_M = 0.3
VIEWED_SHARE = 0.6
"""Of an exit's keep-clear area that scans must have reached to call it free or occupied."""


@dataclass(frozen=True)
class Asset:
    """Something on the map: an extinguisher, an exit with its keep-clear area, a door.

    Attributes:
        kind: "extinguisher", "exit" or "door".
        keep_clear: of exits.
    """

    id: str
    kind: str
    x_m: float
    y_m: float
    keep_clear: Polygon | None = None


@dataclass(frozen=True)
class Scan:
    """A range sensor's turn: n bearings in the robot's frame and n ranges; inf: nothing met."""

    bearings_rad: Floats
    ranges_m: Floats
    x_m: float = 0.0
    y_m: float = 0.0


@dataclass(frozen=True)
class AssetAlarm:
    """An alarm about an asset: `extinguisher_missing` or `exit_blocked`."""

    name: str
    asset: Asset
    time_s: float
    score: float


@dataclass
class _Unseen:
    """Looks at an extinguisher that did not show it, in a row."""

    times: int = 0
    first_eye: tuple[float, float] | None = None
    furthest_m: float = 0.0
    told: bool = False


class ExtinguisherWatch:
    """Tells of extinguishers that should be visible and are not, once until they are seen again."""

    def __init__(self, assets: Sequence[Asset], input_width_px: int) -> None:
        """Args: input_width_px: of the model's input, which the picture is shrunk to."""
        self._assets = [each for each in assets if each.kind == "extinguisher"]
        self._width_px = input_width_px
        self._unseen: dict[str, _Unseen] = {}

    def update(
        self,
        time_s: float,
        camera: Camera,
        pose: Pose,
        things: Sequence[Detection],
        scan: Scan | None,
    ) -> list[AssetAlarm]:
        """Take in a frame. Without a scan nothing counts as visible: something may stand before it.

        Weak detections count as seen: it is their absence that is told.
        """
        alarms = []
        for asset in self._assets:
            centre = self._visible_at(asset, camera, pose, scan)
            if centre is None:
                continue
            memory = self._unseen.setdefault(asset.id, _Unseen())
            if any(_covers(each, centre) for each in things if each.role is Role.EXTINGUISHER):
                self._unseen[asset.id] = _Unseen()
                continue
            if any(_covers(each, centre) for each in things if each.seen):
                continue  # somebody stands before it
            place = eye(camera, pose)
            here = (float(place[0]), float(place[1]))
            memory.first_eye = memory.first_eye or here
            memory.times += 1
            moved_m = hypot(here[0] - memory.first_eye[0], here[1] - memory.first_eye[1])
            memory.furthest_m = max(memory.furthest_m, moved_m)
            enough = memory.times >= UNSEEN_TIMES and memory.furthest_m >= UNSEEN_FROM_M
            if enough and not memory.told:
                memory.told = True
                alarms.append(AssetAlarm("extinguisher_missing", asset, time_s, 1.0))
        return alarms

    def _visible_at(
        self, asset: Asset, camera: Camera, pose: Pose, scan: Scan | None
    ) -> Floats | None:
        """The pixel of its middle, if it should be visible: near, inside, and nothing before it."""
        if scan is None:
            return None
        place = eye(camera, pose)
        range_m = hypot(asset.x_m - place[0], asset.y_m - place[1])
        if not NEAREST_M <= range_m <= FURTHEST_M:
            return None
        pixel = pixel_of(camera, pose, (asset.x_m, asset.y_m, EXTINGUISHER_HEIGHT_M))
        if pixel is None:
            return None
        height, width = camera.size
        margin_x, margin_y = EDGE * width, EDGE * height
        inside = margin_x <= pixel[0] <= width - margin_x
        if not inside or not margin_y <= pixel[1] <= height - margin_y:
            return None
        size_px = camera.focal_px[0] * EXTINGUISHER_M / range_m * self._width_px / width
        if size_px < SMALLEST_PX:
            return None
        free_m = free_range(scan, pose, (asset.x_m, asset.y_m))
        return pixel if free_m is not None and free_m >= -0.5 else None


def _covers(detection: Detection, pixel: Floats) -> bool:
    """Whether a box, grown by half its size, has a pixel in it."""
    left, top, right, bottom = detection.box_px
    margin_x, margin_y = (right - left) / 2, (bottom - top) / 2
    return bool(
        left - margin_x <= pixel[0] <= right + margin_x
        and top - margin_y <= pixel[1] <= bottom + margin_y
    )


def free_range(scan: Scan, pose: Pose, place_m: tuple[float, float]) -> float | None:
    """How much further than a place the range sensor sees in its direction; None: not that way."""
    c, s = cos(pose.heading_rad), sin(pose.heading_rad)
    x = pose.x_m + c * scan.x_m - s * scan.y_m
    y = pose.y_m + s * scan.x_m + c * scan.y_m
    away = hypot(place_m[0] - x, place_m[1] - y)
    bearing = atan2(place_m[1] - y, place_m[0] - x) - pose.heading_rad
    aside = np.abs((scan.bearings_rad - bearing + pi) % (2 * pi) - pi)
    near = aside < 0.03
    if not near.any():
        return None
    return float(np.median(scan.ranges_m[near]) - away)


@dataclass
class _Occupancy:
    """What scans said of an exit: (time, occupied)."""

    looks: list[tuple[float, bool]] = field(default_factory=list)
    told: bool = False


class ExitWatch:
    """Tells of exits whose keep-clear area is occupied for long, once until it is free again."""

    def __init__(self, assets: Sequence[Asset]) -> None:
        self._exits = [each for each in assets if each.kind == "exit" and each.keep_clear]
        self._seen: dict[str, _Occupancy] = {}

    def update(self, time_s: float, pose: Pose, scan: Scan) -> list[AssetAlarm]:
        """Take in a scan."""
        points = scan_points(scan, pose)
        alarms = []
        for asset in self._exits:
            area = asset.keep_clear
            if area is None or hypot(asset.x_m - pose.x_m, asset.y_m - pose.y_m) > FURTHEST_M:
                continue
            occupied = _occupied(area, points)
            if not occupied and not _viewed(area, scan, pose):
                continue
            memory = self._seen.setdefault(asset.id, _Occupancy())
            memory.looks.append((time_s, occupied))
            first_s = memory.looks[0][0]
            memory.looks = [each for each in memory.looks if each[0] >= time_s - OCCUPIED_S * 1.2]
            share = sum(taken for _, taken in memory.looks) / len(memory.looks)
            if share < 1 - OCCUPIED_SHARE:
                memory.told = False
            long_enough = time_s - min(first_s, memory.looks[0][0]) >= OCCUPIED_S
            if long_enough and share >= OCCUPIED_SHARE and not memory.told:
                memory.told = True
                alarms.append(AssetAlarm("exit_blocked", asset, time_s, share))
        return alarms


def scan_points(scan: Scan, pose: Pose) -> Floats:
    """n × 2 points on the map that the range sensor met."""
    met = np.isfinite(scan.ranges_m)
    angles = scan.bearings_rad[met] + pose.heading_rad
    c, s = cos(pose.heading_rad), sin(pose.heading_rad)
    origin = np.asarray(
        [
            pose.x_m + c * scan.x_m - s * scan.y_m,
            pose.y_m + s * scan.x_m + c * scan.y_m,
        ]
    )
    rays = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return np.asarray(origin + scan.ranges_m[met, None] * rays, np.float64)


def _occupied(area: Polygon, points: Floats) -> bool:
    """Whether something as wide as a box stands in it, not only its wall."""
    inner = area.buffer(-0.15)
    if inner.is_empty or not len(points):
        return False
    inside = points[shapely.contains_xy(inner, points[:, 0], points[:, 1])]
    if len(inside) < 3:
        return False
    extent = inside.max(axis=0) - inside.min(axis=0)
    return bool(hypot(*extent.tolist()) >= SMALLEST_BLOCK_M)


def _viewed(area: Polygon, scan: Scan, pose: Pose) -> bool:
    """Whether scans went through or up to the far side of most of it."""
    corners = np.asarray(area.exterior.coords)[:-1]
    samples = [tuple((corner + np.asarray(area.centroid.coords[0])) / 2) for corner in corners]
    samples.append(tuple(area.centroid.coords[0]))
    free = [free_range(scan, pose, (float(x), float(y))) for x, y in samples]
    return sum(each is not None and each > 0 for each in free) >= VIEWED_SHARE * len(samples)


def door_at(assets: Sequence[Asset], place: Place) -> Asset | None:
    """The mapped door that an open door was seen at; None: there is none, it is no alarm."""
    here = Point(place.x_m, place.y_m)
    doors = [each for each in assets if each.kind == "door"]
    near = min(doors, key=lambda each: here.distance(Point(each.x_m, each.y_m)), default=None)
    if near is None or here.distance(Point(near.x_m, near.y_m)) > DOOR_M + place.stddev_m:
        return None
    return near


def assets_of_map(document: Mapping[str, object], level: str) -> list[Asset]:
    """Extinguishers, exits and doors of a level of a campus.geojson (docs/map-format.md).

    An exit's area is the keep-clear polygon at it, else a rectangle before it towards the waypoint
    that it is inspected from: 1.2 m wide, 1.5 m deep.
    """
    features = document.get("features")
    listed = (
        [each for each in features if isinstance(each, dict)] if isinstance(features, list) else []
    )
    waypoints = {
        each["id"]: each["geometry"]["coordinates"]
        for each in listed
        if each["properties"].get("feature") == "waypoint"
    }
    here = [each for each in listed if each["properties"].get("level") == level]
    areas = [
        Polygon(each["geometry"]["coordinates"][0])
        for each in here
        if each["properties"]["feature"] == "keep_clear"
    ]
    found = []
    for each in here:
        properties, shape = each["properties"], each["geometry"]["coordinates"]
        if properties["feature"] == "door":
            (x1, y1), (x2, y2) = shape[0][:2], shape[-1][:2]
            found.append(Asset(each["id"], "door", (x1 + x2) / 2, (y1 + y2) / 2))
        elif properties["feature"] == "asset" and properties["kind"] == "extinguisher":
            found.append(Asset(each["id"], "extinguisher", shape[0], shape[1]))
        elif properties["feature"] == "asset" and properties["kind"] == "exit":
            towards = waypoints.get(properties.get("access"))
            area = _area_before(shape, towards, areas)
            found.append(Asset(each["id"], "exit", shape[0], shape[1], area))
    return found


def _area_before(
    exit_m: Sequence[float], towards: Sequence[float] | None, areas: Sequence[Polygon]
) -> Polygon | None:
    for area in areas:
        if area.distance(Point(exit_m[0], exit_m[1])) < 0.5:
            return area
    if towards is None:
        return None
    along = np.asarray(towards[:2], float) - np.asarray(exit_m[:2], float)
    along /= max(float(np.linalg.norm(along)), 1e-6)
    across = np.asarray([-along[1], along[0]]) * 0.6
    base = np.asarray(exit_m[:2], float) + along * 0.2
    return Polygon(
        [base - across, base + across, base + along * 1.5 + across, base + along * 1.5 - across]
    )
