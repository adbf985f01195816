"""Reads from the database what each report is made of."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from fleet_manager.app.past import Past, Period
from fleet_manager.app.reports.coverage import coverage_report
from fleet_manager.app.reports.inspections import inspection_report
from fleet_manager.app.reports.patrols import HOUR_S, lead_s, patrol_report
from fleet_manager.app.reports.responses import response_report
from fleet_manager.app.reports.utilisation import LEAD_S, STATUS_TYPES, utilisation_report
from fleet_manager.app.reports.visits import (
    PROGRAMME_TYPES,
    WAY_TYPES,
    Ways,
    running_times,
)
from fleet_manager.core import events as e
from fleet_manager.core.incident import Incident
from fleet_manager.core.state import FleetState
from fleet_manager.core.task import Task

_task_decoder = msgspec.json.Decoder(Task)
_incident_decoder = msgspec.json.Decoder(Incident)


@dataclass(frozen=True)
class Reports:
    """Makes reports on a period; each raises StoreFailed where the database cannot be read.

    Attributes:
        past: the database.
        state: the fleet as it is now; tells better than the database of what is not over.
        now_s: fleet time, Unix seconds.
    """

    past: Past
    state: FleetState
    now_s: float

    async def patrols(self, period: Period, programme: str | None = None) -> dict[str, Any]:
        """Idleness against promise, by programme, sector and hour."""
        period = self._over(period)
        about = [
            (each.time_s, e.decode(each.payload))
            async for each in self.past.events(0.0, period.to_s, PROGRAMME_TYPES)
        ]
        running = [
            each
            for each in running_times(about, period.to_s)
            if each.to_s > period.from_s and programme in (None, each.programme)
        ]
        early_s = period.from_s - lead_s(running)
        # Orders and stays last minutes: with those of an hour before, all are known.
        known = {each.id: each for each in await self._tasks(early_s - HOUR_S, period.to_s)}
        ways = Ways(self.state.site.fleet, known)
        async for record in self.past.events(early_s - HOUR_S, period.to_s, WAY_TYPES):
            ways.follow(e.decode(record.payload))
        ways.finish(period.to_s)
        found = ways.visits
        campus = self.state.site.campus
        return await asyncio.to_thread(patrol_report, campus, period, running, found)

    async def coverage(
        self, period: Period, cell_m: float, kind: str | None = None
    ) -> dict[str, Any]:
        """Where robots were, and which zones were cleaned."""
        site = self.state.site
        robots: list[str] | None = None
        if kind is not None:
            robots = [name for name, spec in site.fleet.robots.items() if spec.kind == kind]
        cells = await self.past.cells(period.from_s, period.to_s, cell_m, robots)
        tasks = await self._tasks(period.from_s, period.to_s)
        return coverage_report(site.campus, site.fleet, period, cell_m, cells, tasks)

    async def inspections(self, period: Period) -> dict[str, Any]:
        """The ledger."""
        tasks = await self._tasks(period.from_s, period.to_s)
        return inspection_report(self.state, period, tasks, self.now_s)

    async def responses(self, period: Period) -> dict[str, Any]:
        """How soon incidents and calls were answered."""
        rows = await self.past.incidents_between(period.from_s, period.to_s)
        known = self.state.incidents
        incidents = [known.get(row.id) or _incident_decoder.decode(row.document) for row in rows]
        tasks = await self._tasks(period.from_s, period.to_s)
        asked = [each for each in tasks if each.requested_s >= period.from_s]
        return response_report(incidents, asked)

    async def utilisation(self, period: Period) -> dict[str, Any]:
        """What robots did with their time."""
        period = self._over(period)
        records = self.past.events(period.from_s - LEAD_S, period.to_s, STATUS_TYPES)
        moves = [e.decode(record.payload) async for record in records]
        driven = await self.past.driven(period.from_s, period.to_s)
        tasks = await self._tasks(period.from_s, period.to_s)
        now = {
            name: (record.status, record.status_since_s)
            for name, record in self.state.robots.items()
        }
        fleet = self.state.site.fleet
        moved = [each for each in moves if isinstance(each, e.RobotMoved)]
        return utilisation_report(fleet, period, moved, driven, tasks, now)

    async def _tasks(self, from_s: float, to_s: float) -> Sequence[Task]:
        rows = await self.past.tasks_between(from_s, to_s)
        known = self.state.tasks
        return [known.get(row.id) or _task_decoder.decode(row.document) for row in rows]

    def _over(self, period: Period) -> Period:
        """The part of a period that is over: nothing is known of the rest."""
        return Period(period.from_s, max(period.from_s, min(period.to_s, self.now_s)))
