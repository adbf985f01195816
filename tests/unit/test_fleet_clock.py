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


class Computer:
    """A clock that people set, and one that nobody sets."""

    def __init__(self) -> None:
        self.source = ScriptedClock(START_S)
        self.gone_s = 0.0
        self.clock = FleetClock(self.source, monotonic=lambda: self.gone_s)

    def passes(self, seconds: float, set_by_s: float = 0.0) -> float:
        """Let time pass, have the clock set; fleet time."""
        self.gone_s += seconds
        self.source.set(self.source.now_s() + seconds + set_by_s)
        return self.clock.now_s()


def test_a_clock_set_forward_is_followed_and_told() -> None:
    computer = Computer()
    assert computer.passes(1.0) == START_S + 1.0
    assert computer.clock.take_jump() == 0.0
    assert computer.passes(1.0, set_by_s=3600.0) == START_S + 3602.0
    assert computer.clock.take_jump() == pytest.approx(3600.0)
    assert computer.clock.take_jump() == 0.0
    assert computer.passes(1000.0) == START_S + 4602.0
    assert computer.clock.take_jump() == 0.0, "a long time without being asked is no jump"


def test_a_clock_set_back_is_met_again_a_tenth_slower() -> None:
    computer = Computer()
    assert computer.passes(1.0) == START_S + 1.0
    assert computer.passes(1.0, set_by_s=-100.0) == START_S + 2.0, "durations stay right"
    assert computer.clock.take_jump() == pytest.approx(-100.0)
    assert computer.clock.ahead_s == pytest.approx(100.0)
    before_s = computer.clock.now_s()
    for _ in range(100):
        now_s = computer.passes(5.0)
        assert 0.0 <= now_s - before_s <= 5.0 + 1e-6
        before_s = now_s
    assert computer.clock.ahead_s == pytest.approx(50.0)
    for _ in range(110):
        computer.passes(5.0)
    assert computer.clock.ahead_s == 0.0
    assert computer.clock.now_s() == pytest.approx(computer.source.now_s())


def test_small_corrections_are_no_jumps() -> None:
    computer = Computer()
    for set_by_s in (0.5, -0.5, 2.0, -0.9):
        before_s = computer.clock.now_s()
        assert computer.passes(1.0, set_by_s) >= before_s
    assert computer.clock.take_jump() == 0.0
