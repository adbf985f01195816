"""Records a history for the tests to replay for ever: once a released version, and then kept.

`python -m tests.replay.record` runs hours of Canalside in simulation with this version and writes
tests/replay/histories/VERSION: the database as SQL, the fleet's file, and what had become of it.
"""

from __future__ import annotations

import asyncio
import json
import lzma
import shutil
import sqlite3
import tempfile
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from fleet_manager import __version__
from fleet_manager.adapters.db import open_store
from fleet_manager.adapters.maps import load_campus, load_fleet, load_programmes, load_schedules
from fleet_manager.adapters.sim.world import World
from fleet_manager.app.fleet_gate import FleetGate
from fleet_manager.core import events as e
from fleet_manager.core.campus import Campus
from fleet_manager.core.commands import Command, SubmitTask
from fleet_manager.core.config import FleetConfig
from fleet_manager.core.map_commands import PublishMap
from fleet_manager.core.scenario import (
    ClosureSpell,
    Incidents,
    Mishap,
    Mishaps,
    Requests,
    Scenario,
    StandingWork,
    WeatherSpell,
)
from fleet_manager.core.scenario_fit import fitted
from fleet_manager.core.state import FleetState
from fleet_manager.ports import Batch, EventRecord

HISTORIES = Path(__file__).parent / "histories"
MAP_DIR = Path(__file__).parents[2] / "maps" / "canalside"
HOURS = 2.0
UNREPEATED = frozenset({"Tick", "ReportRobot", "ReportPassage"})


class Recorded(World):
    """A simulation that keeps what was decided: when, from which command."""

    def __init__(self, *arguments: Any) -> None:
        self.decided: list[tuple[float, str, e.Event]] = []
        super().__init__(*arguments)

    def do(self, command: Command) -> tuple[e.Event, ...]:
        """Have a command decided, and keep it."""
        now_s, cause = self.now_s, type(command).__name__
        at = len(self.decided)
        events = super().do(command)
        self.decided[at:at] = [(now_s, cause, event) for event in events]
        return events


SCENARIO = Scenario(
    name="a history",
    start=datetime(2026, 3, 2, 7),
    requests=Requests(3.0, 2.0, 3.0, 1.0, 1.0),
    incidents=Incidents(per_day=24.0),
    mishaps=Mishaps(
        stops=Mishap(24.0, 10.0, 120.0),
        silent=Mishap(24.0, 10.0, 200.0),
        reboots=Mishap(12.0, 30.0, 120.0),
    ),
    closures=(ClosureSpell(0.5, 1.0, lanes=("lane_bridge_1_0",), reason="works"),),
    weather=(WeatherSpell(0.7, 1.2, ("rain",)),),
)


def lived(hours: float, seed: int = 1) -> tuple[Recorded, Campus, FleetConfig]:
    """Canalside with a little of everything, from early morning on."""
    campus = load_campus(MAP_DIR)
    fleet = load_fleet(MAP_DIR / "fleet.yaml", campus)
    file = MAP_DIR / "schedule.yaml"
    standing = StandingWork(load_schedules(file, campus), load_programmes(file, campus))
    scenario = msgspec.structs.replace(SCENARIO, days=hours / 24.0)
    site = fitted(scenario, campus, fleet)
    start_s = scenario.start.replace(tzinfo=ZoneInfo(campus.timezone)).timestamp()
    world = Recorded(site, standing, scenario, seed, start_s, start_s + hours * 3600.0)
    world.do(PublishMap(campus.version, "files", "the first", source="files"))
    world.do(SubmitTask("charge", {"robot": "safety_2"}, requester="ana"))
    world.run()
    return world, campus, fleet


def records_of(world: Recorded, gate: FleetGate) -> list[EventRecord]:
    """The log as the manager writes it."""
    found = []
    for seq, (time_s, cause, event) in enumerate(world.decided, start=1):
        encoded = gate.encode(event)
        kind, version, payload = encoded.type, encoded.version, encoded.payload
        command_id = None if cause in UNREPEATED else f"recorded:{seq}"
        found.append(
            EventRecord(seq, time_s, "recorded", command_id, 0, cause, kind, version, payload)
        )
    return found


async def stored(world: Recorded, gate: FleetGate, file: Path) -> None:
    """Write a database as the manager does: log, read models, maps."""
    store = await open_store(f"sqlite+aiosqlite:///{file}")
    events = [event for _, _, event in world.decided]
    await store.commit(
        Batch(
            events=records_of(world, gate),
            tasks=list(gate.task_rows(world.state, events)),
            incidents=list(gate.incident_rows(world.state, events)),
            maps=list(gate.map_rows(events)),
        )
    )
    await store.close()


def facts_of(state: FleetState) -> dict[str, Any]:
    """What later versions have to make of the history too, whatever they add to the state."""
    return {
        "epoch": state.manager_epoch,
        "numbers": [state.task_number, state.order_number, state.incident_number],
        "map": state.map.version,
        "tasks": {
            each.id: [each.category, each.status, each.robot] for each in state.tasks.values()
        },
        "incidents": {each.id: [each.kind, each.status] for each in state.incidents.values()},
        "closures": {each.id: each.status for each in state.closures.values()},
        "schedules": {each.spec.id: len(each.history) for each in state.schedules.values()},
        "programmes": {each.id: each.status for each in state.programmes.values()},
        "robots": {
            name: [each.status, each.task_id, each.movement and each.movement.order_id]
            for name, each in state.robots.items()
        },
    }


def main() -> None:
    """Record this version's history."""
    folder = HISTORIES / __version__
    world, campus, fleet = lived(HOURS)
    gate = FleetGate(campus, fleet)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch, "fleet.db")
        asyncio.run(stored(world, gate, file))
        with closing(sqlite3.connect(file)) as connection:
            text = "\n".join(connection.iterdump())
    (folder / "fleet.sql.xz").write_bytes(lzma.compress(text.encode(), preset=9))
    shutil.copy(MAP_DIR / "fleet.yaml", folder / "fleet.yaml")
    facts = json.dumps(facts_of(world.state), indent=1, sort_keys=True, ensure_ascii=False)
    (folder / "facts.json").write_text(facts + "\n", encoding="utf-8")
    print(f"{folder}: {len(world.decided)} events")


if __name__ == "__main__":
    main()
