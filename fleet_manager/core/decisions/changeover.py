"""Has the robots of a programme go over to another plan: which stretches end, who begins where."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec.structs import replace

from fleet_manager.core.decisions.tasks import pursue, take_away
from fleet_manager.core.draft import Draft
from fleet_manager.core.planning.availability import position
from fleet_manager.core.planning.changeover import Changeover, Sites, Walker, go_over
from fleet_manager.core.planning.patrol_ways import place_of, spare_robots, travel_of
from fleet_manager.core.programme import Beat, BeatStatus, PatrolArrangement, Programme
from fleet_manager.core.programme_events import ProgrammePlanned, StretchCut
from fleet_manager.core.state import FleetState
from fleet_manager.core.task import Task, TaskTrigger, action_id

JUST_BEGUN_S = 60.0
"""Robots that set out less than this ago are sent where the plan has them begin."""


@dataclass(frozen=True, slots=True)
class _Going:
    """A beat that a robot walks, or waits to walk, when the plan changes.

    Attributes:
        task: its stretch, if a robot has that.
    """

    beat: Beat
    walker: Walker
    task: Task | None


def follow(draft: Draft, programme_id: str, plan: PatrolArrangement) -> None:
    """Go over to a plan: stretches are broken off, and each robot goes on where it is needed.

    What nobody has begun is cancelled. A stretch under way ends at its next place, or at its last
    where that is better for the site that waits longest (`planning.changeover`).
    """
    programme = draft.state.programme(programme_id)
    plan = replace(plan, map_version=draft.site.campus.version)
    going = _going(draft, programme)
    change = _change(draft, programme, plan, going)
    cut: list[tuple[Task, int]] = []
    for each, slot, count in zip(going, change.slots, change.kept, strict=False):
        if each.task is not None and slot is not None:
            cut.append((each.task, count))
    kept = {task.id for task, _ in cut}
    for beat in programme.beats:
        open_ = draft.state.tasks.get(beat.task_id or "")
        if open_ is not None and open_.id not in kept and not open_.ended:
            reason = f"programme {programme_id} goes over to another plan"
            take_away(draft, open_.id, TaskTrigger.CANCEL, reason)
    beats = _beats(draft, plan, going, change)
    draft.emit(ProgrammePlanned(programme_id, plan, beats, draft.now_s))
    for task, count in cut:
        _cut(draft, task, count)


def waits_to_walk(stretch: Task) -> str:
    """The robot that a stretch nobody has had yet is for; "": whoever is free."""
    return "" if stretch.attempts else str(stretch.description.get("robot", ""))


def late_if_followed(draft: Draft, programme: Programme, plan: PatrolArrangement) -> float:
    """By how much the latest site would be visited too late if a plan were followed now."""
    return _change(draft, programme, plan, _going(draft, programme)).late_s


def _going(draft: Draft, programme: Programme) -> list[_Going]:
    """The beats that go on in another plan."""
    if draft.now_s - programme.since_s < JUST_BEGUN_S:
        return []
    found = []
    for beat in programme.beats:
        task = draft.state.tasks.get(beat.task_id or "")
        if task is None or task.ended or beat.status is not BeatStatus.MANNED:
            continue
        if task.robot is not None:
            left = tuple(phase.waypoint for phase in task.remaining)
            here = place_of(draft.state, task, left)
            least = _in_base(draft.state, task)
            found.append(_Going(beat, Walker(here, left, least), task))
        elif (robot := waits_to_walk(task)) in draft.state.robots:
            start = position(draft.state, robot)
            if start is not None:
                found.append(_Going(beat, Walker(start), None))
    return found


def _in_base(state: FleetState, task: Task) -> int:
    """How many places of a stretch its robot visits in any case: the next, and those released."""
    assert task.robot is not None
    movement = state.robot(task.robot).movement
    base = movement.nodes[: movement.released_to + 1] if movement is not None else ()
    there = {action.action_id for node in base for action in node.actions}
    released = [at for at, p in enumerate(task.remaining, 1) if action_id(task, p) in there]
    return max([1, *released])


def _change(
    draft: Draft, programme: Programme, plan: PatrolArrangement, going: list[_Going]
) -> Changeover:
    left_s = {
        site.waypoint: programme.visits[site.waypoint].last_s + site.promise_s - draft.now_s
        for site in programme.sites
    }
    promise_s = {site.waypoint: site.promise_s for site in programme.sites}
    sites = Sites(left_s, promise_s, programme.spec.dwell_s, travel_of(draft.state))
    walkers = [each.walker for each in going]
    missing = sum(team.robots for team in plan.teams) - len(walkers)
    if missing > 0:
        walkers += _who_come(draft.state, missing)
    return go_over(plan.teams, walkers, sites)


def _who_come(state: FleetState, count: int) -> list[Walker]:
    """Robots that may take the beats for which none is going, where they are."""
    places = [position(state, robot) for robot in spare_robots(state)]
    return [Walker(place) for place in places if place is not None][:count]


def _beats(
    draft: Draft, plan: PatrolArrangement, going: list[_Going], change: Changeover
) -> tuple[Beat, ...]:
    """A beat for each robot of a plan; those that nobody goes on with are for whoever is free."""
    before = {
        slot: each.beat for each, slot in zip(going, change.slots, strict=False) if slot is not None
    }
    beats: list[Beat] = []
    for team, starts in enumerate(change.starts):
        for slot, at in enumerate(starts):
            number = len(beats) + 1
            beat = before.get((team, slot))
            if beat is None:
                beats.append(Beat(number, team, at, since_s=draft.now_s))
            else:
                beats.append(replace(beat, number=number, team=team, at=at, headway_s=None))
    return tuple(beats)


def _cut(draft: Draft, task: Task, count: int) -> None:
    """End a stretch after so many of the places that are left, and lead its robot accordingly."""
    phases = task.remaining[count - 1].id
    if phases == len(task.phases):
        return
    assert task.robot is not None
    draft.emit(StretchCut(task.id, phases, draft.now_s))
    if draft.state.robot(task.robot).movement is not None:
        pursue(draft, task.robot)
