"""Two managers on one database: the first meets its fate, the second takes over."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FATES = {
    "kill -9": signal.SIGKILL,
    "stopped by SIGTERM": signal.SIGTERM,
    "frozen by SIGSTOP, later SIGCONT": signal.SIGSTOP,
}
COMMANDS_BEFORE = 30


def take_over(url: str, fate: signal.Signals) -> tuple[float, int, int]:
    """Seconds from the signal to the standby's first commit; commands lost; commands done twice."""
    first, said = _manager(url, "first"), []
    second = None
    try:
        _until(first, "leads", said)
        second = _manager(url, "second")
        _until(second, "waits", said)
        for _ in range(COMMANDS_BEFORE):
            _until(first, "added", said)
        began_s = time.monotonic()
        first.send_signal(fate)
        taken_s = float(_until(second, "added", said).split()[2]) - began_s
        if fate is signal.SIGSTOP:
            first.send_signal(signal.SIGCONT)
            first.wait(30)
        second.send_signal(signal.SIGTERM)
        second.wait(30)
    finally:
        for process in (first, second):
            if process is not None:
                process.kill()
                process.wait(30)
    done = asyncio.run(_commands(url))
    lost = [number for number in range(1, COMMANDS_BEFORE + 1) if f"first-{number}" not in done]
    return taken_s, len(lost), sum(times > 1 for times in done.values())


def _manager(url: str, name: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.contract.leading_manager", url, name]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def _until(process: subprocess.Popen[str], beginning: str, said: list[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        said.append(line)
        if line.startswith(beginning):
            return line
    raise RuntimeError(f"a manager ended: {said[-5:]}")


async def _commands(url: str) -> Counter[str]:
    from fleet_manager.adapters.db import open_store

    store = await open_store(url)
    found = Counter([each.command_id async for each in store.replay() if each.command_id])
    await store.close()
    return found
