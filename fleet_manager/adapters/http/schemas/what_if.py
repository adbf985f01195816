"""Documents of what-if: two scenarios that are compared in the background."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from fleet_manager.adapters.http.schemas.base import Answer, Asked

ScenarioDocument = Annotated[
    dict[str, Any], Field(description="a scenario, as in docs/simulation.md; {} is things as usual")
]


class WhatIfAsked(Asked):
    """Which scenarios to compare, and over how many seeds."""

    first: Annotated[ScenarioDocument, Field(default_factory=dict)]
    second: ScenarioDocument
    seeds: Annotated[int, Field(ge=2, le=200, description="how many pairs are run")] = 20
    seed: Annotated[int, Field(ge=0, le=2**31, description="the first of them")] = 1


class WhatIfProblem(Answer):
    """Why a comparison failed."""

    detail: str
    remedy: str


class WhatIfMeasure(Answer):
    """A measure in both scenarios; `difference` is the second less the first."""

    measure: str
    label: str
    unit: str
    better: str
    first: float
    second: float
    difference: float
    low: float
    high: float
    p: float
    seeds: int
    verdict: str


class WhatIfResult(Answer):
    """What came of a comparison, as `fleet sim --compare --json` prints it."""

    first: str
    second: str
    seeds: list[int]
    days: float
    method: str
    commit: str
    measures: list[WhatIfMeasure]
    unresolved_standstills: dict[str, int]


class WhatIf(Answer):
    """A comparison under way, or over."""

    id: str
    status: str
    progress: Annotated[float, Field(ge=0.0, le=1.0)]
    first: str
    second: str
    seeds: int
    problem: WhatIfProblem | None = None
    result: WhatIfResult | None = None
