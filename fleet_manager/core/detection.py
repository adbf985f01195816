"""A detection: what a camera has confirmed, as its message says it."""

from __future__ import annotations

from msgspec import Struct


class Detection(Struct, frozen=True):
    """Something that a robot's camera or a fixed one tells of (campus_msgs/Detection).

    Attributes:
        source: robot or camera.
        sequence: grows for ever per source.
        class_name: person, person_down, spill, exit_blocked, …
        track_id: the same thing over time, within boot_id; "" for none.
        asset_id: that it is about; "" for none.
        x_m, y_m, stddev_m: on the map.
        seen_s: when the frame was taken, Unix seconds.
        picture: key of its picture in the media store; "" for none.
    """

    source: str
    boot_id: str
    sequence: int
    class_name: str
    score: float
    x_m: float
    y_m: float
    stddev_m: float
    level: str
    seen_s: float
    track_id: str = ""
    asset_id: str = ""
    picture: str = ""

    @property
    def track(self) -> str:
        """Names the thing over all cameras and restarts; "" where it is not followed."""
        return f"{self.source}/{self.boot_id}/{self.track_id}" if self.track_id else ""


class Heard(Struct, frozen=True):
    """The last detection of a source that was committed."""

    sequence: int
    boot_id: str

    def repeats(self, detection: Detection) -> bool:
        """Whether a detection is this one or one before it.

        A source sends one at a time, and the next when that is acknowledged. One that numbers anew
        (its store was removed) has another boot id.
        """
        return detection.boot_id == self.boot_id and detection.sequence <= self.sequence
