"""Planning that takes too long for a decision: the state says what it wants, a worker runs it.

What is wanted follows from the state alone. A job's id names the version of what it plans for, so
that a result which comes back too late is known by its id (decisions.plans). Budgets are counted in
iterations: a job gives the same result wherever and however often it runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

RUNNERS: Mapping[str, str] = {
    "patrol": "fleet_manager.core.planning.patrol_job:run",
    "rounds": "fleet_manager.core.planning.rounds:plan_rounds",
}
"""By kind of job, the pure function that runs it: `module:function(input, iterations)`.

They are named and not imported: solvers take a while to load, and the manager never runs them.
"""


@dataclass(frozen=True, slots=True)
class PlanningJob:
    """One thing to be planned, complete in itself; it can be pickled.

    Attributes:
        id: names kind, subject and the version of the subject that it is made for.
        kind: of `RUNNERS`.
        iterations: what its search may take.
        input: frozen, of the kind's own type.
    """

    id: str
    kind: str
    iterations: int
    input: Any


@dataclass(frozen=True, slots=True)
class Wish:
    """A job that the state wants, made only when a worker is free for it.

    Attributes:
        make: from the state as it was when the wish was told; to be called before it changes.
    """

    id: str
    kind: str
    make: Callable[[], PlanningJob]


def run(job: PlanningJob) -> Any:
    """Carry a job out; the result can be pickled.

    Raises:
        CampusFleetError: it cannot be planned; says what to do.
    """
    module, _, function = RUNNERS[job.kind].partition(":")
    return getattr(import_module(module), function)(job.input, job.iterations)
