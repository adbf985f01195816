"""Checks of doors, lifts and crossings: robots ask before they pass, fit in, and get out again."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import shapely
from shapely.geometry import Point

from fleet_manager.adapters.maps.checks.finding import Finding, Severity, limited
from fleet_manager.adapters.maps.checks.survey import OPENING_DEPTH_M, TOLERANCE_M, Layer, Survey
from fleet_manager.core.campus import Passage, PassageKind, Waypoint
from fleet_manager.core.geometry import Xy

STACKED_M = 0.5
"""The waypoints of a lift's cabin lie at most this far beside each other."""


def check_passages(survey: Survey) -> Iterator[Finding]:
    """All checks of this module."""
    for passage in survey.campus.passages.values():
        inside = survey.waypoints_of_passage[passage.id]
        if not inside:
            yield _unused(passage)
            continue
        if passage.kind is PassageKind.DOOR:
            yield from _door(survey, passage, inside)
        else:
            yield from _beside(passage, inside)
        if passage.kind is PassageKind.LIFT:
            yield from _lift(survey, passage, inside)
    for layer in survey.layers.values():
        yield from limited(_unasked(survey, layer))


def _unused(passage: Passage) -> Finding:
    """A passage that no waypoint lies in: a dangling lift is an error, others a warning."""
    dangling = passage.kind is PassageKind.LIFT
    return Finding(
        "lift" if dangling else "passage",
        passage.id,
        f"no waypoint lies in the {passage.kind} {passage.id}: no robot ever passes it",
        f'draw a waypoint in it with "passage": "{passage.id}"'
        + (" on each of its levels" if dangling else ""),
        Severity.ERROR if dangling else Severity.WARNING,
    ).at(passage.levels[0], _middle(passage))


def _beside(passage: Passage, inside: list[Waypoint]) -> Iterator[Finding]:
    """Waypoints that do not lie in their lift or crossing."""
    for waypoint in inside:
        gap_m = passage.shape.distance(Point(waypoint.xy))
        if gap_m > TOLERANCE_M:
            yield Finding(
                "passage",
                waypoint.id,
                f"{waypoint.id} lies {gap_m:.2f} m beside its {passage.kind} {passage.id}",
                f"move it into the {passage.kind}",
                features=(passage.id,),
            ).at(waypoint.level, waypoint.xy)


# --- doors -----------------------------------------------------------------------------------


def _door(survey: Survey, door: Passage, inside: list[Waypoint]) -> Iterator[Finding]:
    leaf = list(door.shape.coords)
    for waypoint in inside:
        gap_m = door.shape.distance(Point(waypoint.xy))
        if gap_m > OPENING_DEPTH_M:
            yield Finding(
                "passage",
                waypoint.id,
                f"{waypoint.id} lies {gap_m:.2f} m beside the leaf of its door {door.id}",
                "move it onto the leaf",
                features=(door.id,),
            ).at(waypoint.level, waypoint.xy)
            continue
        room_m = min(math.dist(waypoint.xy, leaf[0]), math.dist(waypoint.xy, leaf[-1]))
        kinds, radius_m = _too_large(survey, waypoint, room_m)
        if kinds:
            yield Finding(
                "door_width",
                door.id,
                f"the door {door.id} is {door.shape.length:.2f} m wide and leaves {room_m:.2f} m "
                f"beside {waypoint.id}; {' and '.join(kinds)} robots need {radius_m:.2f} m",
                f"draw the leaf at least {2 * radius_m:.2f} m wide with the waypoint in its "
                "middle, or let only kinds that fit use the lanes there",
                features=(waypoint.id,),
                kind=survey.named(kinds),
            ).at(waypoint.level, waypoint.xy)
    sides = {side for each in inside for side in _sides(survey, door, each)}
    if sides != {-1, 1}:
        yield Finding(
            "door_sides",
            door.id,
            f"lanes lead from {inside[0].id} in the door {door.id} to "
            f"{'one side of it alone' if sides else 'neither side of it'}",
            "draw lanes to both sides, or take the waypoint out of the door",
            features=tuple(each.id for each in inside),
        ).at(door.levels[0], inside[0].xy)


def _sides(survey: Survey, door: Passage, waypoint: Waypoint) -> Iterator[int]:
    """On which sides of a door's leaf the neighbours of a waypoint lie: -1 right, 1 left."""
    (ax, ay), (bx, by) = door.shape.coords[0], door.shape.coords[-1]
    for lane in survey.lanes_at.get(waypoint.id, []):
        other = lane.end if lane.start == waypoint.id else lane.start
        x, y = survey.campus.waypoints[other].xy
        across = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
        if abs(across) > TOLERANCE_M:
            yield 1 if across > 0.0 else -1


def _too_large(survey: Survey, waypoint: Waypoint, room_m: float) -> tuple[list[str], float]:
    """Kinds that drive to a waypoint and need more room, and the largest's radius."""
    found: dict[str, float] = {}
    for lane in survey.lanes_at.get(waypoint.id, []):
        kinds, _ = survey.too_large(lane.kinds, room_m)
        found |= {kind: survey.radius_by_kind[kind] for kind in kinds}
    return [kind for kind in survey.fleet.kinds if kind in found], max(found.values(), default=0.0)


# --- lifts -----------------------------------------------------------------------------------


def _lift(survey: Survey, lift: Passage, inside: list[Waypoint]) -> Iterator[Finding]:
    by_level: dict[str, list[Waypoint]] = {level: [] for level in lift.levels}
    for waypoint in inside:
        by_level[waypoint.level].append(waypoint)
    yield from _cabins(survey, lift, by_level)
    ridden = _ridden(survey, inside)
    for level, cabins in by_level.items():
        problem, remedy = "", ""
        if not cabins:
            problem = "but has no waypoint there"
            remedy = "draw a waypoint in its cabin on this level, or take the level out"
        elif not all(_joined(survey, each, ridden) for each in cabins):
            problem = "but no lane leads from its cabin there into the level and back"
            remedy = "join the cabin's waypoint to a lane of the level in both directions"
        elif not ridden.issuperset(each.id for each in cabins):
            problem = "but its cabin there is not joined to those of its other levels"
            remedy = "join the cabin's waypoints by a lane in both directions"
        if problem:
            yield Finding(
                "lift",
                lift.id,
                f"the lift {lift.id} serves the level {level}, {problem}",
                remedy,
                features=tuple(each.id for each in cabins),
            ).at(level, _middle(lift))


def _cabins(
    survey: Survey, lift: Passage, by_level: dict[str, list[Waypoint]]
) -> Iterator[Finding]:
    """Cabins that robots do not fit into, or whose waypoints are not one above the other."""
    cabins = [each for level in by_level.values() for each in level]
    for waypoint in cabins:
        room_m = lift.shape.boundary.distance(Point(waypoint.xy))
        if not lift.shape.covers(Point(waypoint.xy)):
            continue
        kinds, radius_m = _too_large(survey, waypoint, room_m)
        if kinds:
            yield Finding(
                "lift_cabin",
                lift.id,
                f"in the cabin of {lift.id}, {waypoint.id} lies {room_m:.2f} m from the wall; "
                f"{' and '.join(kinds)} robots need {radius_m:.2f} m",
                "draw the cabin larger with the waypoint in its middle, or let only kinds that "
                "fit use the lanes there",
                features=(waypoint.id,),
                kind=survey.named(kinds),
            ).at(waypoint.level, waypoint.xy)
            break  # of all levels, one cabin
    for waypoint in cabins[1:]:
        off_m = math.dist(waypoint.xy, cabins[0].xy)
        if off_m > STACKED_M and waypoint.level != cabins[0].level:
            yield Finding(
                "lift_cabin",
                lift.id,
                f"in the lift {lift.id}, {waypoint.id} lies {off_m:.2f} m beside "
                f"{cabins[0].id}: the cabin goes straight up",
                "draw the waypoints of the cabin one above the other",
                features=(cabins[0].id, waypoint.id),
            ).at(waypoint.level, waypoint.xy)


def _ridden(survey: Survey, inside: list[Waypoint]) -> set[str]:
    """Waypoints of a lift that are joined to the one with the most lanes, there and back."""
    ids = {each.id for each in inside}
    there: dict[str, set[str]] = {each: set() for each in ids}
    back: dict[str, set[str]] = {each: set() for each in ids}
    for each in inside:
        for lane in survey.campus.lanes_from(each.id):
            if lane.end in ids:
                there[each.id].add(lane.end)
                back[lane.end].add(each.id)
    first = max(sorted(ids), key=lambda each: len(there[each]) + len(back[each]))
    return _closure(there, first) & _closure(back, first)


def _closure(steps: dict[str, set[str]], first: str) -> set[str]:
    found, open_ = {first}, [first]
    while open_:
        for each in steps[open_.pop()] - found:
            found.add(each)
            open_.append(each)
    return found


def _joined(survey: Survey, cabin: Waypoint, ridden: set[str]) -> bool:
    """Whether a robot can leave the cabin into its level and enter it from there."""
    out = any(
        lane.lift is None and lane.end not in ridden for lane in survey.campus.lanes_from(cabin.id)
    )
    into = any(
        (lane.end == cabin.id or lane.reverse is not None) and lane.lift is None
        for lane in survey.lanes_at.get(cabin.id, [])
    )
    return out and into


# --- lanes that do not ask -------------------------------------------------------------------


def _unasked(survey: Survey, layer: Layer) -> Iterator[Finding]:
    """Lanes that lead through a door, a cabin or a crossing which neither of their ends names."""
    passages = [each for each in survey.campus.passages.values() if layer.level in each.levels]
    if not passages or not layer.lanes:
        return
    shapes = np.array([each.shape for each in passages], dtype=object)
    lane_index, passage_index = shapely.STRtree(shapes).query(layer.lines, "intersects")
    order = np.lexsort((passage_index, lane_index))
    for at in order:
        lane, passage = layer.lanes[lane_index[at]], passages[passage_index[at]]
        ends = (survey.campus.waypoints[lane.start], survey.campus.waypoints[lane.end])
        if passage.id in {end.passage for end in ends}:
            continue
        common = layer.lines[lane_index[at]].intersection(passage.shape)
        if passage.kind is not PassageKind.DOOR and common.length <= OPENING_DEPTH_M:
            continue
        if lane.structure is not None and passage.kind is PassageKind.CROSSING:
            continue  # it leads over or under the crossing
        where = common.representative_point()
        yield Finding(
            "passage",
            lane.feature_id,
            f"lane {lane.feature_id} leads through the {passage.kind} {passage.id}, which neither "
            "of its ends lies in: robots would not ask before they pass",
            f"put a waypoint into the {passage.kind} "
            f'("role": "{passage.kind}", "passage": "{passage.id}")',
            features=(passage.id,),
        ).at(lane.level, (where.x, where.y))


def _middle(passage: Passage) -> Xy:
    middle = passage.shape.centroid
    return (middle.x, middle.y)
