"""A whole fleet manager as a process, with the ledger as its core: what `fleet serve` wires."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

from fastapi import FastAPI, WebSocket

from fleet_manager.adapters.db import SqlEventStore
from fleet_manager.adapters.db.account_store import SqlAccountStore
from fleet_manager.adapters.maps import load_campus, load_fleet
from fleet_manager.adapters.ros.link import RosLink
from fleet_manager.app.logs import set_up_logs
from fleet_manager.app.loop import FleetLoop
from fleet_manager.core.errors import CampusFleetError
from fleet_manager.serve import Parts, run_manager
from fleet_manager.settings import Settings
from tests.contract.ledger import Add, Command, Event, Ledger, LedgerGate

MAP_DIR = Path(__file__).parents[2] / "maps" / "canalside"


def make_app(
    loop: FleetLoop[Ledger, Command, Event],
    link: RosLink,
    store: SqlEventStore,
    accounts: SqlAccountStore,
) -> FastAPI:
    app = FastAPI()

    @app.get("/")
    async def shown() -> dict[str, Any]:
        state = loop.state
        return {
            "total": state.total,
            "epoch": state.epoch,
            "robots": sorted(state.reports),
            "counters": {**loop.counters, **link.counters},
        }

    @app.post("/add/{amount}")
    async def add(amount: int) -> dict[str, int]:
        await loop.submit(Add(amount), actor="test")
        return {"total": loop.state.total}

    @app.websocket("/live")
    async def live(socket: WebSocket) -> None:
        await socket.accept()
        async for version in loop.changes():
            await socket.send_json(version)

    return app


def main(data_dir: Path, port: int, sim_time: bool) -> int:
    settings = Settings(data_dir=data_dir, port=port, map_dir=MAP_DIR, sim_time=sim_time)
    set_up_logs(as_json=True)
    campus = load_campus(settings.map_dir)
    fleet = load_fleet(settings.fleet_file, campus)
    parts = Parts(campus, fleet, LedgerGate(), [("file:first", Add(100))], make_app)
    try:
        asyncio.run(run_manager(settings, parts))
    except CampusFleetError as error:
        print(f"{error}; {error.remedy}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:] == ["--sim-time"]))
