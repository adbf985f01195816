"""From a camera's frames to what people are told: one pipeline, for robots and fixed cameras."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

from perception.assets import (
    Asset,
    AssetAlarm,
    ExitWatch,
    ExtinguisherWatch,
    Scan,
    door_at,
)
from perception.camera import FIXED, Camera, Pose, eye
from perception.confirmation import Confirmation, Confirmed
from perception.egress import SafePicture, safe_picture
from perception.errors import GeometryError
from perception.ground import Place, moved, place_of
from perception.roles import Role
from perception.runtime.detector import Detection, Detections, Detector, StageTimes
from perception.runtime.frame import Frame
from perception.tracking import Observation, Tracker


@dataclass(frozen=True)
class Surroundings:
    """What a robot knows at the time of a frame.

    Attributes:
        odometry: its pose in the odometry's frame, whose covariance is left aside.
        on_map: its pose on the map, with covariance.
        scan: of its range sensor, at about that time; None: it has none.
    """

    odometry: Pose
    on_map: Pose
    scan: Scan | None = None


@dataclass(frozen=True)
class Report:
    """Something that people are told of; the fields of campus_msgs/Detection.

    Attributes:
        name: the role, or `extinguisher_missing`, `exit_blocked`.
        stamp_ns, frame_id: of the frame.
        place: on the map.
        again: whether it brings an earlier report of the same track up to date.
    """

    name: str
    score: float
    track_id: str
    asset_id: str
    stamp_ns: int
    frame_id: str
    place: Place
    picture: SafePicture
    again: bool


@dataclass(frozen=True)
class Watched:
    """What came of a frame, and how long it took after the detector, in milliseconds."""

    reports: tuple[Report, ...]
    times: StageTimes
    tracking_ms: float
    egress_ms: float


class Watch:
    """Watches through one camera.

    Args:
        camera: its calibration; on the map for a fixed camera.
        assets: of the map, on the camera's level.
    """

    def __init__(
        self, detector: Detector, camera: Camera, assets: Sequence[Asset], *, fixed: bool = False
    ) -> None:
        self._detector = detector
        self._camera = camera
        self._fixed = fixed
        self._assets = list(assets)
        self._tracker = Tracker()
        self._confirmation = Confirmation(fixed=fixed)
        width = detector.card.input.size[1]
        knows = Role.EXTINGUISHER in detector.card.roles.values()
        self._extinguishers = ExtinguisherWatch(assets if knows else [], width)
        self._exits = ExitWatch(assets)

    def __call__(self, frame: Frame, around: Surroundings | None = None) -> Watched:
        """Take in a frame.

        Args:
            around: where the robot is; left out for a fixed camera.

        Raises:
            GeometryError: a robot's camera without a pose, or frames of another shape than the
                camera was calibrated with.
            BadOutput: as the detector's.
        """
        if around is None:
            if not self._fixed:
                raise GeometryError("a frame without the robot's pose", "start the localiser")
            around = Surroundings(FIXED, FIXED)
        camera = self._camera
        if frame.size != camera.size:
            raise GeometryError(
                f"a frame of {frame.size[1]} × {frame.size[0]} pixels, the camera is calibrated "
                f"for {camera.size[1]} × {camera.size[0]}",
                "set the camera's resolution, or calibrate it anew",
            )
        found = self._detector(frame)
        began = perf_counter()
        confirmed = self._tracked(found, around)
        alarms = self._alarms(found, around)
        tracked = perf_counter()
        reports = [self._report(frame, found, around, each) for each in confirmed]
        reports += [self._asset_report(frame, found, each) for each in alarms]
        ended = perf_counter()
        kept = tuple(each for each in reports if each is not None)
        return Watched(kept, found.times, (tracked - began) * 1e3, (ended - tracked) * 1e3)

    def _tracked(self, found: Detections, around: Surroundings) -> list[Confirmed]:
        sure = Pose(around.odometry.x_m, around.odometry.y_m, around.odometry.heading_rad)
        observations = []
        for each in found.things:
            place = place_of(self._camera, sure, each.role, each.box_px)
            if place is not None and each.role is not Role.EXTINGUISHER:
                observations.append(Observation(each, place))
        watcher = eye(self._camera, sure)
        time_s = found.stamp_ns / 1e9
        at = (float(watcher[0]), float(watcher[1]))
        return self._confirmation.update(self._tracker.update(time_s, at, observations), time_s)

    def _alarms(self, found: Detections, around: Surroundings) -> list[AssetAlarm]:
        time_s, scan = found.stamp_ns / 1e9, around.scan
        alarms = self._extinguishers.update(time_s, self._camera, around.on_map, found.things, scan)
        if scan is not None:
            alarms += self._exits.update(time_s, around.on_map, scan)
        return alarms

    def _report(
        self, frame: Frame, found: Detections, around: Surroundings, confirmed: Confirmed
    ) -> Report | None:
        place = moved(confirmed.track.place(), around.odometry, around.on_map)
        asset_id = ""
        if confirmed.role is Role.DOOR_OPEN:
            door = door_at(self._assets, place)
            if door is None:
                return None
            asset_id = door.id
        observation = confirmed.track.sightings[-1].observation
        shown = observation.detection if observation else None
        return Report(
            name=confirmed.role.value,
            score=confirmed.score,
            track_id=str(confirmed.track.number),
            asset_id=asset_id,
            stamp_ns=frame.stamp_ns,
            frame_id=frame.frame_id,
            place=place,
            picture=self._picture(frame, found, shown),
            again=confirmed.again,
        )

    def _asset_report(self, frame: Frame, found: Detections, alarm: AssetAlarm) -> Report:
        asset = alarm.asset
        return Report(
            name=alarm.name,
            score=alarm.score,
            track_id="",
            asset_id=asset.id,
            stamp_ns=frame.stamp_ns,
            frame_id=frame.frame_id,
            place=Place(asset.x_m, asset.y_m, FIXED.covariance[:2, :2].copy(), 0.0),
            picture=self._picture(frame, found, None),
            again=False,
        )

    def _picture(self, frame: Frame, found: Detections, shown: Detection | None) -> SafePicture:
        return safe_picture(frame, found, shown, self._detector.card.person_recall)
