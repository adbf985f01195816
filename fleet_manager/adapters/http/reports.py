"""Routes of reports on any period, as JSON or CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Response

from fleet_manager.adapters.http.schemas import reports as schema
from fleet_manager.adapters.http.schemas.base import Id
from fleet_manager.adapters.http.service import Service, Serving
from fleet_manager.app.past import Period, period
from fleet_manager.app.reports.gather import Reports
from fleet_manager.core.errors import WrongState

router = APIRouter(prefix="/reports", tags=["reports"])

UnixS = Annotated[float, Query(ge=0, le=1e11, examples=[1793000000.0])]
CSV: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}}
}


class Form(StrEnum):
    """How a report is written."""

    JSON = "json"
    CSV = "csv"


def asked_period(from_s: UnixS, to_s: UnixS) -> Period:
    """The period that a report is asked for."""
    return period(from_s, to_s)


Asked = Annotated[Period, Depends(asked_period)]


def reports_of(service: Service) -> Reports:
    """What makes reports.

    Raises:
        WrongState: there is no database.
    """
    if service.past is None:
        raise WrongState("this manager keeps no past", "start it with `fleet serve`")
    return Reports(service.past, service.state, service.now_s)


@router.get("/patrols", response_model=schema.PatrolReport, responses=CSV)
async def patrols(
    service: Serving, asked: Asked, programme: Id | None = None, format: Form = Form.JSON
) -> Any:
    """Idleness of patrolled sites against promise, by sector and hour; CSV has the sectors."""
    made = await reports_of(service).patrols(asked, programme)
    return _answer(service, asked, "patrols", made, "sectors", format)


@router.get("/coverage", response_model=schema.CoverageReport, responses=CSV)
async def coverage(
    service: Serving,
    asked: Asked,
    cell_m: Annotated[float, Query(ge=1, le=1000)] = 10.0,
    kind: Id | None = None,
    format: Form = Form.JSON,
) -> Any:
    """Where robots were, as a heat map of squares, and what was cleaned; CSV has the zones."""
    made = await reports_of(service).coverage(asked, cell_m, kind)
    return _answer(service, asked, "coverage", made, "zones", format)


@router.get("/inspections", response_model=schema.InspectionReport, responses=CSV)
async def inspections(service: Serving, asked: Asked, format: Form = Form.JSON) -> Any:
    """The inspection ledger: due dates, and each look with its evidence; CSV has the looks."""
    made = await reports_of(service).inspections(asked)
    return _answer(service, asked, "inspections", made, "inspections", format)


@router.get("/responses", response_model=schema.ResponseReport, responses=CSV)
async def responses(service: Serving, asked: Asked, format: Form = Form.JSON) -> Any:
    """How soon incidents and calls for robots were answered; CSV has the incidents."""
    made = await reports_of(service).responses(asked)
    return _answer(service, asked, "responses", made, "incidents", format)


@router.get("/utilisation", response_model=schema.UtilisationReport, responses=CSV)
async def utilisation(service: Serving, asked: Asked, format: Form = Form.JSON) -> Any:
    """What robots did with their time and energy."""
    made = await reports_of(service).utilisation(asked)
    return _answer(service, asked, "utilisation", made, "robots", format)


def _answer(
    service: Service,
    asked: Period,
    name: str,
    made: Mapping[str, Any],
    rows: str,
    form: Form,
) -> Any:
    timezone = service.campus.timezone
    if form is Form.JSON:
        return {"from_s": asked.from_s, "to_s": asked.to_s, "timezone": timezone, **made}
    days = [
        datetime.fromtimestamp(each, ZoneInfo(timezone)).strftime("%Y%m%d")
        for each in (asked.from_s, asked.to_s)
    ]
    return Response(
        as_csv(made[rows], timezone),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}-{"-".join(days)}.csv"'},
    )


def as_csv(rows: Sequence[Mapping[str, Any]], timezone: str) -> str:
    """Rows with a heading; moments also in local time, for people who open it as a table.

    A text that a spreadsheet would take for a formula gets an apostrophe before it (OWASP, CSV
    injection): titles and notes are written by people.
    """
    if not rows:
        return ""
    moments = [key for key in rows[0] if key in ("time_s", "hour_s", "raised_s", "last_s")]
    heading = [*rows[0], *(f"{key.removesuffix('_s')}_local" for key in moments)]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(heading)
    for row in rows:
        local = ["" if row[key] is None else _local(row[key], timezone) for key in moments]
        writer.writerow([*(_cell(value) for value in row.values()), *local])
    return out.getvalue()


def _local(time_s: float, timezone: str) -> str:
    return datetime.fromtimestamp(time_s, ZoneInfo(timezone)).isoformat(timespec="seconds")


def _cell(value: Any) -> Any:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return value
