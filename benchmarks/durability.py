"""What nothing lost costs: commits beside a bare INSERT, and how long a restart takes.

`python -m benchmarks.durability [--json] [--quick]`. The limit of commits is a bare INSERT of the
same payload with fsync, in the same minute on the same disk. Restarts are timed in processes of
their own, from their first line of Python to the moment at which commands are decided, on logs of
up to a million events (with --quick ten thousand): from a snapshot with five thousand events after
it, and without one, as after an upgrade. A takeover is timed from the signal that ends or freezes
one manager to the first commit of its standby.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import itertools
import json
import platform
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import structlog

ROOT = Path(__file__).resolve().parent.parent
RESTART_TARGET_S = 3.0
TAKEOVER_TARGET_S = 5.0
AFTER_SNAPSHOT = 5_000
COMMANDS_AT_ONCE = (1, 20)
PAYLOAD = "x" * 400

Json = dict[str, Any]
Databases = dict[str, Callable[[], str]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quick", action="store_true", help="shorter logs, fewer commits")
    parser.add_argument("--restart", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.restart is not None:
        print(json.dumps(asyncio.run(restart(options.restart))))
        return 0
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    lengths = (1_000, 10_000) if options.quick else (10_000, 100_000, 1_000_000)
    with (
        tempfile.TemporaryDirectory(dir=ROOT / ".cache") as folder,
        databases(Path(folder)) as urls,
    ):
        rows = [
            *commits(Path(folder), urls, 200 if options.quick else 2000),
            *restarts(Path(folder), lengths),
            *takeovers(urls, 1 if options.quick else 5),
        ]
    result: Json = {
        "benchmark": "durability",
        "commit": commit(),
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "rows": rows,
    }
    if options.json:
        print(json.dumps(result, indent=2))
    else:
        for each in rows:
            met = {True: "met", False: "missed", None: ""}[each["met"]]
            target = "" if each["target"] is None else f" (target {each['target']:g}, {met})"
            peers = "".join(f", {name} {value:.4g}" for name, value in each["peers"].items())
            figure = f"{each['ours']:.4g} {each['unit']}{peers}{target}"
            print(f"{each['case']}, {each['metric']}: {figure}")
    return 1 if any(each["met"] is False for each in rows) else 0


# Commits.


def commits(folder: Path, urls: Databases, count: int) -> list[Json]:
    """Transactions a second of the store, and commands a second of the loop, beside INSERTs."""
    rows = []
    for database, new_url in urls.items():
        bare = {
            "bare INSERT with fsync": bare_inserts(folder / "bare.db", count)
            if database == "SQLite"
            else asyncio.run(bare_inserts_of_postgresql(new_url(), count))
        }
        case = f"{database}, {count} transactions of one event"
        rate = asyncio.run(store_commits(new_url(), count))
        rows.append(row(case, "committed", "1/s", rate, bare))
        for at_once in COMMANDS_AT_ONCE:
            rate = asyncio.run(loop_commands(new_url(), count, at_once))
            case = f"{database}, {at_once} clients that wait for their answers"
            rows.append(row(case, "commands decided and committed", "1/s", rate, bare))
    return rows


@contextlib.contextmanager
def databases(folder: Path) -> Iterator[Databases]:
    """Makers of addresses of empty databases; PostgreSQL where it is installed."""
    from tests import postgresql

    numbers = itertools.count(1)
    found: Databases = {"SQLite": lambda: f"sqlite+aiosqlite:///{folder / f'{next(numbers)}.db'}"}
    if postgresql.programs() is None:
        print(f"PostgreSQL did not run: {postgresql.INSTALL}", file=sys.stderr)
        yield found
        return
    with postgresql.running() as server:
        yield {**found, "PostgreSQL": server.new_database}


async def bare_inserts_of_postgresql(url: str, count: int) -> float:
    """Transactions a second of one row each, by the driver alone."""
    import asyncpg

    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    await connection.execute("CREATE TABLE bare (seq BIGSERIAL PRIMARY KEY, payload TEXT)")
    began_s = time.perf_counter()
    for _ in range(count):
        await connection.execute("INSERT INTO bare (payload) VALUES ($1)", PAYLOAD)
    rate = count / (time.perf_counter() - began_s)
    await connection.close()
    return rate


def bare_inserts(file: Path, count: int) -> float:
    """Transactions a second of one row each, as durable as the store's."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE events (seq INTEGER PRIMARY KEY, payload TEXT)")
        began_s = time.perf_counter()
        for _ in range(count):
            connection.execute("INSERT INTO events (payload) VALUES (?)", (PAYLOAD,))
        return count / (time.perf_counter() - began_s)


async def store_commits(url: str, count: int) -> float:
    """Transactions a second of the store, of one event each."""
    from fleet_manager.adapters.db import open_store
    from fleet_manager.ports import Batch, EventRecord

    store = await open_store(url)
    began_s = time.perf_counter()
    for seq in range(1, count + 1):
        record = EventRecord(seq, 0.0, "bench", None, 0, "Ask", "Asked", 1, PAYLOAD)
        await store.commit(Batch(events=[record]))
    rate = count / (time.perf_counter() - began_s)
    await store.close()
    return rate


async def loop_commands(url: str, count: int, at_once: int) -> float:
    """Incidents that people raise, a second: decided, committed, answered."""
    from benchmarks.instances.long_log import canalside
    from fleet_manager.adapters.db import open_store
    from fleet_manager.app.clock import FleetClock, WallClock
    from fleet_manager.app.loop import FleetLoop
    from fleet_manager.core.commands import RaiseIncident

    store = await open_store(url)
    loop = FleetLoop(canalside(), store, Nobody(), FleetClock(WallClock()))
    await loop.start()
    running = asyncio.create_task(loop.run())

    async def client(share: int) -> None:
        for _ in range(share):
            await loop.submit(RaiseIncident("spill", "wet floor"), actor="bench")

    began_s = time.perf_counter()
    await asyncio.gather(*(client(count // at_once) for _ in range(at_once)))
    rate = count / (time.perf_counter() - began_s)
    loop.stop()
    await running
    await store.close()
    return rate


class Nobody:
    """A robots' network without robots."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_: []


# Restarts.


def restarts(folder: Path, lengths: Sequence[int]) -> list[Json]:
    """How long a restart takes by the length of the log, from a snapshot and without."""
    from benchmarks.instances.long_log import canalside, write_log

    gate, file, rows = canalside(), folder / "long.db", []
    for events in lengths:
        restart_in_a_process(file)  # makes the tables, or ends what was written by hand
        write_log(gate, file, events - AFTER_SNAPSHOT if events > AFTER_SNAPSHOT else events // 2)
        restart_in_a_process(file)  # what was written by hand is not yet in the copy of the log
        whole = restart_in_a_process(file)
        asyncio.run(keep_snapshot(file))
        write_log(gate, file, events)
        restart_in_a_process(file)
        found = [restart_in_a_process(file) for _ in range(3)]
        assert all(each["events"] >= events for each in found)
        case = f"{events:,} events"
        total_s = statistics.median(each["ready_s"] for each in found)
        rows += [
            row(
                case,
                "restart from a snapshot, from the process's start until it decides",
                "s",
                total_s,
                {},
                RESTART_TARGET_S,
                "lower",
            ),
            row(
                case,
                "of this processor time",
                "s",
                statistics.median(each["processor_s"] for each in found),
                {},
                None,
                "lower",
            ),
            row(
                case,
                "of this the log and the state",
                "s",
                statistics.median(each["state_s"] for each in found),
                {},
                RESTART_TARGET_S,
                "lower",
            ),
            row(
                case,
                "first start after an upgrade: the whole log is read",
                "s",
                whole["state_s"],
                {},
                None,
                "lower",
            ),
            row(case, "database", "MB", file.stat().st_size / 1e6, {}, None, "lower"),
        ]
    return rows


def restart_in_a_process(file: Path) -> Json:
    """What a restart on a database took."""
    command = [sys.executable, "-m", "benchmarks.durability", "--restart", str(file)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    found: Json = json.loads(done.stdout.splitlines()[-1])
    return found


async def restart(file: Path) -> Json:
    """Start a manager on a database, as `fleet serve` does but for ROS and HTTP, and end hard."""
    began_s = time.perf_counter() - time.process_time()
    gc.disable()
    from benchmarks.instances.long_log import canalside
    from fleet_manager.adapters.db import open_store
    from fleet_manager.app.clock import FleetClock, WallClock
    from fleet_manager.app.logs import set_up_logs
    from fleet_manager.app.loop import FleetLoop

    set_up_logs(as_json=True)
    gate = canalside()
    gc.freeze()
    gc.enable()
    state_s = time.perf_counter()
    store = await open_store(f"sqlite+aiosqlite:///{file}")
    loop = FleetLoop(gate, store, Nobody(), FleetClock(WallClock(), store.last_time_s or 0.0))
    await loop.start()
    now_s, processor_s = time.perf_counter(), time.process_time()
    await store.close()
    return {
        "events": store.last_seq,
        "ready_s": now_s - began_s,
        "state_s": now_s - state_s,
        "processor_s": processor_s,
    }


async def keep_snapshot(file: Path) -> None:
    """Have a snapshot of all there is, as the loop takes one every five thousand events."""
    from benchmarks.instances.long_log import canalside
    from fleet_manager.adapters.db import open_store
    from fleet_manager.app.snapshots import SnapshotTaker, restored

    store, gate = await open_store(f"sqlite+aiosqlite:///{file}"), canalside()
    found = await restored(gate, store)
    await SnapshotTaker(gate, store).finish(found.state, found.seq, 0.0)
    await store.close()


# Takeovers.


def takeovers(urls: Databases, times: int) -> list[Json]:
    """From the end of one manager to the first commit of its standby, and what was lost."""
    from benchmarks.instances.takeover import FATES, take_over

    rows = []
    for database, new_url in urls.items():
        for fate, number in FATES.items():
            found = [take_over(new_url(), number) for _ in range(times)]
            case = f"{database}, two managers, one {fate}"
            taken_s = max(each[0] for each in found)
            rows.append(
                row(case, "takeover, longest", "s", taken_s, {}, TAKEOVER_TARGET_S, "lower")
            )
            for at, what in ((1, "lost"), (2, "done twice")):
                total = float(sum(each[at] for each in found))
                rows.append(row(case, f"commands {what}", "", total, {}, 0.0, "lower"))
    return rows


def row(
    case: str,
    metric: str,
    unit: str,
    ours: float,
    peers: dict[str, float],
    target: float | None = None,
    better: str = "higher",
) -> Json:
    """A row of the benchmark's table."""
    met = None
    if target is not None:
        met = ours >= target if better == "higher" else ours <= target
    ratio = ours / max(peers.values()) if peers else None
    return {
        "case": case,
        "metric": metric,
        "unit": unit,
        "better": better,
        "ours": ours,
        "peers": peers,
        "ratio": ratio,
        "target": target,
        "met": met,
    }


def commit() -> str:
    """The commit that is measured."""
    command = ["git", "rev-parse", "--short", "HEAD"]
    found = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)
    return found.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
