"""Checks that robots on a map have room: on their lanes, beside each other, beside walls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import shapely
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry
from shapely.ops import nearest_points

from fleet_manager.adapters.maps.checks.finding import Finding, Severity, limited
from fleet_manager.adapters.maps.checks.survey import (
    OPENING_DEPTH_M,
    TOLERANCE_M,
    Barrier,
    Ints,
    Layer,
    Survey,
)
from fleet_manager.core.campus import Lane, PassageKind, Structure
from fleet_manager.core.geometry import Xy, length_m, point_at

INDOOR_PART = 0.5
"""A lane with more than this part of its length inside buildings is an indoor one."""
_OVER_OR_UNDER = {Structure.BRIDGE, Structure.UNDERPASS}
_PAIRS_AT_ONCE = 2000  # lanes whose neighbours are looked for at once, which bounds the memory


def check_clearance(survey: Survey) -> Iterator[Finding]:
    """All checks of this module."""
    yield from limited(_too_narrow(survey))
    for layer in survey.layers.values():
        yield from limited(_lanes_in_walls(survey, layer))
        yield from limited(_bays_too_near(layer))
        yield from limited(_lanes_too_near(layer))
        yield from limited(_indoor(survey, layer))


def _too_narrow(survey: Survey) -> Iterator[Finding]:
    """Lanes that are narrower than a robot that may drive there."""
    for lane in survey.drawn_lanes:
        if lane.width_m / 2 + TOLERANCE_M >= survey.need_m(lane.kinds):
            continue
        kinds, radius_m = survey.too_large(lane.kinds, lane.width_m / 2)
        yield _at(
            lane,
            Finding(
                "lane_width",
                lane.feature_id,
                f"lane {lane.feature_id} is {lane.width_m:.2f} m wide; "
                f"{' and '.join(kinds)} robots are {2 * radius_m:.2f} m wide",
                "widen it, or let only kinds that fit use it (kinds)",
                kind=survey.named(kinds),
            ),
        )


def _lanes_in_walls(survey: Survey, layer: Layer) -> Iterator[Finding]:
    """Lanes on which a robot would touch a wall, a building, an obstacle or a closed zone."""
    near: dict[int, list[int]] = {}
    for lane_index, barrier_index in layer.lanes_near_barriers:
        near.setdefault(lane_index, []).append(barrier_index)
    for lane_index, barrier_indices in near.items():
        lane, line = layer.lanes[lane_index], layer.lines[lane_index]
        found: list[tuple[float, Barrier]] = []
        for barrier in (layer.barriers[index] for index in barrier_indices):
            if lane.structure is Structure.BRIDGE and barrier.over:
                continue
            if lane.structure is Structure.UNDERPASS and barrier.under:
                continue
            gap_m = _gap_m(survey, lane, line, barrier, layer.needs_m[lane_index])
            if gap_m < layer.needs_m[lane_index] - TOLERANCE_M:
                found.append((gap_m, barrier))
        if found:
            yield _in_wall(survey, lane, line, sorted(found, key=lambda each: each[0]))


def _gap_m(
    survey: Survey, lane: Lane, line: BaseGeometry, barrier: Barrier, need_m: float
) -> float:
    """From a lane to a barrier, metres; at the doors and crossings of the lane there is none."""
    shape: BaseGeometry = barrier.shape
    for passage_id in _passages(survey, lane):
        passage = survey.campus.passages[passage_id]
        if passage.kind is PassageKind.CROSSING:
            if barrier.road:
                line = line.difference(passage.shape.buffer(need_m))
        elif barrier.noun in {"wall", "building"}:
            # How wide the opening is, the check of doors says.
            shape = shape.difference(passage.shape.buffer(need_m + OPENING_DEPTH_M))
    if shape.is_empty or line.is_empty:
        return float("inf")
    return float(shape.distance(line))


def _passages(survey: Survey, lane: Lane) -> list[str]:
    ends = (survey.campus.waypoints[lane.start], survey.campus.waypoints[lane.end])
    return sorted({end.passage for end in ends if end.passage is not None})


def _in_wall(
    survey: Survey, lane: Lane, line: LineString, found: Sequence[tuple[float, Barrier]]
) -> Finding:
    gap_m, barrier = found[0]
    kinds, radius_m = survey.too_large(lane.kinds, gap_m)
    where, _ = nearest_points(line, barrier.shape)
    others = [each.id for _, each in found[1:]]
    more = f" (and near to {', '.join(others[:3])})" if others else ""
    through = "through" if gap_m <= TOLERANCE_M else f"{gap_m:.2f} m from"
    return Finding(
        "lane_clear",
        lane.feature_id,
        f"lane {lane.feature_id} passes {through} the {barrier.noun} {barrier.id}{more}; "
        f"{' and '.join(kinds)} robots need {radius_m:.2f} m",
        _REMEDIES.get(barrier.noun, f"move the lane or the {barrier.noun}"),
        features=(barrier.id, *others),
        kind=survey.named(kinds),
    ).at(lane.level, (where.x, where.y))


_REMEDIES = {
    "wall": "move the lane, or lead it through a waypoint in a door of the wall",
    "building": "move the lane, or lead it through a waypoint in a door of the building",
    "public road": "lead it over the road inside a crossing, on a bridge or in an underpass",
    "closed zone": "move the lane around the zone, or open the zone",
}


def _bays_too_near(layer: Layer) -> Iterator[Finding]:
    """Bays where a resting robot would touch one in another bay or one that passes."""
    if not layer.bays:
        return
    needs_m = layer.bay_needs_m
    within_m = needs_m + max(needs_m.max(), layer.needs_m.max(initial=0.0))
    for one, other in _pairs(layer.bay_tree.query(layer.bay_points, "dwithin", within_m)):
        gap_m = float(layer.bay_points[one].distance(layer.bay_points[other]))
        needed_m = float(needs_m[one] + needs_m[other])
        bay, neighbour = layer.bays[one], layer.bays[other]
        if one < other and gap_m < needed_m - TOLERANCE_M:
            first, second = sorted((bay.id, neighbour.id))
            yield _too_near("bay_clearance", first, second, gap_m, needed_m, layer, bay.xy)
    for bay_index, lane_index in _pairs(
        layer.lane_tree.query(layer.bay_points, "dwithin", within_m)
    ):
        bay, lane = layer.bays[bay_index], layer.lanes[lane_index]
        gap_m = float(layer.bay_points[bay_index].distance(layer.lines[lane_index]))
        needed_m = float(needs_m[bay_index] + layer.needs_m[lane_index])
        if bay.id not in {lane.start, lane.end} and gap_m < needed_m - TOLERANCE_M:
            yield _too_near(
                "bay_clearance", bay.id, lane.feature_id, gap_m, needed_m, layer, bay.xy
            )


def _lanes_too_near(layer: Layer) -> Iterator[Finding]:
    """Lanes so near that robots on both touch, with nothing that says so.

    Lanes that meet at a waypoint exclude each other there; others must share a resource, or
    one of them lead over or under the other.
    """
    names: dict[str | None, int] = {None: -1}
    code = [
        [names.setdefault(text, len(names)) for text in (lane.start, lane.end, lane.resource)]
        for lane in layer.lanes
    ]
    codes = np.array(code, dtype=np.int64).reshape(-1, 3)
    lines, needs_m = layer.lines, layer.needs_m
    for first in range(0, len(lines), _PAIRS_AT_ONCE):
        part = slice(first, first + _PAIRS_AT_ONCE)
        within_m = needs_m[part] + needs_m.max()
        one, other = layer.lane_tree.query(lines[part], "dwithin", within_m)
        one = one + first
        apart = one < other
        for mine in (0, 1):
            for theirs in (0, 1):
                apart &= codes[one, mine] != codes[other, theirs]
        apart &= (codes[one, 2] < 0) | (codes[one, 2] != codes[other, 2])
        one, other = one[apart], other[apart]
        gaps_m = shapely.distance(lines[one], lines[other])
        needed_m = needs_m[one] + needs_m[other]
        for index in np.flatnonzero(gaps_m < needed_m - TOLERANCE_M):
            pair = (layer.lanes[one[index]], layer.lanes[other[index]])
            lead_over = {pair[0].structure, pair[1].structure} & _OVER_OR_UNDER
            if gaps_m[index] == 0.0 and pair[0].structure != pair[1].structure and lead_over:
                continue
            first_lane, second_lane = sorted(pair, key=lambda each: each.id)
            where = nearest_points(lines[one[index]], lines[other[index]])[0]
            yield _too_near(
                "lane_clearance",
                first_lane.feature_id,
                second_lane.feature_id,
                float(gaps_m[index]),
                float(needed_m[index]),
                layer,
                (where.x, where.y),
                "move one of them or give both the same resource",
            )


def _indoor(survey: Survey, layer: Layer) -> Iterator[Finding]:
    """Lanes inside buildings that are not indoor ones, and the other way round: rain concerns
    outdoor lanes alone."""
    houses = [
        each
        for each in survey.campus.buildings.values()
        if layer.level in (each.levels or (each.level,))
    ]
    if not layer.lanes:
        return
    inside_m = np.zeros(len(layer.lanes))
    if houses:
        polygons = np.array([each.polygon for each in houses], dtype=object)
        lane_index, house_index = shapely.STRtree(polygons).query(layer.lines, "intersects")
        common = shapely.intersection(layer.lines[lane_index], polygons[house_index])
        np.add.at(inside_m, lane_index, shapely.length(common))
    parts = inside_m / np.maximum(shapely.length(layer.lines), TOLERANCE_M)
    for lane, part in zip(layer.lanes, parts, strict=True):
        inside = bool(part > INDOOR_PART)
        if inside == lane.indoor or lane.structure is Structure.UNDERPASS:
            continue
        if lane.indoor and (part > 0.0 or _passages(survey, lane)):
            continue  # it leads in
        place, mark = ("inside", "true") if inside else ("outside every", "false")
        yield _at(
            lane,
            Finding(
                "indoor",
                lane.feature_id,
                f"lane {lane.feature_id} lies {place} building but is "
                f"{'not ' if inside else ''}marked as indoor",
                f'give it "indoor": {mark}: weather concerns outdoor lanes',
                Severity.WARNING,
            ),
        )


def _pairs(found: Ints) -> Iterator[tuple[int, int]]:
    """Index pairs of a bulk query, in the order of the map."""
    order = np.lexsort((found[1], found[0]))
    yield from zip(found[0][order].tolist(), found[1][order].tolist(), strict=True)


def _at(lane: Lane, finding: Finding) -> Finding:
    """The finding with the level of a lane and the middle of it."""
    return finding.at(lane.level, point_at(lane.points, length_m(lane.points) / 2))


def _too_near(
    check: str,
    subject: str,
    other: str,
    gap_m: float,
    needed_m: float,
    layer: Layer,
    where: Xy,
    remedy: str = "move them apart",
) -> Finding:
    return Finding(
        check,
        subject,
        f"{subject} and {other} are {gap_m:.2f} m apart; robots need {needed_m:.2f} m",
        remedy,
        features=(other,),
    ).at(layer.level, where)
