"""A manager as a process that waits for its turn, then adds 1 for ever and says so."""

from __future__ import annotations

import asyncio
import signal
import sys
import time

from fleet_manager.adapters.db import open_store
from fleet_manager.app.clock import FleetClock, WallClock
from fleet_manager.app.inbox import Ending
from fleet_manager.app.loop import FleetLoop
from fleet_manager.ports import StoreFailed
from tests.contract.ledger import Add, LedgerGate, ScriptedLink, Send


async def lead(url: str, name: str) -> None:
    """Lines: "waits", "leads EPOCH", "added N SECONDS", and at the end "ended"."""
    asked = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asked.set)
    say("waits")
    store = await open_store(url, wait=True)
    loop = FleetLoop(
        LedgerGate(), store, ScriptedLink(), FleetClock(WallClock(), store.last_time_s or 0.0)
    )
    await loop.start()
    running = asyncio.create_task(loop.run())
    say(f"leads {store.manager_epoch}")
    number = 0
    while not asked.is_set() and not running.done():
        number += 1
        try:
            await loop.submit(Add(1), command_id=f"{name}-{number}")
            await loop.submit(Send(number))
        except (StoreFailed, Ending):
            await asyncio.sleep(0.01)
            continue
        say(f"added {number} {time.monotonic():.3f}")
    loop.stop()
    await running
    await store.close()
    say("ended")


def say(line: str) -> None:
    """To whoever watches."""
    print(line, flush=True)


if __name__ == "__main__":
    asyncio.run(lead(sys.argv[1], sys.argv[2]))
