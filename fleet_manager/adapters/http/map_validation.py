"""Route of the validation report of the map in use; worked out in a thread, once a version."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Request

from fleet_manager.adapters.http.schemas import map_versions as schema
from fleet_manager.adapters.http.service import Service
from fleet_manager.app.map_publishing import ERROR, Findings
from fleet_manager.core.errors import WrongState

router = APIRouter(tags=["map"])

FINDINGS_AT_MOST = 2000
TOLD = ("check", "severity", "subject", "problem", "remedy", "level", "x_m", "y_m")


@dataclass(frozen=True)
class Report:
    """What validation found, and how long it took."""

    version: str
    findings: Findings
    took_s: float


@dataclass
class Reports:
    """The report of the map in use; many who ask at the same time wait for one and the same."""

    service: Service
    _version: str = ""
    _running: asyncio.Task[Report] | None = field(default=None, repr=False)

    async def report(self) -> Report:
        """The report of the map in use.

        Raises:
            WrongState: this manager cannot check maps.
        """
        version = self.service.campus.version
        running = self._running
        failed = running is not None and running.done() and running.exception() is not None
        if running is None or failed or self._version != version:
            self._version = version
            running = self._running = asyncio.create_task(self._examine(), name="map-report")
        return await asyncio.shield(running)

    async def _examine(self) -> Report:
        publisher = self.service.publisher
        if publisher is None:
            raise WrongState("this manager does not check maps", "start it with `fleet serve`")
        campus, fleet = self.service.campus, self.service.state.site.fleet
        began_s = time.monotonic()
        findings = await asyncio.to_thread(publisher.examine, campus, fleet)
        return Report(campus.version, findings, time.monotonic() - began_s)


@router.get("/map/validation", response_model=schema.MapReport)
async def get_report(request: Request) -> Any:
    """What is wrong with the map in use, as `fleet map validate --json` has it, and where."""
    reports: Reports = request.app.state.map_reports
    report = await reports.report()
    return {
        "version": report.version,
        "count": len(report.findings),
        "took_s": round(report.took_s, 3),
        "findings": [
            {key: {"severity": ERROR, **each}.get(key) for key in TOLD}
            for each in report.findings[:FINDINGS_AT_MOST]
        ],
    }
