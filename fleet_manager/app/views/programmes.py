"""Patrol programmes as documents: what is promised, planned and measured, and who patrols."""

from __future__ import annotations

from typing import Any

from fleet_manager.core.decisions.promises import expected_s, idle_s
from fleet_manager.core.programme import Beat, BeatStatus, PatrolArrangement, Programme
from fleet_manager.core.programme_form import document_of
from fleet_manager.core.state import FleetState


def programme_view(state: FleetState, identifier: str, now_s: float) -> dict[str, Any]:
    """All that is known of a programme; times in seconds, moments in Unix seconds.

    Raises:
        Unknown: there is none of this id.
    """
    programme = state.programme(identifier)
    return {
        **document_of(programme.spec),
        **_standing(state, programme, now_s),
        "robots_asked": programme.spec.robots,
        "since_s": programme.since_s,
        "paused_by": programme.paused_by,
        "plan": None if programme.plan is None else _plan(programme.plan, programme),
        "patrols": [_beat(state, beat) for beat in programme.beats],
        "state_of_sites": _sites(state, programme, now_s),
    }


def programme_summary(state: FleetState, identifier: str, now_s: float) -> dict[str, Any]:
    """What lists and the live feed tell of a programme."""
    programme = state.programme(identifier)
    return {
        "id": programme.id,
        "name": programme.spec.name,
        **_standing(state, programme, now_s),
    }


def _standing(state: FleetState, programme: Programme, now_s: float) -> dict[str, Any]:
    """How a programme stands to its promise; None before anything was measured."""
    plan = programme.plan
    manned = sum(beat.status is BeatStatus.MANNED for beat in programme.beats)
    idle = {site: idle_s(state, each, now_s) for site, each in programme.visits.items()}
    worst = [max(each.worst_s, idle[site]) for site, each in programme.visits.items()]
    promises = [site.promise_s for site in programme.sites]
    return {
        "status": programme.status.value,
        "opens_s": programme.opens_s,
        "closes_s": programme.closes_s,
        "promised_s": min(promises, default=None),
        "planned_s": None if plan is None else round(plan.worst_s, 1),
        "keeps_promise": None if plan is None else plan.keeps_promise,
        "measured_s": round(max(worst), 1) if worst else None,
        "idle_s": round(max(idle.values()), 1) if idle else None,
        "average_idleness_s": _average_s(programme, idle, now_s),
        "entropy_bits": _entropy_bits(programme),
        "broken": sum(each.broken for each in programme.visits.values()),
        "robots": manned,
        "robots_planned": len(programme.beats),
    }


def _average_s(programme: Programme, idle: dict[str, float], now_s: float) -> float | None:
    """Average graph idleness since the window opened, open gaps counted: mean sum(gap^2) / (2T)."""
    figures = [
        (each.squares_s2 + idle[site] ** 2) / (2.0 * (now_s - each.since_s))
        for site, each in programme.visits.items()
        if now_s > each.since_s
    ]
    return round(sum(figures) / len(figures), 1) if figures else None


def _entropy_bits(programme: Programme) -> float | None:
    """Of a visit, measured: what an observer cannot know of the next who knows plan and past."""
    drawn = programme.visits_drawn
    return round(programme.bits / drawn, 3) if drawn else None


def _plan(plan: PatrolArrangement, programme: Programme) -> dict[str, Any]:
    return {
        "method": plan.method,
        "robots": plan.robots,
        "relief": plan.relief,
        "robots_needed": plan.robots_needed,
        "least_robots": plan.least_robots,
        "worst_idleness_s": round(plan.worst_s, 1),
        "worst_weighted_idleness_s": round(plan.worst_weighted_s, 1),
        "bound_s": round(plan.bound_s, 1),
        "bound": plan.bound,
        "gap": None if plan.gap is None else round(plan.gap, 4),
        "keeps_promise": plan.keeps_promise,
        "entropy_bits": plan.entropy_bits,
        "hour": plan.hour,
        "reduced": plan.reduced,
        "final": not plan.immediate,
        "version": plan.version,
        "teams": [
            {
                "robots": team.robots,
                "duration_s": round(team.duration_s, 1),
                "tour": list(team.tour),
                "taken_over": [g.waypoint for g in programme.guests if g.team == index],
            }
            for index, team in enumerate(plan.teams)
        ],
    }


def _beat(state: FleetState, beat: Beat) -> dict[str, Any]:
    task = state.tasks.get(beat.task_id or "")
    robot = task.robot if task is not None and not task.ended else None
    if robot is None and beat.status is BeatStatus.MANNED:
        robot = beat.robot  # between two stretches
    return {
        "beat": beat.number,
        "team": beat.team,
        "status": beat.status.value,
        "since_s": beat.since_s,
        "robot": robot,
        "task_id": beat.task_id,
        "reason": beat.reason,
    }


def _sites(state: FleetState, programme: Programme, now_s: float) -> list[dict[str, Any]]:
    """Each site with its promise, its last visit, and when the next is expected."""
    expected = expected_s(state, programme, now_s) if programme.running else {}
    found = []
    for site in programme.sites:
        record = programme.visits.get(site.waypoint)
        found.append(
            {
                "site": site.waypoint,
                "promise_s": site.promise_s,
                "weight": site.weight,
                "idle_s": None if record is None else round(idle_s(state, record, now_s), 1),
                "worst_s": None if record is None else round(record.worst_s, 1),
                "visits": 0 if record is None else record.visits,
                "broken": 0 if record is None else record.broken,
                "last_s": None if record is None or not record.visits else record.last_s,
                "by": None if record is None else record.by,
                "stopped": record is not None and record.stopped,
                "expected_s": expected.get(site.waypoint),
            }
        )
    return found
