"""The whole stack as processes in ROS domains of its own, seen through HTTP alone."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import yaml

from fleet_manager.app.message_keys import enrol
from fleet_manager.demo.access import DemoAccess, open_demo
from fleet_manager.demo.options import DemoOptions, plan_run
from fleet_manager.processes import Process, processes
from fleet_manager.settings import Settings
from fleet_manager.supervisor import Supervisor

POLL_S = 0.2
START_TIMEOUT_S = 240.0
WAIT_TIMEOUT_S = 600.0
GRACE_S = 20.0
"""Real seconds that the manager is given in any wait: it does not run in simulated time."""
ENDED = {"completed", "failed", "canceled", "killed", "skipped"}

Json = Any


class StackFailed(AssertionError):
    """The stack did not do what was waited for; the message holds logs."""


@dataclass
class Stack:
    """A running campus.

    Attributes:
        supervisor: holds its processes.
        planned: its processes by name.
        http: a client at the manager's address, logged in as the demo's admin.
        access: that admin's ways in.
    """

    supervisor: Supervisor
    planned: Mapping[str, Process]
    http: httpx.Client
    access: DemoAccess

    def get(self, path: str, **parameters: str | int) -> Json:
        """What a GET answers; it has to succeed."""
        answer = self.http.get(path, params=parameters)
        assert answer.is_success, f"GET {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def post(self, path: str, body: Json = None) -> Json:
        """What a POST answers; it has to succeed."""
        answer = self.http.post(path, json={} if body is None else body)
        assert answer.is_success, f"POST {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def log_in(self) -> None:
        """Log the client in anew."""
        body = {"name": self.access.name, "password": self.access.password, "bearer": True}
        secret = self.post("/session", body)["secret"]
        self.access = replace(self.access, session=secret)
        self.http.headers["Authorization"] = f"Bearer {secret}"

    def now_s(self) -> float:
        """Simulated time, Unix seconds."""
        return float(self.get("/system")["now_s"])

    def dispatch(self, category: str, **description: Json) -> str:
        """Ask for a task; returns its id."""
        request = {"category": category, "description": description, "requester": "test"}
        body = {"type": "dispatch_task_request", "request": request}
        state = self.post("/tasks/dispatch_task", body)["state"]
        identifier: str = state["booking"]["id"]
        return identifier

    def task(self, identifier: str) -> Json:
        """State of a task."""
        return self.get(f"/tasks/{identifier}/state")

    def robot(self, name: str) -> Json:
        """State of a robot."""
        return self.get(f"/robots/{name}")

    def robots_of(self, kind: str) -> list[str]:
        """Names of the robots of a kind."""
        return [each["name"] for each in self.get("/robots") if each["kind"] == kind]

    def features(self, feature: str) -> list[Json]:
        """Features of the map."""
        found = self.get("/map")["features"]
        return [each for each in found if each["properties"]["feature"] == feature]

    def wait(
        self,
        what: str,
        condition: Callable[[], Any],
        within_s: float,
        timeout_s: float = WAIT_TIMEOUT_S,
    ) -> Any:
        """Wait until a condition is true and return what it gave.

        Args:
            what: is waited for, for the message.
            condition: asked again and again.
            within_s: simulated seconds it may take, and `GRACE_S` in any case.
            timeout_s: real seconds it may take.
        """
        began_s, began_wall_s = self.now_s(), time.monotonic()
        while True:
            if found := condition():
                return found
            waited_s, simulated_s = time.monotonic() - began_wall_s, self.now_s() - began_s
            if (simulated_s > within_s and waited_s > GRACE_S) or waited_s > timeout_s:
                raise StackFailed(
                    f"{what}: not within {simulated_s:.0f} simulated s\n{self.report()}"
                )
            for death in self.supervisor.wait(POLL_S):
                raise StackFailed(f"{death}:\n" + "\n".join(death.last_lines))

    def wait_for_end(
        self, identifier: str, within_s: float, timeout_s: float = WAIT_TIMEOUT_S
    ) -> Json:
        """Wait until a task has ended; returns its state."""

        def ended() -> Json | None:
            state = self.task(identifier)
            return state if state["status"] in ENDED else None

        return self.wait(f"end of task {identifier}", ended, within_s, timeout_s)

    def wait_until_ready(self, robots: set[str], timeout_s: float = START_TIMEOUT_S) -> None:
        """Wait until the manager answers and has heard the robots."""
        deadline = time.monotonic() + timeout_s
        while not (self._answers() and robots <= self._present()):
            for death in self.supervisor.wait(POLL_S):
                raise StackFailed(f"{death}:\n" + "\n".join(death.last_lines))
            if time.monotonic() > deadline:
                raise StackFailed(f"the stack is not ready\n{self.report()}")

    def _answers(self) -> bool:
        try:
            return self.http.get("/readyz").is_success
        except httpx.TransportError:
            return False

    def _present(self) -> set[str]:
        absent = ("uninitialized", "offline")
        return {each["name"] for each in self.get("/robots") if each["status"] not in absent}

    def process_of(self, robot: str) -> str:
        """Name of the process in which a robot runs."""
        (name,) = (name for name, process in self.planned.items() if robot in process.argv)
        return name

    def kill(self, name: str) -> None:
        """Kill a process by SIGKILL."""
        self.supervisor.kill(name)

    def start(self, name: str) -> None:
        """Start a process that was killed."""
        self.supervisor.start(self.planned[name])

    def report(self) -> str:
        """What the manager says of tasks and robots, and the ends of all logs."""
        parts = []
        with contextlib.suppress(httpx.HTTPError, AssertionError):
            parts += [
                f"task {task['booking']['id']} {task['category']}: {task['status']}, "
                f"{task.get('assigned_to')}, {task['progress']:.0%}, {task.get('reason')}"
                for task in self.get("/tasks")
            ]
            for robot in self.get("/robots"):
                keys = ("status", "x_m", "y_m", "battery", "task_id", "last_node_id", "errors")
                parts.append(f"robot {robot['name']}: { ({key: robot[key] for key in keys}) }")
        for log in sorted(self.supervisor.log_dir.glob("*.log")):
            lines = log.read_text(errors="replace").splitlines()[-8:]
            parts += [f"-- {log.name}", *lines]
        return "\n".join(parts)


@contextlib.contextmanager
def running_stack(
    root: Path,
    data_dir: Path,
    options: DemoOptions,
    change_fleet: Callable[[Json], None],
    map_dir: Path | None = None,
    ready_within_s: float = START_TIMEOUT_S,
) -> Iterator[Stack]:
    """A stack with the map of a campus and a fleet of its own.

    Args:
        root: the checkout.
        data_dir: for database and logs.
        options: robots, speed, seed, people.
        change_fleet: makes of the campus' fleet file the one of the test.
        map_dir: of the campus; None: Canalside.
        ready_within_s: real seconds until the manager answers and has heard the robots.
    """
    map_dir = root / "maps/canalside" if map_dir is None else map_dir
    data_dir.mkdir(parents=True, exist_ok=True)
    fleet = yaml.safe_load((map_dir / "fleet.yaml").read_text())
    change_fleet(fleet)
    fleet_file = data_dir / "fleet-of-test.yaml"
    fleet_file.write_text(yaml.safe_dump(fleet, sort_keys=False))
    settings = Settings(
        map_dir=map_dir,
        fleet_file=fleet_file,
        schedule_file=data_dir / "no-schedules.yaml",
        port=0,
    )
    run = plan_run(options, settings, data_dir)
    enrol(run.settings.keys_dir, run.robots)
    planned = {process.name: process for process in processes(run)}
    address = f"http://{run.settings.host}:{run.settings.port}"
    with ThreadPoolExecutor(1) as thread:  # in this one an event loop of Playwright may run
        access = thread.submit(open_demo, run.settings).result()
    bearer = {"Authorization": f"Bearer {access.session}"}
    with (
        httpx.Client(base_url=address, timeout=60.0, trust_env=False, headers=bearer) as http,
        Supervisor(data_dir / "logs", signals=()) as supervisor,
    ):
        stack = Stack(supervisor, planned, http, access)
        for process in planned.values():
            supervisor.start(process)
        stack.wait_until_ready(set(run.robots), ready_within_s)
        yield stack
