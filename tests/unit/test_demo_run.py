"""A demo run ends with the right code, summary and no process, with a stand-in for the manager."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from fleet_manager.demo import DemoOptions, run_demo
from fleet_manager.demo import run as demo_run
from fleet_manager.processes import Process, Run
from fleet_manager.settings import Settings

# Answers as docs/api.md says; its clock runs 50 times as fast as ours. Tasks end as STATUS says.
MANAGER = """
import json, os, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
status, began = sys.argv[1], time.monotonic()
def now(): return 1000.0 + 50.0 * (time.monotonic() - began)
tasks = []
robot = {"name": "security_1", "kind": "security", "status": "idle", "x_m": 0.0, "y_m": 0.0,
         "skills": ["patrol"], "distance_m": 12.5, "battery": 0.8}
waypoint = {"id": "gate", "properties": {"feature": "waypoint", "role": "junction"},
            "geometry": {"type": "Point", "coordinates": [3.0, 4.0]}}
class Handler(BaseHTTPRequestHandler):
    def answer(self, body):
        data = json.dumps(body).encode()
        self.send_response(200); self.send_header("Content-Length", str(len(data)))
        self.end_headers(); self.wfile.write(data)
    def do_GET(self):
        self.answer({"/readyz": {}, "/robots": [robot], "/map": {"features": [waypoint]},
                     "/system": {"now_s": now()}, "/tasks": tasks}[self.path])
    def do_POST(self):
        length = int(self.headers["Content-Length"])
        request = json.loads(self.rfile.read(length))["request"]
        tasks.append({"booking": {"id": f"t{len(tasks)}"}, "category": request["category"],
            "status": status, "assigned_to": {"group": "x", "name": "security_1"},
            "unix_millis_start_time": 1000 * now(), "unix_millis_finish_time": 1000 * now() + 2000,
            "progress": 1.0, "reason": ""})
        self.answer({"success": True})
    def log_message(self, *_): pass
ThreadingHTTPServer(("127.0.0.1", int(os.environ["CAMPUS_PORT"])), Handler).serve_forever()
"""

Start = Callable[..., int]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Start:
    """Run a headless demo of 20 simulated seconds with one robot."""
    fleet = {"fleet": "f", "robots": [{"name": "security_1", "kind": "security"}]}
    (tmp_path / "fleet.yaml").write_text(yaml.safe_dump(fleet))

    def start(status: str, extra: Process | None = None) -> int:
        def stand_ins(run: Run) -> list[Process]:
            environment = {"CAMPUS_PORT": str(run.settings.port)}
            manager = Process("manager", (sys.executable, "-c", MANAGER, status), environment)
            return [manager, *([extra] if extra else [])]

        monkeypatch.setattr(demo_run, "processes", stand_ins)
        options = DemoOptions(headless=True, speed=50.0, duration_s=20.0, as_json=True)
        settings = Settings(map_dir=tmp_path, port=0)
        return run_demo(options, settings, tmp_path / "data")

    return start


def test_completed_tasks_end_with_code_0_and_the_figures(
    start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    assert start("completed") == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["simulated_s"] >= 20.0
    assert 10.0 < summary["speed_reached"] <= 55.0
    (robot,) = summary["robots"]
    assert (robot["distance_m"], robot["battery"], robot["tasks_done"]) == (12.5, 0.8, 1)
    (task,) = summary["tasks"]
    assert (task["category"], task["status"]) == ("patrol", "completed")
    assert task["duration_s"] == pytest.approx(2.0, abs=0.1)
    assert summary["failed"] == 0


def test_a_failed_task_ends_with_code_1(start: Start, capsys: pytest.CaptureFixture[str]) -> None:
    assert start("failed") == 1
    assert json.loads(capsys.readouterr().out)["failed"] == 1


def test_an_unfinished_task_is_no_failure(start: Start) -> None:
    assert start("underway") == 0


def test_an_essential_process_that_dies_ends_the_run_with_its_last_lines(
    start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = (sys.executable, "-c", "print('no hardware'); raise SystemExit(4)")
    assert start("completed", Process("simulator", argv)) == 1
    told = capsys.readouterr().err
    assert "simulator ended with exit code 4" in told
    assert "no hardware" in told


def test_the_run_goes_on_without_a_robot_but_does_not_pass(
    start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = (sys.executable, "-c", "raise SystemExit(5)")
    assert start("completed", Process("robots", argv, essential=False)) == 1
    out = capsys.readouterr()
    assert "the fleet goes on without it" in out.err
    assert json.loads(out.out)["deaths"] == ["robots ended with exit code 5"]


def test_ctrl_c_ends_a_headless_run_and_every_process_within_five_seconds(
    start: Start, tmp_path: Path
) -> None:
    deaf = (
        "import os, signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); "
        "signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        "os.kill(os.getppid(), signal.SIGINT); print(os.getpid(), flush=True); time.sleep(60)"
    )
    began = time.monotonic()
    assert start("completed", Process("robots", (sys.executable, "-c", deaf))) == 130
    assert time.monotonic() - began < 10.0  # start-up and stop
    pid = (tmp_path / "data/logs/robots.log").read_text().strip()
    assert not Path(f"/proc/{pid}").exists()
