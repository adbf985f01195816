"""What a camera would detect of things on the ground, by geometry alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np

from perception.camera import Camera, Mount, Pose, pixel_of
from perception.roles import Role
from perception.runtime.detector import Detection, Detections, StageTimes
from perception.runtime.frame import Frame

CAMERA = Camera(
    size=(480, 640),
    focal_px=(460.0, 460.0),
    middle_px=(320.0, 240.0),
    mount=Mount(height_m=0.9, pitch_down_rad=0.15, x_m=0.3),
)
TIMES = StageTimes(0.0, 0.0, 0.0)
SIZES_M = {
    Role.PERSON: (0.5, 1.7),
    Role.PERSON_DOWN: (1.6, 0.35),
    Role.VEHICLE: (1.8, 1.5),
    Role.LITTER: (0.2, 0.15),
    Role.SPILL: (0.8, 0.05),
    Role.SMOKE: (1.0, 2.0),
    Role.DOOR_OPEN: (0.9, 2.0),
    Role.EXTINGUISHER: (0.25, 0.5),
}


@dataclass(frozen=True)
class Thing:
    """Something at a place on the map; `foot_m` is the height of its lower edge."""

    role: Role
    x_m: float
    y_m: float
    score: float = 0.8
    foot_m: float = 0.0


def detection_of(
    thing: Thing, camera: Camera, pose: Pose, noise_px: float = 0.0, rng: Any = None
) -> Detection | None:
    """Its box, if its foot is in the picture; `seen` from 0.4."""
    foot = pixel_of(camera, pose, (thing.x_m, thing.y_m, thing.foot_m))
    if foot is None or not (0 <= foot[0] < camera.size[1] and 0 <= foot[1] < camera.size[0]):
        return None
    if rng is not None:
        foot = foot + rng.normal(0, noise_px, 2)
    width, height = SIZES_M[thing.role]
    away = float(np.hypot(thing.x_m - pose.x_m, thing.y_m - pose.y_m))
    half = camera.focal_px[0] * width / away / 2
    top = foot[1] - camera.focal_px[1] * height / away
    box = (float(foot[0] - half), float(top), float(foot[0] + half), float(foot[1]))
    return Detection(thing.role.value, thing.role, thing.score, box, thing.score >= 0.4)


@dataclass
class ScriptedDetector:
    """Detects what it is told, with the interface of a Detector."""

    things: list[Thing] = field(default_factory=list)
    camera: Camera = CAMERA
    pose: Pose = field(default_factory=Pose)
    recall: Any = None

    @property
    def card(self) -> Any:
        roles = {each.value: each for each in Role}
        picture = SimpleNamespace(size=(256, 320))
        return SimpleNamespace(input=picture, roles=roles, person_recall=self.recall)

    def __call__(self, frame: Frame) -> Detections:
        found = [detection_of(each, self.camera, self.pose) for each in self.things]
        return found_in(frame, [each for each in found if each is not None])


def found_in(frame: Frame, things: Sequence[Detection]) -> Detections:
    """Detections of a frame."""
    return Detections(tuple(things), frame.stamp_ns, frame.frame_id, frame.size, TIMES)
