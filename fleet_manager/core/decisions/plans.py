"""Plans from the worker: which ones the state wants now, and what becomes of those that come."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fleet_manager.core.commands import PlanReady
from fleet_manager.core.decisions import patrol_plans, rounds
from fleet_manager.core.draft import Draft
from fleet_manager.core.planning import patrol_job
from fleet_manager.core.planning.jobs import Wish
from fleet_manager.core.state import FleetState


@dataclass(frozen=True, slots=True)
class PlanKind:
    """A kind of plan.

    Attributes:
        wanted: what is to be planned now, most urgent first; cheap, since it is asked all the time.
            A wish ends when its result is adopted.
        adopt: decide what follows from a result of the wish with this id.
    """

    wanted: Callable[[FleetState, float], Iterable[Wish]]
    adopt: Callable[[Draft, str, Any], None]


KINDS: Mapping[str, PlanKind] = {
    patrol_job.KIND: PlanKind(patrol_plans.wishes, patrol_plans.adopt),
    rounds.KIND: PlanKind(rounds.wishes, rounds.adopt),
}
"""By the kind of their jobs (`planning.jobs.RUNNERS`)."""


def wanted(state: FleetState, now_s: float) -> tuple[Wish, ...]:
    """What the state wants planned now."""
    return tuple(wish for kind in KINDS.values() for wish in kind.wanted(state, now_s))


def ready(draft: Draft, plan: PlanReady) -> None:
    """Adopt a plan, unless the state has gone on and does not want it any more."""
    kind = KINDS.get(plan.kind)
    if kind is None:
        return
    if any(wish.id == plan.job_id for wish in kind.wanted(draft.state, draft.now_s)):
        kind.adopt(draft, plan.job_id, plan.result)
