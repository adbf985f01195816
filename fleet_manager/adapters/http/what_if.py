"""Routes of what-if: ask for a comparison of two scenarios, follow it, end it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response

from fleet_manager.adapters.http.schemas import what_if as schema
from fleet_manager.adapters.http.service import Service, Serving
from fleet_manager.app.what_if import Question, WhatIfJob, WhatIfJobs
from fleet_manager.core.errors import InvalidRequest, WrongState
from fleet_manager.core.scenario import Scenario, StandingWork
from fleet_manager.core.scenario_fit import fitted

router = APIRouter(tags=["what-if"])

LONGEST_DAYS = 31.0
FORM = "docs/simulation.md describes scenarios"


def jobs_of(request: Request) -> WhatIfJobs:
    """The jobs of the application that was asked.

    Raises:
        WrongState: it simulates nothing.
    """
    jobs: WhatIfJobs | None = request.app.state.what_if
    if jobs is None:
        raise WrongState("this manager does not simulate", "start it with `fleet serve`")
    return jobs


@router.post("/what-if", status_code=202, response_model=schema.WhatIf)
async def ask(
    body: schema.WhatIfAsked, request: Request, response: Response, service: Serving
) -> Any:
    """Compare two scenarios in the background, on the map, fleet and schedules of now.

    It runs in a process of low priority; one comparison runs at a time, and others wait.
    """
    first = _read("first", body.first, service)
    second = _read("second", body.second, service)
    if first.name == second.name:
        second = msgspec.structs.replace(second, name=f"{second.name} (2)")
    if (first.days, first.start) != (second.days, second.start):
        raise InvalidRequest(
            "the scenarios are not over the same days", "give both the same start and days"
        )
    site = service.state.site
    standing = StandingWork(
        tuple(each.spec for each in service.state.schedules.values()),
        tuple(each.spec for each in service.state.programmes.values()),
    )
    seeds = range(body.seed, body.seed + body.seeds)
    question = Question(site.campus, site.fleet, standing, first, second, seeds)
    job = jobs_of(request).ask(question)
    response.headers["Location"] = f"/what-if/{job.id}"
    return _told(job)


@router.get("/what-if", response_model=list[schema.WhatIf])
async def list_jobs(request: Request) -> Any:
    """Comparisons that are known, oldest first, without their results."""
    return [{**_told(job), "result": None} for job in jobs_of(request).jobs]


@router.get("/what-if/{job_id}", response_model=schema.WhatIf)
async def get_job(job_id: str, request: Request) -> Any:
    """How far a comparison is, and its result."""
    return _told(jobs_of(request).job(job_id))


@router.delete("/what-if/{job_id}", response_model=schema.WhatIf)
async def cancel(job_id: str, request: Request) -> Any:
    """End a comparison."""
    return _told(jobs_of(request).cancel(job_id))


def _read(which: str, document: Mapping[str, Any], service: Service) -> Scenario:
    """A scenario that fits the map and the fleet of now.

    Raises:
        InvalidRequest: it does not; says which field.
    """
    try:
        scenario = msgspec.convert(document, Scenario, strict=True)
    except msgspec.ValidationError as error:
        raise InvalidRequest(f"{which}: {error}", FORM) from error
    if scenario.schedule_file is not None:
        raise InvalidRequest(
            f"{which}: schedule_file is a file, which the API does not read",
            "save the schedules first, or use `fleet sim --compare`",
        )
    if scenario.days > LONGEST_DAYS:
        raise InvalidRequest(
            f"{which}: {scenario.days:g} days are more than {LONGEST_DAYS:g}",
            "compare over less, or use `fleet sim --compare`",
        )
    fitted(scenario, service.campus, service.state.site.fleet)
    return scenario


def _told(job: WhatIfJob) -> dict[str, Any]:
    problem = {"detail": job.problem, "remedy": job.remedy} if job.problem else None
    return {
        "id": job.id,
        "status": job.status.value,
        "progress": job.progress,
        "first": job.question.first.name,
        "second": job.question.second.name,
        "seeds": len(job.question.seeds),
        "problem": problem,
        "result": job.result,
    }
