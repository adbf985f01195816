"""Reports read from a log what the core saw when it was written."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from msgspec.structs import replace

from fleet_manager.adapters.http.reports import as_csv
from fleet_manager.app.past import Period
from fleet_manager.app.reports.gather import Reports
from fleet_manager.app.reports.patrols import patrol_report
from fleet_manager.app.reports.visits import WAY_TYPES, Running, Ways
from fleet_manager.core import events as e
from fleet_manager.core.programme import ProgrammeSite, ProgrammeStatus, SiteRecord
from fleet_manager.core.state import FleetState
from tests.replay.test_histories import gate_of, opened

pytestmark = pytest.mark.anyio
PROMISE_S = 1200.0


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_visits_are_those_that_the_core_saw(tmp_path: Path) -> None:
    store = await opened("0.1.0", tmp_path)
    gate = await gate_of("0.1.0", store)
    ends = await store.ends()
    assert ends is not None
    period = Period(ends[0], ends[1] + 1.0)
    state: FleetState = gate.initial()
    tour = [each.id for each in gate.site.campus.waypoints.values() if each.name]
    sites = tuple(ProgrammeSite(site, PROMISE_S) for site in tour)
    async for record in store.replay():
        event = gate.decode(record)
        gate.apply(state, event)
        if record.type == "ProgrammeSaved":  # the one programme runs from now on, on all places
            (only,) = state.programmes.values()
            began_s = record.time_s
            state.programmes[only.id] = replace(
                only,
                sites=sites,
                status=ProgrammeStatus.RUNNING,
                visits={site: SiteRecord(began_s, began_s) for site in tour},
            )
    (watch,) = state.programmes.values()

    ways = Ways(gate.site.fleet, state.tasks)
    async for record in store.events(0.0, period.to_s, WAY_TYPES):
        ways.follow(e.decode(record.payload))
    ways.finish(period.to_s)
    running = [Running(watch.id, site, began_s, period.to_s) for site in sites]
    report = patrol_report(gate.site.campus, period, running, ways.visits)
    told = {row["site"]: row for row in report["sites"]}
    seen = {site: record for site, record in watch.visits.items() if record.visits}
    assert len(seen) > 10
    for site, record in seen.items():
        assert told[site]["visits"] == record.visits, site
        worst_s = max(record.worst_s, record.idle_s(period.to_s))
        assert told[site]["worst_s"] == pytest.approx(worst_s, abs=0.1), site
        still = record.idle_s(period.to_s) > PROMISE_S
        assert told[site]["broken"] == record.broken + still, site
    by_hour = sum(row["visits"] for row in report["sectors"])
    assert by_hour == sum(row["visits"] for row in report["sites"])
    assert {row["hour_s"] % 3600 for row in report["sectors"]} == {0.0}
    await store.close()


async def test_time_and_work_of_robots_add_up(tmp_path: Path) -> None:
    store = await opened("0.1.0", tmp_path)
    gate = await gate_of("0.1.0", store)
    state: FleetState = gate.initial()
    async for record in store.replay():
        gate.apply(state, gate.decode(record))
    ends = await store.ends()
    assert ends is not None
    whole = Period(*ends)
    reports = Reports(store, state, ends[1])
    robots = (await reports.utilisation(whole))["robots"]
    for row in robots:
        times = [row[f"{each}_s"] for each in ("uninitialized", "offline", "idle", "working")]
        times += [row[f"{each}_s"] for each in ("charging", "error", "unknown")]
        assert sum(times) == pytest.approx(whole.length_s, abs=1.0), row["robot"]
    done = [each for each in state.tasks.values() if each.status == "completed"]
    assert sum(row["tasks_completed"] for row in robots) == len(done)
    middle_s = (ends[0] + ends[1]) / 2
    halves = [Period(ends[0], middle_s), Period(middle_s, ends[1])]
    parts = [(await reports.utilisation(half))["robots"] for half in halves]
    for row, first, second in zip(robots, *parts, strict=True):
        for key in ("working_s", "charging_s", "with_task_s"):
            assert first[key] + second[key] == pytest.approx(row[key], abs=0.2), row["robot"]
    responses = await reports.responses(whole)
    assert len(responses["incidents"]) == len(state.incidents)
    nobody = [each for each in responses["incidents"] if each["closed_by"] == "manager"]
    assert nobody
    assert {each["acknowledged_after_s"] for each in nobody} == {None}
    await store.close()


def test_a_title_is_never_a_formula_in_a_table() -> None:
    row = {"title": '=HYPERLINK("x")', "time_s": 1_793_000_000.0, "worst_s": -1.5, "note": None}
    heading, told = list(csv.reader(io.StringIO(as_csv([row], "Asia/Shanghai"))))
    assert heading == ["title", "time_s", "worst_s", "note", "time_local"]
    assert told == ['\'=HYPERLINK("x")', "1793000000.0", "-1.5", "", "2026-10-26T15:33:20+08:00"]
