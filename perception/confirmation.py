"""When something that was seen is certain enough that people are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import hypot

import numpy as np
from numpy.typing import NDArray

from perception.roles import Role
from perception.tracking import NEAREST_STDDEV_M, Sighting, Track, group_of


@dataclass(frozen=True)
class Rule:
    """What it takes.

    Attributes:
        hits, of: in so many of the last frames it was seen as this, and in more than as another.
        dwell_s: so long it has been seen as this.
        viewpoint_m: from places so far apart; what looks like something from one place often
            looks so in every frame from there.
        without_s: so long suffices without another viewpoint (a robot that stands, a camera).
        again_s: after so long, if it is still seen, people's picture of it is brought up to date.
    """

    hits: int
    of: int
    dwell_s: float
    viewpoint_m: float = 0.0
    without_s: float = 0.0
    again_s: float = 10.0


RULES: Mapping[Role, Rule] = {
    Role.PERSON: Rule(hits=3, of=5, dwell_s=0.6),
    Role.PERSON_DOWN: Rule(hits=4, of=15, dwell_s=1.2, viewpoint_m=0.5, without_s=8.0),
    Role.VEHICLE: Rule(hits=3, of=5, dwell_s=1.0),
    Role.LITTER: Rule(hits=4, of=6, dwell_s=1.0, viewpoint_m=0.3, without_s=4.0, again_s=60.0),
    Role.SPILL: Rule(hits=4, of=6, dwell_s=1.0, viewpoint_m=0.3, without_s=4.0, again_s=60.0),
    Role.SMOKE: Rule(hits=6, of=10, dwell_s=3.0, viewpoint_m=0.5, without_s=8.0),
    Role.FIRE: Rule(hits=5, of=8, dwell_s=2.0, viewpoint_m=0.5, without_s=5.0),
    Role.DOOR_OPEN: Rule(hits=5, of=8, dwell_s=20.0, again_s=60.0),
}
"""An extinguisher is no event: that it is not seen is (perception.assets)."""

MOVING = frozenset({Role.PERSON, Role.VEHICLE})
SCATTER = 3.0
"""Of where it was seen, in its own doubt (2 where that is right): chance hits of a wide gate have 5
and more."""
SAME_PLACE = 9.2
"""Squared Mahalanobis distance in two dimensions that one in a hundred exceeds."""
FIXED_DWELL = 2.0
"""A fixed camera has one viewpoint for ever, and waits longer by this factor."""


@dataclass(frozen=True)
class Confirmed:
    """Something that people are told of.

    Attributes:
        first_s: when it was first seen as this.
        score: mean of the frames that showed it.
        again: whether it was told before.
    """

    track: Track
    role: Role
    first_s: float
    time_s: float
    score: float
    again: bool


class Confirmation:
    """Decides for the tracks of one camera; remembers what it has told."""

    def __init__(self, *, fixed: bool, rules: Mapping[Role, Rule] = RULES) -> None:
        self._fixed = fixed
        self._rules = rules
        self._told: dict[tuple[int, Role], float] = {}

    def update(self, tracks: list[Track], time_s: float) -> list[Confirmed]:
        """What is to be told now, of the tracks that a frame showed."""
        found = []
        for track in tracks:
            observation = track.sightings[-1].observation
            if observation is None or not observation.detection.seen:
                continue
            role = observation.detection.role
            rule = self._rules.get(role)
            confirmed = self._confirmed(track, role, rule, time_s) if rule else None
            if confirmed is not None:
                found.append(confirmed)
                self._told[track.number, role] = time_s
        horizon_s = time_s - 3600.0
        self._told = {key: told_s for key, told_s in self._told.items() if told_s > horizon_s}
        return found

    def _confirmed(self, track: Track, role: Role, rule: Rule, time_s: float) -> Confirmed | None:
        frames = list(track.sightings)
        if role not in MOVING:
            frames = _at_the_place(frames, role, rule.of)
        recent = [each for each in frames[-rule.of :] if _shows(each, role)]
        if len(recent) < rule.hits or _otherwise(frames[-rule.of :], role) > len(recent):
            return None
        if role not in MOVING and _scatter(recent) > SCATTER:
            return None
        told_s = self._told.get((track.number, role))
        if told_s is not None and time_s - told_s < rule.again_s:
            return None
        first_s = _unbroken_since(frames, role, rule.of)
        dwell_s = (time_s - first_s) / (FIXED_DWELL if self._fixed else 1.0)
        there = [each for each in frames if _shows(each, track.group)]
        seen_apart = rule.viewpoint_m == 0 or _apart(there) >= rule.viewpoint_m - 1e-6
        if dwell_s < (rule.dwell_s if seen_apart else max(rule.dwell_s, rule.without_s)):
            return None
        scores = [each.observation.detection.score for each in recent if each.observation]
        mean = sum(scores) / len(scores)
        return Confirmed(track, role, first_s, time_s, mean, told_s is not None)


def _shows(sighting: Sighting, role: Role) -> bool:
    """Somebody who lies is a person too, and what burns smokes."""
    observation = sighting.observation
    if observation is None or not observation.detection.seen:
        return False
    shown = observation.detection.role
    return shown is role or group_of(shown) is role


def _unbroken_since(frames: list[Sighting], role: Role, of: int) -> float:
    """When it began to be seen as this.

    Three sightings in a row that show it as something else end it, and half as many frames without
    any as are looked at.
    """
    since_s, otherwise, absent = frames[-1].time_s, 0, 0
    for each in reversed(frames):
        if _shows(each, role):
            since_s, otherwise, absent = each.time_s, 0, 0
        elif each.observation is not None and each.observation.detection.seen:
            otherwise += 1
        else:
            absent += 1
        if otherwise >= 3 or absent >= of / 2:
            break
    return since_s


def _scatter(sightings: list[Sighting]) -> float:
    """Mean squared Mahalanobis distance of places from their mean: what lies still is in one."""
    points = _points(sightings)
    return float(np.mean(_distances(points - points.mean(axis=0), _doubts(sightings))))


def _at_the_place(frames: list[Sighting], role: Role, of: int) -> list[Sighting]:
    """Frames, without what they showed elsewhere than the last ones show what lies still.

    A track that was lost for seconds may have been found again in something else; what was seen
    from there is no other view of this.
    """
    recent = [each for each in frames[-of:] if _shows(each, role)]
    seen = [each for each in frames if each.observation is not None]
    middle = np.median(_points(recent), axis=0)
    doubt = _doubts(seen) + np.eye(2) * NEAREST_STDDEV_M**2 / len(recent)
    away = iter(_distances(_points(seen) - middle, doubt).tolist())
    return [
        each
        if each.observation is None or next(away) <= SAME_PLACE
        else Sighting(each.time_s, each.eye_m, None)
        for each in frames
    ]


def _points(sightings: list[Sighting]) -> NDArray[np.float64]:
    """[n, 2] places of sightings that showed something."""
    seen = [each.observation.place for each in sightings if each.observation]
    return np.asarray([(each.x_m, each.y_m) for each in seen])


def _doubts(sightings: list[Sighting]) -> NDArray[np.float64]:
    """[n, 2, 2] covariances of their places, each with that of a thing's middle."""
    seen = [each.observation.place for each in sightings if each.observation]
    return np.asarray([each.covariance for each in seen]) + np.eye(2) * NEAREST_STDDEV_M**2


def _distances(aside: NDArray[np.float64], doubt: NDArray[np.float64]) -> NDArray[np.float64]:
    """[n] squared Mahalanobis distances."""
    return np.asarray(np.einsum("ni,nij,nj->n", aside, np.linalg.inv(doubt), aside))


def _otherwise(frames: list[Sighting], role: Role) -> int:
    """In how many frames it was seen as something else: who crouches lies in a few of them."""
    seen = [each for each in frames if each.observation and each.observation.detection.seen]
    return sum(not _shows(each, role) for each in seen)


def _apart(sightings: list[Sighting]) -> float:
    """How far viewpoints lie apart, in metres, without the outermost on either side.

    One wrong frame from elsewhere, which fell on the track by chance, is no other viewpoint.
    """
    if len(sightings) < 4:
        return 0.0
    spans = []
    for axis in (0, 1):
        places = sorted(each.eye_m[axis] for each in sightings)
        spans.append(places[-2] - places[1])
    return hypot(*spans)
