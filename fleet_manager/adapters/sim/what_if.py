"""What if: two scenarios over the same seeds, and a verdict for each measure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from fleet_manager.adapters.sim.comparison import METHOD, compared
from fleet_manager.adapters.sim.study import Results, Study, run_all, values_of
from fleet_manager.core.errors import InvalidRequest
from fleet_manager.core.scenario import Scenario, check_scenario

SEEDS_AT_MOST = 1000

Json = dict[str, Any]


def what_if(
    study: Study,
    first: Scenario,
    second: Scenario,
    seeds: Sequence[int],
    results: Results | None = None,
    processes: int = 1,
    progress: Callable[[float], None] = lambda _: None,
) -> Json:
    """Compare two scenarios.

    Args:
        seeds: two or more.
        results: of runs that are done already.

    Raises:
        CampusFleetError: a scenario does not fit the map or the fleet, or the two cannot be
            compared.
    """
    check_comparison(first, second, seeds)
    kept = Results(None) if results is None else results
    runs = run_all(study, (first, second), seeds, kept, processes, progress)
    rows = compared(values_of(runs[0]), values_of(runs[1]))
    return {
        "first": first.name,
        "second": second.name,
        "seeds": list(seeds),
        "days": first.days,
        "method": METHOD,
        "commit": study.commit,
        "measures": rows,
        "unresolved_standstills": {
            "first": sum(run["standstills"]["unresolved"] for run in runs[0]),
            "second": sum(run["standstills"]["unresolved"] for run in runs[1]),
        },
    }


def check_comparison(first: Scenario, second: Scenario, seeds: Sequence[int]) -> None:
    """Refuse what gives no verdict.

    Raises:
        InvalidRequest: says why.
    """
    for each in (first, second):
        check_scenario(each)
    if not 2 <= len(seeds) <= SEEDS_AT_MOST:
        raise InvalidRequest(
            f"scenarios cannot be compared over {len(seeds)} seeds",
            f"give 2 to {SEEDS_AT_MOST}",
        )
    if (first.days, first.start) != (second.days, second.start):
        raise InvalidRequest(
            f"{first.name!r} and {second.name!r} are not over the same days",
            "give both the same start and days",
        )
