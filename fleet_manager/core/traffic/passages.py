"""Which doors, lifts and crossings a way leads through, and what they are asked for."""

from __future__ import annotations

from collections.abc import Iterator

from fleet_manager.core.campus import Campus
from fleet_manager.core.passage import PassageAction, PassageRequest, SessionStatus
from fleet_manager.core.planning.compiled import compiled
from fleet_manager.core.robot import Movement
from fleet_manager.core.state import FleetState
from fleet_manager.core.traffic.conflicts import step_resources
from fleet_manager.core.traffic.precedence import may_depart

Entry = tuple[str, str]
"""A passage and the level on which it is entered."""


def entry_of(campus: Campus, start: str, end: str) -> Entry | None:
    """The passage that a lane leads into from outside, or None."""
    inside = campus.waypoint(end)
    if inside.passage is None or inside.passage == campus.waypoint(start).passage:
        return None
    return inside.passage, inside.level


def is_open(state: FleetState, robot: str, entry: Entry) -> bool:
    """Whether a passage is open to a robot on a level."""
    record = state.passages.get(entry[0])
    return record is not None and record.is_open_to(robot, entry[1])


def _may_enter(state: FleetState, robot: str, entry: Entry) -> bool:
    record = state.passages.get(entry[0])
    return record is not None and record.may_enter(robot, entry[1])


def barred(state: FleetState, robot: str, start: str, end: str) -> bool:
    """Whether a lane leads into a passage that a robot may not enter now."""
    entry = entry_of(state.site.campus, start, end)
    return entry is not None and not _may_enter(state, robot, entry)


def barred_entries(state: FleetState, robot: str) -> frozenset[str]:
    """Names of all entries into passages that a robot may not enter now, as `CompiledCampus` has
    them among the resources."""
    arrays = compiled(state.site.campus)
    served = {
        each.id
        for each in state.passages.values()
        if each.head is not None and each.head.robot == robot
    }
    if not served:
        return arrays.entry_names
    entries = arrays.entries.items()
    barred = (
        name
        for name, entry in entries
        if entry[0] not in served or not _may_enter(state, robot, entry)
    )
    return frozenset(barred)


def entries_ahead(campus: Campus, movement: Movement) -> Iterator[Entry]:
    """The passages that a way leads into beyond its base, in their order."""
    for start, end in movement.steps(movement.released_to):
        entry = entry_of(campus, start, end)
        if entry is not None:
            yield entry


def first_barred(state: FleetState, robot: str, movement: Movement) -> Entry | None:
    """The passage that has to open for a base to go on; None where another robot stands before."""
    campus = state.site.campus
    others = state.held_by_others(robot)
    steps = movement.steps(movement.released_to)
    for node, (start, end) in enumerate(steps, start=movement.released_to):
        if not may_depart(state, movement, node):
            return None
        entry = entry_of(campus, start, end)
        if entry is not None and not _may_enter(state, robot, entry):
            return entry
        if not step_resources(campus, start, end).isdisjoint(others):
            return None
    return None


def ridden_to(campus: Campus, movement: Movement) -> Entry | None:
    """The lift in which a robot is by its last node, and the level on which it leaves it."""
    lift = campus.waypoint(movement.nodes[movement.passed].waypoint).passage
    if lift is None:
        return None
    level = ""
    for node in movement.nodes[movement.passed : movement.released_to + 1]:
        waypoint = campus.waypoint(node.waypoint)
        if waypoint.passage != lift:
            break
        level = waypoint.level
    return lift, level


def requests(state: FleetState) -> list[PassageRequest]:
    """What doors, lifts and crossings have to be asked for, as their last word is otherwise.

    It follows from the sessions and from what is reported alone: what a restart of the manager or
    of a passage has lost is asked for again.
    """
    reports = state.telemetry.passages
    served = [each.head for each in state.passages.values() if each.head is not None]
    serving = {each.id for each in served if each.status is not SessionStatus.WAITING}
    found = [
        PassageRequest(each.passage, each.session_id, each.robot, each.level, PassageAction.RELEASE)
        for each in reports.values()
        if each.session_id and each.session_id not in serving
    ]
    for record in state.passages.values():
        head, report = record.head, reports.get(record.id)
        if head is None or head.id not in serving or (report is not None and report.serves(head)):
            continue
        ask = PassageRequest(record.id, head.id, head.robot, head.level, PassageAction.OPEN)
        found.append(ask)
    return found
