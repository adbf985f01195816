"""Whether one scenario is better than another: paired over seeds, with confidence intervals.

Both scenarios are simulated with the same seeds and so meet the same requests, incidents and
mishaps (common random numbers; Law, Simulation Modeling and Analysis, 11.2). Of each measure the
differences, seed by seed, are taken as a sample: their mean with its interval by Student's t, and
p by the t-test on pairs. As many measures are looked at together, verdicts are held to Holm's
procedure (1979): the chance of any verdict where there is no difference is at most 5 %.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any

from scipy.stats import t as student

from fleet_manager.adapters.sim.measures import Better, measure_of

CONFIDENCE = 0.95
LEVEL = 0.05
METHOD = (
    "paired t on common random numbers; 95 % intervals; verdicts at 5 % over all measures (Holm)"
)
NONE_SEEN = "no difference seen"
_VERDICTS = {
    (Better.LOWER, True): "better",
    (Better.LOWER, False): "worse",
    (Better.HIGHER, True): "worse",
    (Better.HIGHER, False): "better",
    (Better.NEITHER, True): "lower",
    (Better.NEITHER, False): "higher",
}
"""By which way is better, and whether the second scenario has less of it."""

Values = Mapping[str, float | None]
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """The second scenario less the first.

    Attributes:
        low, high: of the confidence interval.
        p: chance of a mean difference at least as great, were there none.
        seeds: for which both have the measure.
    """

    first: float
    second: float
    mean: float
    low: float
    high: float
    p: float
    seeds: int


def compared(first: Sequence[Values], second: Sequence[Values]) -> list[Json]:
    """A row for each measure that both scenarios have for two seeds or more.

    Args:
        first, second: measures by their path, of the same seeds in the same order.
    """
    found: dict[str, Difference] = {}
    for path in dict.fromkeys(path for values in (*first, *second) for path in values):
        pairs = [
            (a, b)
            for one, other in zip(first, second, strict=True)
            if (a := one.get(path)) is not None and (b := other.get(path)) is not None
        ]
        if len(pairs) >= 2:
            found[path] = difference([a for a, _ in pairs], [b for _, b in pairs])
    seen = _held(found)
    return [_row(path, each, path in seen) for path, each in found.items()]


def difference(first: Sequence[float], second: Sequence[float]) -> Difference:
    """Mean difference of pairs with its interval; two pairs or more."""
    differences = [b - a for a, b in zip(first, second, strict=True)]
    count, mean = len(differences), fmean(differences)
    error = stdev(differences) / math.sqrt(count)
    spread = error * float(student.ppf((1 + CONFIDENCE) / 2, count - 1))
    if error > 0.0:
        p = 2.0 * float(student.sf(abs(mean) / error, count - 1))
    else:
        p = 1.0 if mean == 0.0 else 0.0
    return Difference(fmean(first), fmean(second), mean, mean - spread, mean + spread, p, count)


def _held(found: Mapping[str, Difference]) -> set[str]:
    """Measures in which a difference is seen, by Holm's procedure."""
    seen: set[str] = set()
    ordered = sorted(found, key=lambda path: found[path].p)
    for rank, path in enumerate(ordered):
        if found[path].p > LEVEL / (len(ordered) - rank):
            break
        seen.add(path)
    return seen


def _row(path: str, each: Difference, seen: bool) -> Json:
    measure = measure_of(path)
    verdict = _VERDICTS[measure.better, each.mean < 0.0] if seen else NONE_SEEN
    return {
        "measure": path,
        "label": measure.label,
        "unit": measure.unit,
        "better": measure.better.value,
        "first": _round(each.first),
        "second": _round(each.second),
        "difference": _round(each.mean),
        "low": _round(each.low),
        "high": _round(each.high),
        "p": float(f"{each.p:.3g}"),
        "seeds": each.seeds,
        "verdict": verdict,
    }


def _round(value: float) -> float:
    return float(f"{value:.6g}")
