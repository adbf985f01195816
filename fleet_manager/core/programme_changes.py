"""How events about programmes change the state, and which visits of sites others tell of."""

from __future__ import annotations

from msgspec.structs import replace

from fleet_manager.core import programme_events as p
from fleet_manager.core.passage_changes import apply
from fleet_manager.core.programme import (
    BEAT_TRANSITIONS,
    PROGRAMME_TRANSITIONS,
    Programme,
    ProgrammeStatus,
    ProgrammeTrigger,
    SiteRecord,
)
from fleet_manager.core.state import FleetState
from fleet_manager.core.transitions import next_state

__all__ = ["apply"]


@apply.register
def _(event: p.ProgrammeSaved, state: FleetState) -> None:
    before = state.programmes.get(event.spec.id)
    enabled = event.spec.enabled
    programme = Programme(
        event.spec,
        event.sites,
        event.time_s,
        status=ProgrammeStatus.WAITING if enabled else ProgrammeStatus.PAUSED,
        since_s=event.time_s,
        opens_s=event.opens_s,
        closes_s=event.closes_s,
        version=before.version if before else 0,
        stretches=before.stretches if before else 0,
        paused_by="" if enabled else event.by,
    )
    state.programmes[event.spec.id] = programme


@apply.register
def _(event: p.ProgrammeDeleted, state: FleetState) -> None:
    del state.programmes[event.programme_id]


@apply.register
def _(event: p.ProgrammeMoved, state: FleetState) -> None:
    before = state.programme(event.programme_id)
    status = next_state(
        PROGRAMME_TRANSITIONS, before.status, event.trigger, f"programme {before.id}"
    )
    after = replace(
        before, status=status, since_s=event.time_s, opens_s=event.opens_s, closes_s=event.closes_s
    )
    if event.trigger is ProgrammeTrigger.OPEN:
        fresh = SiteRecord(event.time_s, event.time_s)
        after = replace(after, visits={site.waypoint: fresh for site in after.sites})
    else:
        after = replace(after, beats=(), guests=(), plan=None, wanted=None)
    paused = event.trigger is ProgrammeTrigger.PAUSE
    after = replace(
        after,
        paused_by=event.by if paused else "",
        spec=replace(after.spec, enabled=status is not ProgrammeStatus.PAUSED),
    )
    state.programmes[before.id] = after


@apply.register
def _(event: p.PlanRequested, state: FleetState) -> None:
    before = state.programme(event.programme_id)
    wanted = event.wanted
    state.programmes[before.id] = replace(before, wanted=wanted, version=wanted.version)


@apply.register
def _(event: p.ProgrammePlanned, state: FleetState) -> None:
    before = state.programme(event.programme_id)
    wanted = before.wanted if event.plan.immediate else None
    after = replace(
        before,
        plan=event.plan,
        planned_s=event.time_s,
        beats=event.beats,
        guests=(),
        wanted=wanted,
    )
    state.programmes[before.id] = after


@apply.register
def _(event: p.StretchCut, state: FleetState) -> None:
    before = state.task(event.task_id)
    dropped = ", ".join(phase.waypoint for phase in before.phases[event.phases :])
    after = replace(before, phases=before.phases[: event.phases])
    text = f"another plan is followed: {dropped} will be visited by its robots"
    state.tasks[before.id] = after.logged(event.time_s, text)


@apply.register
def _(event: p.StretchBegun, state: FleetState) -> None:
    before = state.programme(event.programme_id)
    beat = before.beat(event.beat)
    if beat is not None:
        beat = replace(
            beat,
            task_id=event.task_id,
            at=event.next_at,
            headway_s=event.headway_s,
            robot=event.robot,
        )
        before = before.with_beat(beat)
    state.programmes[before.id] = replace(
        before,
        stretches=before.stretches + 1,
        visits_drawn=before.visits_drawn + event.visits,
        bits=before.bits + event.bits,
    )


@apply.register
def _(event: p.BeatMoved, state: FleetState) -> None:
    before = state.programme(event.programme_id)
    beat = before.beat(event.beat)
    assert beat is not None, f"programme {before.id} has no beat {event.beat}"
    what = f"beat {beat.number} of programme {before.id}"
    status = next_state(BEAT_TRANSITIONS, beat.status, event.trigger, what)
    beat = replace(
        beat,
        status=status,
        since_s=event.time_s,
        reason=event.reason,
        at=beat.at if event.at is None else event.at,
    )
    state.programmes[before.id] = before.with_beat(beat)


@apply.register
def _(event: p.SitesTakenOver, state: FleetState) -> None:
    before = state.programme(event.programme_id)
    state.programmes[before.id] = replace(before, guests=event.guests)
