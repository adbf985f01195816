"""Chaos on the real stack: processes are killed and frozen at random while people ask for tasks.

`python -m tests.e2e.chaos SEED --minutes 2 --robots 6` runs one seed and prints what came of it;
`make soak ARGS=chaos` many. What falls on whom and when comes from the seed, what becomes of it
from the machine. Afterwards everything runs again, and every task that was accepted has to end,
once in the log.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import signal
import sqlite3
import tempfile
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx

from fleet_manager.demo.options import DemoOptions
from tests.e2e.stack import ENDED, Stack, running_stack

ROOT = Path(__file__).resolve().parents[2]
SPEED = 4.0
READY_WITHIN_S = 240.0
CALM_WITHIN_S = 600.0
"""Real seconds in which everything that was accepted has to end."""
PLACES = ("gate_a", "library", "canteen", "bridge_west", "lecture_hall", "tower_b")
ENDING = {"complete", "fail", "cancel", "kill", "skip"}


class Chaos:
    """One seed of it."""

    def __init__(self, stack: Stack, seed: int) -> None:
        self._stack = stack
        self._chance = random.Random(seed)
        self._frozen: dict[str, float] = {}
        self._number = 0
        self._waiting: list[tuple[str, dict[str, Any]]] = []
        self.accepted: dict[str, str] = {}
        self.counts: Counter[str] = Counter()

    def storm(self, minutes: float) -> None:
        """Kill, freeze and ask, for some real minutes."""
        until_s = time.monotonic() + 60.0 * minutes
        next_s = 0.0
        while time.monotonic() < until_s:
            if time.monotonic() >= next_s:
                next_s = time.monotonic() + self._chance.uniform(5.0, 20.0)
                self._befall()
                self._wish()
            self._thaw(time.monotonic())
            self._restart_what_died()
            self._ask()
            time.sleep(0.5)
        self._thaw(float("inf"))
        self._restart_what_died()

    def calm(self) -> list[str]:
        """Everything runs: all that was accepted ends. Returns what did not."""
        self._stack.wait_until_ready(set(), READY_WITHIN_S)
        until_s = time.monotonic() + CALM_WITHIN_S
        left: list[str] = []
        while time.monotonic() < until_s:
            self._ask()
            left = self._left()
            if not left and not self._waiting:
                return []
            self._restart_what_died()
            time.sleep(1.0)
        return [f"{each} did not end" for each in left]

    def _left(self) -> list[str]:
        states = {each: self._stack.task(each) for each in self.accepted.values()}
        return [each for each, state in states.items() if state["status"] not in ENDED]

    def _befall(self) -> None:
        robots = [name for name in self._stack.planned if name.startswith("robots")]
        name = self._chance.choice(["manager", *robots])
        if self._chance.random() < 0.5:
            self.counts["killed"] += 1
            self._frozen.pop(name, None)
            if name in self._stack.supervisor.pids:
                self._stack.kill(name)
        elif name in self._stack.supervisor.pids and name not in self._frozen:
            self.counts["frozen"] += 1
            self._frozen[name] = time.monotonic() + self._chance.uniform(3.0, 15.0)
            os.killpg(self._stack.supervisor.pids[name], signal.SIGSTOP)

    def _thaw(self, now_s: float) -> None:
        for name in [name for name, until_s in self._frozen.items() if until_s <= now_s]:
            del self._frozen[name]
            with contextlib.suppress(KeyError, ProcessLookupError):
                os.killpg(self._stack.supervisor.pids[name], signal.SIGCONT)

    def _restart_what_died(self) -> None:
        self._stack.supervisor.wait(0.0)
        for name in self._stack.planned:
            if name not in self._stack.supervisor.pids:
                self.counts["started again"] += 1
                self._stack.start(name)

    def _wish(self) -> None:
        self._number += 1
        description = {"places": self._chance.sample(PLACES, 2), "rounds": 1}
        request = {"category": "patrol", "description": description, "requester": "chaos"}
        body = {"type": "dispatch_task_request", "request": request}
        self._waiting.append((f"chaos-{self._number}", body))

    def _ask(self) -> None:
        """Ask until there is an answer; the same key again must give the same task."""
        for key, body in list(self._waiting):
            try:
                answer = self._stack.http.post(
                    "/tasks/dispatch_task", json=body, headers={"Idempotency-Key": key}, timeout=3.0
                )
            except httpx.HTTPError:
                self.counts["not answered"] += 1
                return
            if answer.is_success:
                self.accepted[key] = answer.json()["state"]["booking"]["id"]
            elif answer.status_code in {429, 503}:
                return
            else:
                self.counts["refused"] += 1
            self._waiting.remove((key, body))


def ends_in_log(database: Path) -> Counter[str]:
    """How often each task has ended in the log."""
    ends: Counter[str] = Counter()
    with closing(sqlite3.connect(database)) as connection:
        for (payload,) in connection.execute("SELECT payload FROM events WHERE type = 'TaskMoved'"):
            event = json.loads(payload)
            ends[event["task_id"]] += event["trigger"] in ENDING
    return ends


def run_seed(seed: int, *, minutes: float = 2.0, robots: int = 6) -> dict[str, Any]:
    """What came of a seed; `problems` holds what must not be, one line each."""
    options = DemoOptions(
        robots=str(robots), speed=SPEED, people=0, seed=seed, robots_per_process=2, tasks=False
    )
    with tempfile.TemporaryDirectory(prefix="campus-fleet-chaos-") as folder:
        data_dir = Path(folder)

        def unchanged(_: Any) -> None:
            return

        with running_stack(
            ROOT, data_dir, options, unchanged, ready_within_s=READY_WITHIN_S
        ) as stack:
            chaos = Chaos(stack, seed)
            chaos.storm(minutes)
            problems = chaos.calm()
        ends = ends_in_log(data_dir / "fleet.db")
    for task in chaos.accepted.values():
        if ends[task] != 1:
            problems.append(f"{task} ended {ends[task]} times in the log")
    if len(set(chaos.accepted.values())) != len(chaos.accepted):
        problems.append("one task for two requests")
    figures = {"minutes": minutes, "robots": robots, "tasks": len(chaos.accepted)}
    return {"problems": problems, **figures, **chaos.counts}


def main() -> None:
    """A seed of the command line."""
    parser = argparse.ArgumentParser(description="Chaos on the real stack.")
    parser.add_argument("seed", type=int)
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--robots", type=int, default=6)
    options = parser.parse_args()
    found = run_seed(options.seed, minutes=options.minutes, robots=options.robots)
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
