"""Starts a campus, waits until it is ready, gives it work, and says how it went."""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.markup import escape

from fleet_manager.app.message_keys import KeyRing, enrol
from fleet_manager.credentials import forget_secret, keep_secret
from fleet_manager.demo.access import open_demo
from fleet_manager.demo.failure import DemoFailed
from fleet_manager.demo.locks import data_dir_lock, domain_lock
from fleet_manager.demo.options import DemoOptions, plan_run
from fleet_manager.demo.starting_tasks import starting_requests
from fleet_manager.demo.summary import Summary, summarize
from fleet_manager.processes import ProgramMissing, Run, processes
from fleet_manager.settings import Settings
from fleet_manager.supervisor import Death, Supervisor

READY_WITHIN_S = 60.0
ROBOTS_WITHIN_S = 60.0
CLOCK_MOVES_WITHIN_S = 60.0
POLL_S = 0.5
_HTTP_TIMEOUT_S = 60.0  # the first tasks of a new clone wait for machine code to be made


class Ended(Exception):
    """A signal asked the run to end."""


def run_demo(options: DemoOptions, settings: Settings, data_dir: Path | None = None) -> int:
    """Run a campus until its duration is over, Ctrl-C, or a process dies.

    Args:
        options: what was asked for.
        settings: map, fleet, address, domains.
        data_dir: see `plan_run`.

    Returns:
        The exit code: 0, or 1 when a task failed or a process died, or 130 when a headless run was
        interrupted.

    Raises:
        DemoFailed: the campus cannot start.
    """
    console = Console(stderr=options.as_json, highlight=False, soft_wrap=True)
    try:
        with domain_lock(settings.fleet_domain_id):
            run = plan_run(options, settings, data_dir)
            with data_dir_lock(run.settings.data_dir):
                _enrol_new_robots(run)
                exit_code, summary = _Demo(options, run, console).run()
    except ProgramMissing as error:
        if options.headless and data_dir is None:
            shutil.rmtree(run.settings.data_dir, ignore_errors=True)
        raise DemoFailed(str(error), error.remedy) from error
    with contextlib.suppress(OSError):  # the terminal may be gone
        if summary is not None and options.headless:
            if options.as_json:
                print(json.dumps(summary.as_json(), ensure_ascii=False, indent=2))
            else:
                summary.show(console)
        if options.headless and data_dir is None and exit_code == 0:
            shutil.rmtree(run.settings.data_dir, ignore_errors=True)
        elif exit_code != 0:
            console.print(f"Logs: {run.settings.data_dir / 'logs'}")
    return exit_code


def _enrol_new_robots(run: Run) -> None:
    """Manager and robots share this machine's folder of keys; nothing is sent unsigned."""
    known = KeyRing(run.settings.keys_dir)
    fresh = [each for each in run.robots if not known.is_enrolled(each)]
    if fresh:
        enrol(run.settings.keys_dir, fresh)


class _Demo:
    def __init__(self, options: DemoOptions, run: Run, console: Console) -> None:
        self.options, self.run_plan, self.console = options, run, console
        self.supervisor = Supervisor(run.settings.data_dir / "logs")
        self.deaths: list[str] = []
        host = "localhost" if run.settings.host in ("127.0.0.1", "::1") else run.settings.host
        self.address = f"http://{host}:{run.settings.port}"
        target = f"http://{run.settings.host}:{run.settings.port}"
        self.access = open_demo(run.settings)
        bearer = {"Authorization": f"Bearer {self.access.session}"}
        self.http = httpx.Client(
            base_url=target, timeout=_HTTP_TIMEOUT_S, trust_env=False, headers=bearer
        )

    def run(self) -> tuple[int, Summary | None]:
        summary = None
        exit_code = 1
        with self.http, self.supervisor, self._commands_may_ask():
            try:
                self._start()
                if self.options.tasks:
                    self._dispatch()
                began_s, began_wall_s = self._now_s(), time.monotonic()
                self._say(self._invitation())
                try:
                    self._work(began_s)
                    exit_code = 0
                except Ended:
                    exit_code = 130 if self.options.headless else 0
                if self.options.headless:
                    summary = self._summarize(began_s, time.monotonic() - began_wall_s)
                    if summary.failed or self.deaths:
                        exit_code = 1
            except Ended:
                exit_code = 130
            except DemoFailed as failure:
                self._say(f"[red]{escape(str(failure))}[/red]; {escape(failure.remedy)}")
            self._say("Stopping …")
        self._say("Stopped; no process is left.")
        return exit_code, summary

    @contextlib.contextmanager
    def _commands_may_ask(self) -> Iterator[None]:
        """`fleet task` and its like, in another terminal of the same user, are logged in."""
        with contextlib.suppress(OSError):
            keep_secret(self.address, self.access.session)
        yield
        with contextlib.suppress(OSError):
            forget_secret(self.address, self.access.session)

    def _invitation(self) -> str:
        if self.options.headless:
            return f"The campus runs (API at {self.address}/docs)."
        return (
            f"The campus runs; open [bold]{self.address}/app/login#{self.access.link}[/bold]\n"
            f"(good for once; later log in at {self.address} as {self.access.name}, password "
            f"{self.access.password}). Ctrl-C stops it."
        )

    def _start(self) -> None:
        planned = processes(self.run_plan)
        with self._step(f"[1/3] Starting {', '.join(each.name for each in planned)}"):
            for process in planned:
                self.supervisor.start(process)
        with self._step("[2/3] Waiting for the fleet manager"):
            self._until(self._is_ready, READY_WITHIN_S, lambda: "the fleet manager is not ready")
        wanted = set(self.run_plan.robots)
        with self._step(f"[3/3] Waiting for {len(wanted)} robots"):
            self._until(
                lambda: not wanted - self._present(),
                ROBOTS_WITHIN_S,
                lambda: f"not heard of: {', '.join(sorted(wanted - self._present()))}",
            )

    def _is_ready(self) -> bool:
        try:
            return self.http.get("/readyz").status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def _present(self) -> set[str]:
        absent = ("uninitialized", "offline")
        return {each["name"] for each in self._get("/robots") if each["status"] not in absent}

    def _dispatch(self) -> None:
        requests = starting_requests(self._get("/map"), self._get("/robots"))
        for request in requests:
            answer = self.http.post("/tasks/dispatch_task", json=request)
            if answer.is_error:
                detail = answer.json().get("detail", answer.text)
                category = request["request"]["category"]
                raise DemoFailed(
                    f"the manager refused a {category} task: {detail}",
                    f"see {self.supervisor.log_file('manager')}",
                )
        categories = [request["request"]["category"] for request in requests]
        self._say(f"Tasks to begin with: {', '.join(categories)}")

    def _work(self, began_s: float) -> None:
        """Watch until the duration is over; for ever without one."""
        latest_s, moved_at = began_s, time.monotonic()
        duration_s = self.options.duration_s
        while duration_s is None or latest_s - began_s < duration_s:
            self._pause(POLL_S)
            now_s = self._now_s()
            if now_s > latest_s:
                latest_s, moved_at = now_s, time.monotonic()
            elif time.monotonic() - moved_at > CLOCK_MOVES_WITHIN_S:
                raise DemoFailed(
                    f"simulated time has stood still for {CLOCK_MOVES_WITHIN_S:.0f} s",
                    f"see {self.supervisor.log_file('simulator')}",
                )

    def _summarize(self, began_s: float, wall_s: float) -> Summary:
        return summarize(
            robots=self._get("/robots"),
            tasks=self._get("/tasks"),
            began_s=began_s,
            now_s=self._now_s(),
            wall_s=wall_s,
            speed_asked=self.options.speed,
            deaths=self.deaths,
            data_dir=str(self.run_plan.settings.data_dir),
        )

    def _now_s(self) -> float:
        return float(self._get("/system")["now_s"])

    def _get(self, path: str) -> Any:
        """Ask the manager; a slow answer is waited for as long as its process lives."""
        while True:
            try:
                answer = self.http.get(path)
                answer.raise_for_status()
            except httpx.TransportError:
                self._pause(POLL_S)
            except httpx.HTTPStatusError as error:
                raise DemoFailed(
                    f"GET {path} answered {error.response.status_code}: {error.response.text}",
                    f"see {self.supervisor.log_file('manager')}",
                ) from error
            else:
                return answer.json()

    def _until(
        self, condition: Callable[[], bool], timeout_s: float, problem: Callable[[], str]
    ) -> None:
        deadline = time.monotonic() + timeout_s
        while not condition():
            if time.monotonic() > deadline:
                raise DemoFailed(
                    f"{problem()} after {timeout_s:.0f} s", f"see {self.supervisor.log_dir}/*.log"
                )
            self._pause(0.2)

    def _pause(self, timeout_s: float) -> None:
        """Let time pass unless something happens: a process dies or a signal comes."""
        for death in self.supervisor.wait(timeout_s):
            self._on_death(death)
        if self.supervisor.ending is not None:
            raise Ended(signal.Signals(self.supervisor.ending).name)

    def _on_death(self, death: Death) -> None:
        log_file = self.supervisor.log_file(death.process.name)
        quoted = "".join(f"\n    {line}" for line in death.last_lines)
        self.deaths.append(str(death))
        if death.process.essential:
            raise DemoFailed(f"{death}. The last lines of its log:{quoted}\n", f"see {log_file}")
        told = escape(f"; the fleet goes on without it. See {log_file}:{quoted}")
        self._say(f"[red]{death}[/red]{told}")

    @contextlib.contextmanager
    def _step(self, title: str) -> Iterator[None]:
        began = time.monotonic()
        self._say(f"{title} …")
        yield
        self._say(f"{title} … {time.monotonic() - began:.1f} s")

    def _say(self, text: str) -> None:
        with contextlib.suppress(OSError):
            self.console.print(text)
