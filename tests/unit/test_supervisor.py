"""The supervisor leaves no process behind, however the run ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fleet_manager.processes import Process
from fleet_manager.supervisor import Supervisor

STUBBORN = """
import signal, sys, time
for number in (signal.SIGINT, signal.SIGTERM): signal.signal(number, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(60)
"""
PARENT_OF_ANOTHER = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
child.wait()
"""


def python(name: str, code: str, essential: bool = True) -> Process:
    return Process(name, (sys.executable, "-c", code), essential=essential)


def first_line(path: Path) -> str:
    """The first line of a log, once there is one."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if path.exists() and "\n" in (text := path.read_text()):
            return text.splitlines()[0]
        time.sleep(0.01)
    raise AssertionError(f"nothing in {path}")


def runs(pid: int) -> bool:
    """Whether a process lives (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone(pid: int, within_s: float = 5.0) -> bool:
    deadline = time.monotonic() + within_s
    while runs(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def test_a_death_is_told_with_exit_code_and_last_lines(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(python("short", "print('one'); print('two'); raise SystemExit(3)"))
        (death,) = supervisor.wait(10)
    assert str(death) == "short ended with exit code 3"
    assert death.last_lines == ("one", "two")


def test_a_process_killed_by_a_signal_is_told_so(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(python("victim", "import time; time.sleep(60)"))
        os.kill(supervisor.pids["victim"], signal.SIGKILL)
        (death,) = supervisor.wait(10)
        assert str(death) == "victim was killed by SIGKILL"
        assert supervisor.pids == {}


def test_a_process_deaf_to_signals_is_gone_within_five_seconds(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(python("deaf", STUBBORN))
        assert first_line(supervisor.log_file("deaf")) == "deaf"
        pid = supervisor.pids["deaf"]
        began = time.monotonic()
    assert time.monotonic() - began < 5.0
    assert not runs(pid)


def test_a_grandchild_does_not_outlive_its_process(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(python("parent", PARENT_OF_ANOTHER))
        grandchild = int(first_line(supervisor.log_file("parent")))
        os.kill(supervisor.pids["parent"], signal.SIGKILL)
        supervisor.wait(10)
        assert gone(grandchild)


def test_a_process_can_be_started_again_under_its_name(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor:
        again = python("again", "print('up', flush=True); import time; time.sleep(60)")
        supervisor.start(again)
        first_line(supervisor.log_file("again"))
        before = supervisor.pids["again"]
        supervisor.kill("again")
        assert not runs(before)
        supervisor.start(again)
        assert supervisor.pids["again"] != before
        with pytest.raises(ValueError, match="again runs already"):
            supervisor.start(again)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_wait_and_is_remembered(tmp_path: Path, number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with Supervisor(tmp_path) as supervisor:
        os.kill(os.getpid(), number)
        began = time.monotonic()
        assert supervisor.wait(10) == []
        assert time.monotonic() - began < 5.0
        assert supervisor.ending is number
    assert signal.getsignal(number) is before


def test_processes_die_with_a_supervisor_killed_by_sigkill(tmp_path: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from fleet_manager.processes import Process
from fleet_manager.supervisor import Supervisor
with Supervisor(Path({str(tmp_path)!r})) as supervisor:
    supervisor.start(Process("child", (sys.executable, "-c", "import time; time.sleep(60)")))
    print(supervisor.pids["child"], flush=True)
    supervisor.wait(60)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        child = int(owner.stdout.readline())
        assert runs(child)
        owner.kill()
        owner.wait()
    assert gone(child)
