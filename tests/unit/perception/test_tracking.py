"""Things keep their track while the robot drives, and are told once when they are certain."""

from __future__ import annotations

from collections.abc import Callable
from math import sin

import numpy as np
import pytest

from perception.camera import Pose, eye
from perception.confirmation import RULES, Confirmation, Confirmed
from perception.ground import place_of
from perception.roles import Role
from perception.tracking import Observation, Track, Tracker
from tests.unit.perception.campus_views import CAMERA, Thing, detection_of

HZ = 5.0
SEEDS = range(8)


def observe(
    things: list[Thing], pose: Pose, rng: np.random.Generator | None = None
) -> list[Observation]:
    """What the camera sees of the things, with 1.5 pixels of noise where there is a generator."""
    found = []
    for thing in things:
        seen = detection_of(thing, CAMERA, pose, 1.5, rng)
        place = place_of(CAMERA, pose, thing.role, seen.box_px) if seen else None
        if seen is not None and place is not None:
            found.append(Observation(seen, place))
    return found


def step(tracker: Tracker, time_s: float, pose: Pose, found: list[Observation]) -> list[Track]:
    place = eye(CAMERA, pose)
    return tracker.update(time_s, (float(place[0]), float(place[1])), found)


@pytest.mark.parametrize("seed", SEEDS)
def test_people_who_cross_keep_their_tracks_before_a_robot_that_drives_and_turns(seed: int) -> None:
    print(f"seed {seed}")
    rng = np.random.default_rng(seed)
    tracker, numbers = Tracker(), {0: set[int](), 1: set[int]()}
    for frame in range(30):
        time_s = frame / HZ
        pose = Pose(1.2 * time_s, 0.0, 0.15 * sin(time_s))
        walkers = [
            Thing(Role.PERSON, 13.0, -2.0 + 0.7 * time_s),
            Thing(Role.PERSON, 15.0, 2.0 - 0.7 * time_s),
        ]
        for track in step(tracker, time_s, pose, observe(walkers, pose, rng)):
            place = track.place()
            errors = [np.hypot(each.x_m - place.x_m, each.y_m - place.y_m) for each in walkers]
            if frame >= 5:
                numbers[int(np.argmin(errors))].add(track.number)
    assert all(len(each) == 1 for each in numbers.values()), numbers
    assert numbers[0] != numbers[1]


def test_a_weak_detection_keeps_a_track_but_begins_none() -> None:
    tracker, pose = Tracker(), Pose()
    weak = [Thing(Role.PERSON, 6.0, 0.0, score=0.2)]
    assert step(tracker, 0.0, pose, observe(weak, pose)) == []
    strong = [Thing(Role.PERSON, 6.0, 0.0, score=0.7)]
    (track,) = step(tracker, 0.2, pose, observe(strong, pose))
    assert step(tracker, 0.4, pose, observe(weak, pose)) == [track]


def test_who_falls_keeps_the_track_and_a_vehicle_is_another() -> None:
    tracker, pose = Tracker(), Pose()
    tracks = [
        step(tracker, number / HZ, pose, observe([Thing(role, 6.0, 0.0)], pose))[0].number
        for number, role in enumerate([Role.PERSON, Role.PERSON_DOWN, Role.VEHICLE])
    ]
    assert tracks == [1, 1, 2]


def test_a_track_is_kept_over_a_gap_and_lost_after_it() -> None:
    tracker, pose = Tracker(), Pose()
    there = observe([Thing(Role.LITTER, 5.0, 0.0)], pose)
    for number in range(5):
        step(tracker, number / HZ, pose, there)
    for number in range(5, 30):
        step(tracker, number / HZ, pose, [])
    (again,) = step(tracker, 6.0, pose, there)
    assert again.number == 1
    step(tracker, 30.0, pose, [])
    (new,) = step(tracker, 30.2, pose, there)
    assert new.number == 2


def test_frames_out_of_order_are_passed_over() -> None:
    tracker, pose = Tracker(), Pose()
    there = observe([Thing(Role.LITTER, 5.0, 0.0)], pose)
    step(tracker, 1.0, pose, there)
    assert step(tracker, 0.5, pose, there) == []


def watched(
    seconds: float,
    pose_at: Callable[[float], Pose],
    role_at: Callable[[int], Role | None],
    *,
    fixed: bool = False,
    score: float = 0.8,
) -> list[Confirmed]:
    """What is told of one thing at (8, 0) in a time, at 5 Hz."""
    tracker, confirmation, told = Tracker(), Confirmation(fixed=fixed), []
    for frame in range(round(seconds * HZ) + 1):
        time_s = frame / HZ
        pose, role = pose_at(time_s), role_at(frame)
        things = [Thing(role, 8.0, 0.0, score=score)] if role else []
        told += confirmation.update(step(tracker, time_s, pose, observe(things, pose)), time_s)
    return told


def stands(_: float) -> Pose:
    return Pose()


def drives(time_s: float) -> Pose:
    return Pose(0.5 * time_s, 0.0, 0.0)


def down(_: int) -> Role:
    return Role.PERSON_DOWN


def test_a_robot_that_drives_is_certain_of_a_person_down_sooner_than_one_that_stands() -> None:
    rule = RULES[Role.PERSON_DOWN]
    (moving,) = watched(4.0, drives, down)
    # Half a metre between viewpoints, 0.1 m a frame, without the first and the last: eight frames.
    assert rule.viewpoint_m == 0.5
    assert moving.time_s == pytest.approx(7 / HZ, abs=0.01)
    assert watched(rule.without_s - 0.2, stands, down) == []
    (standing,) = watched(rule.without_s + 1, stands, down)
    assert standing.time_s == pytest.approx(rule.without_s, abs=0.01)


def test_a_fixed_camera_waits_longer() -> None:
    rule = RULES[Role.PERSON_DOWN]
    assert watched(2 * rule.without_s - 0.2, stands, down, fixed=True) == []
    assert len(watched(2 * rule.without_s + 0.2, stands, down, fixed=True)) == 1


def test_a_person_who_crouches_now_and_then_has_not_fallen() -> None:
    def crouches(frame: int) -> Role:
        return Role.PERSON_DOWN if frame % 6 < 3 else Role.PERSON

    told = watched(10.0, drives, crouches)
    assert {each.role for each in told} == {Role.PERSON}


def test_hits_in_too_few_frames_or_too_weak_are_nothing() -> None:
    def seldom(frame: int) -> Role | None:
        return Role.PERSON_DOWN if frame % 5 == 0 else None

    assert watched(10.0, drives, seldom) == []  # 3 of 15, where 4 are asked for
    assert watched(10.0, drives, down, score=0.3) == []


def test_what_was_seen_elsewhere_is_no_other_view_of_this() -> None:
    """A robot drives past one thing that looks like it, and stops where another one does."""
    tracker, confirmation, told = Tracker(), Confirmation(fixed=False), []
    first, second = Thing(Role.PERSON_DOWN, 5.0, 0.0), Thing(Role.PERSON_DOWN, 7.5, 0.0)
    for frame in range(round(6 * HZ)):
        pose = Pose(min(0.5 * frame / HZ, 1.0), 0.0)
        things = [first] if frame < 3 else [second] if frame > 10 else []
        tracks = step(tracker, frame / HZ, pose, observe(things, pose))
        told += confirmation.update(tracks, frame / HZ)
    assert told == []


def test_who_was_out_of_sight_for_seconds_is_not_found_again_far_away() -> None:
    tracker, pose = Tracker(), Pose()
    for number in range(3):
        step(tracker, number / HZ, pose, observe([Thing(Role.PERSON, 5.0, 2.5)], pose))
    (other,) = step(tracker, 8.0, pose, observe([Thing(Role.PERSON, 8.0, -5.0)], pose))
    assert other.number == 2


def test_somebody_seen_as_a_person_from_elsewhere_is_no_trick_of_the_light() -> None:
    as_what = dict.fromkeys((0, 10, 12, 13), Role.PERSON_DOWN) | {3: Role.PERSON, 7: Role.PERSON}
    # Lying he is seen from 1.0 m to 1.2 m, without the first and the last view: too near.
    (told,) = [each for each in watched(2.6, drives, as_what.get) if each.role is Role.PERSON_DOWN]
    assert told.time_s == pytest.approx(13 / HZ, abs=0.01)


def test_it_is_told_once_and_brought_up_to_date_later() -> None:
    rule = RULES[Role.PERSON_DOWN]
    told = watched(rule.without_s + rule.again_s + 0.4, stands, down)
    assert [each.again for each in told] == [False, True]
    assert told[0].track.number == told[1].track.number
    assert told[1].time_s - told[0].time_s == pytest.approx(rule.again_s, abs=0.21)
