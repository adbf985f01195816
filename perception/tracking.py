"""Follows things over the ground, so that what many frames show is one thing.

Two-stage association (ByteTrack, Zhang et al., 2022) in the plane of the ground instead of the
image's: at 5 Hz from a moving base a box jumps further between frames than it is wide, while its
place on the ground stays. Positions are in the frame of the odometry, which drifts but never jumps
as the localiser's may.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import hypot

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from perception.ground import Place
from perception.roles import PEOPLE, Role
from perception.runtime.detector import Detection

Floats = NDArray[np.float64]

GATE = 13.8
"""Squared Mahalanobis distance in two dimensions that one pairing in a thousand exceeds."""
FURTHEST_FROM_TRACK_M = {Role.PERSON: 3.0, Role.VEHICLE: 10.0}
"""And what its place is doubted by: over a long gap the distance above lets in all that is near."""
NEAREST_STDDEV_M = 0.25
"""A thing is no point: its middle moves under a box by about this."""
LOST_AFTER_S = 2.0
KEPT_S = 10.0
"""A track that was seen often is kept over a gap: people walk behind pillars."""
HISTORY = 250
"""Frames: 50 s at 5 Hz, longer than the longest dwell."""
ACCELERATION = {Role.PERSON: 1.0, Role.VEHICLE: 1.5}
"""Standard deviation in m/s² of how things change their speed; what is not named lies still."""
STILL_ACCELERATION = 0.05
FASTEST_START_MPS = {Role.PERSON: 1.5, Role.VEHICLE: 4.0}


@dataclass(frozen=True)
class Observation:
    """A detection with its place in the odometry's frame (without the pose's own covariance)."""

    detection: Detection
    place: Place


@dataclass(frozen=True)
class Sighting:
    """One frame in the life of a track.

    Attributes:
        eye_m: where the camera was, x and y.
        observation: None: the track was not seen in a frame that could have shown it.
    """

    time_s: float
    eye_m: tuple[float, float]
    observation: Observation | None


@dataclass
class Track:
    """One thing on the ground: constant velocity with white acceleration.

    Attributes:
        state: x, y and their speeds; in metres and m/s.
        sightings: the last frames, oldest first.
    """

    number: int
    group: Role
    state: Floats
    covariance: Floats
    time_s: float
    seen_s: float
    first_s: float
    sightings: deque[Sighting] = field(default_factory=lambda: deque(maxlen=HISTORY))
    hits: int = 0
    guessed: bool = False

    def place(self) -> Place:
        """Where it is, in the odometry's frame."""
        return Place(
            float(self.state[0]),
            float(self.state[1]),
            self.covariance[:2, :2].copy(),
            0.0,
            self.guessed,
        )

    def predict(self, time_s: float) -> None:
        """Move it on to a time."""
        gap_s = max(0.0, time_s - self.time_s)
        move = np.eye(4)
        move[0, 2] = move[1, 3] = gap_s
        push = np.asarray([gap_s**2 / 2, gap_s**2 / 2, gap_s, gap_s])
        noise = ACCELERATION.get(self.group, STILL_ACCELERATION) ** 2
        spread = np.zeros((4, 4))
        for one, two in ((0, 2), (1, 3)):
            pair = np.asarray([push[one], push[two]])
            spread[np.ix_([one, two], [one, two])] = np.outer(pair, pair) * noise
        self.state = move @ self.state
        self.covariance = move @ self.covariance @ move.T + spread
        self.time_s = max(time_s, self.time_s)

    def correct(self, place: Place) -> None:
        """Take in where it was seen (Kalman's update, in Joseph's form)."""
        see = np.eye(2, 4)
        seen = place.covariance + np.eye(2) * NEAREST_STDDEV_M**2
        gain = np.linalg.solve(see @ self.covariance @ see.T + seen, see @ self.covariance).T
        self.state = self.state + gain @ (np.asarray([place.x_m, place.y_m]) - self.state[:2])
        keep = np.eye(4) - gain @ see
        self.covariance = keep @ self.covariance @ keep.T + gain @ seen @ gain.T
        self.guessed = place.guessed


def group_of(role: Role) -> Role:
    """Roles that may be the same thing at different times: somebody who falls stays somebody."""
    if role in PEOPLE:
        return Role.PERSON
    return Role.SMOKE if role is Role.FIRE else role


class Tracker:
    """All tracks of one camera."""

    def __init__(self) -> None:
        self.tracks: list[Track] = []
        self._number = 0

    def update(
        self,
        time_s: float,
        eye_m: tuple[float, float],
        observations: Sequence[Observation],
    ) -> list[Track]:
        """Take in a frame; returns the tracks that it showed.

        A frame that is older than the last one is passed over.
        """
        if self.tracks and time_s < max(track.time_s for track in self.tracks):
            return []
        for track in self.tracks:
            track.predict(time_s)
        seen = [each for each in observations if each.detection.seen]
        weak = [each for each in observations if not each.detection.seen]
        pairs, left, new = _associated(self.tracks, seen)
        again, left, _ = _associated(left, weak)
        for track, observation in [*pairs, *again]:
            track.correct(observation.place)
            track.seen_s = time_s
            track.hits += 1
            track.sightings.append(Sighting(time_s, eye_m, observation))
        for track in left:
            track.sightings.append(Sighting(time_s, eye_m, None))
        begun = [self._begin(time_s, eye_m, each) for each in new]
        self.tracks = [track for track in self.tracks if not _lost(track, time_s)] + begun
        return [track for track, _ in [*pairs, *again]] + begun

    def _begin(self, time_s: float, eye_m: tuple[float, float], observation: Observation) -> Track:
        self._number += 1
        place, group = observation.place, group_of(observation.detection.role)
        covariance = np.zeros((4, 4))
        covariance[:2, :2] = place.covariance + np.eye(2) * NEAREST_STDDEV_M**2
        covariance[2:, 2:] = np.eye(2) * FASTEST_START_MPS.get(group, 0.05) ** 2
        state = np.asarray([place.x_m, place.y_m, 0.0, 0.0])
        track = Track(self._number, group, state, covariance, time_s, time_s, time_s)
        track.guessed = place.guessed
        track.hits = 1
        track.sightings.append(Sighting(time_s, eye_m, observation))
        return track


def _lost(track: Track, time_s: float) -> bool:
    gap_s = time_s - track.seen_s
    return gap_s > (KEPT_S if track.hits >= 3 else LOST_AFTER_S)


Pair = tuple[Track, Observation]


def _associated(
    tracks: Sequence[Track], observations: Sequence[Observation]
) -> tuple[list[Pair], list[Track], list[Observation]]:
    """Pairs with the least sum of distances (the Hungarian method), and what is left of both."""
    if not tracks or not observations:
        return [], list(tracks), list(observations)
    costs = np.asarray([[_distance(track, each) for each in observations] for track in tracks])
    rows, columns = linear_sum_assignment(np.minimum(costs, GATE * 1e3))
    joined = [
        (row, column)
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
        if costs[row, column] <= GATE
    ]
    used_rows, used_columns = {row for row, _ in joined}, {column for _, column in joined}
    return (
        [(tracks[row], observations[column]) for row, column in joined],
        [track for number, track in enumerate(tracks) if number not in used_rows],
        [each for number, each in enumerate(observations) if number not in used_columns],
    )


def _distance(track: Track, observation: Observation) -> float:
    """Squared Mahalanobis distance, larger than the gate where the two cannot be one thing."""
    if group_of(observation.detection.role) is not track.group:
        return GATE * 1e3
    place = observation.place
    aside = np.asarray([place.x_m, place.y_m]) - track.state[:2]
    furthest_m = FURTHEST_FROM_TRACK_M.get(track.group)
    if furthest_m is not None and hypot(*aside) > furthest_m + 3 * place.stddev_m:
        return GATE * 1e3
    spread = track.covariance[:2, :2] + place.covariance + np.eye(2) * NEAREST_STDDEV_M**2
    return float(aside @ np.linalg.solve(spread, aside))
