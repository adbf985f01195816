"""Fleet time never goes back, and durations stay right when its source does."""

from __future__ import annotations

import asyncio

import pytest

from fleet_manager.app.clock import FleetClock, WallClock

pytestmark = pytest.mark.anyio

START_S = 1_800_000_000.0


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class ScriptedClock:
    """A source whose time the test sets."""

    def __init__(self, now_s: float) -> None:
        self._now_s = now_s
        self._moved = asyncio.Event()

    def now_s(self) -> float:
        return self._now_s

    def set(self, now_s: float) -> None:
        self._now_s = now_s
        self._moved.set()
        self._moved = asyncio.Event()

    async def wait_until(self, time_s: float) -> None:
        before_s = self._now_s
        while before_s <= self._now_s < time_s:
            await self._moved.wait()


async def test_it_shows_its_source() -> None:
    source = ScriptedClock(START_S)
    clock = FleetClock(source)
    source.set(START_S + 5)
    assert clock.now_s() == START_S + 5
    assert clock.offset_s == 0


async def test_a_simulation_started_anew_on_an_older_database_goes_on_from_the_last_event() -> None:
    source = ScriptedClock(START_S)
    clock = FleetClock(source, not_before_s=START_S + 1000)
    assert clock.now_s() == START_S + 1000
    source.set(START_S + 7)
    assert clock.now_s() == START_S + 1007


async def test_a_small_step_back_is_waited_out() -> None:
    source = ScriptedClock(START_S)
    clock = FleetClock(source)
    source.set(START_S - 0.5)
    assert clock.now_s() == START_S
    source.set(START_S + 0.25)
    assert clock.now_s() == START_S + 0.25
    assert clock.offset_s == 0


async def test_a_wait_ends_at_its_time_though_the_source_is_set_back_in_between() -> None:
    source = ScriptedClock(START_S)
    clock = FleetClock(source)
    waiting = asyncio.ensure_future(clock.wait_until(START_S + 10))
    await asyncio.sleep(0)
    source.set(START_S + 4)
    assert clock.now_s() == START_S + 4
    source.set(100.0)
    await asyncio.sleep(0)
    source.set(105.0)
    await asyncio.sleep(0)
    assert clock.now_s() == START_S + 9
    assert not waiting.done()
    source.set(106.5)
    await asyncio.wait_for(waiting, 1)


async def test_the_wall_clock_waits_until_a_time() -> None:
    clock = WallClock()
    until_s = clock.now_s() + 0.05
    await FleetClock(clock).wait_until(until_s)
    assert clock.now_s() >= until_s - 1e-3
