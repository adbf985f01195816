"""Stretches, spacing, takeover and windows of patrols, by hand on a ring of sites."""

from __future__ import annotations

from datetime import date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from fleet_manager.core.events import TaskSubmitted, decode, encode
from fleet_manager.core.order_events import NodesPassed
from fleet_manager.core.planning.patrolling import (
    Other,
    Watch,
    least_robots,
    nearest_first,
    next_stretch,
    round_from,
    taken_over,
    widest_gap,
)
from fleet_manager.core.programme import ProgrammeSpec, SiteRecord, TeamPlan, Window, opening
from fleet_manager.core.schedule import Recurrence
from fleet_manager.core.task import Category, Task

STEP_S, DWELL_S, SIZE = 60.0, 2.0, 12
LAP_S = SIZE * (STEP_S + DWELL_S)
RING = tuple(f"s{index}" for index in range(SIZE))


def travel(start: str, end: str) -> float:
    """Along the ring, the shorter way round."""
    apart = abs(int(start[1:]) - int(end[1:])) % SIZE
    return STEP_S * min(apart, SIZE - apart)


def watch(manned: int = 1, promise_s: float = 2 * LAP_S, **fields: object) -> Watch:
    usual: dict[str, object] = {
        "team": TeamPlan(RING, LAP_S, manned),
        "index": 0,
        "guests": (),
        "manned": manned,
        "due_s": dict.fromkeys(RING, promise_s),
        "promise_s": dict.fromkeys(RING, promise_s),
        "own_s": dict.fromkeys(RING),
        "dwell_s": DWELL_S,
        "travel": travel,
        "usable": lambda _: True,
        "is_bay": lambda _: True,
    }
    return Watch(**{**usual, **fields})  # type: ignore[arg-type]


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_without_chance_a_stretch_follows_the_tour_and_the_next_begins_where_it_ends() -> None:
    stretch = next_stretch(watch(), 10, "s9", 0.0, 0.0, rng())
    assert stretch is not None
    assert stretch.sites == tuple(RING[at % SIZE] for at in range(10, 10 + len(stretch.sites)))
    assert stretch.next_at == (10 + len(stretch.sites)) % SIZE
    assert (stretch.hold_s, stretch.bits) == (0.0, 0.0)
    assert 120.0 <= len(stretch.sites) * (STEP_S + DWELL_S) <= 700.0


def test_what_cannot_be_reached_is_left_out_and_nothing_is_no_stretch() -> None:
    without = next_stretch(watch(usable=lambda s: s not in {"s1", "s2"}), 0, "s0", 0, 0, rng())
    assert without is not None
    assert not {"s1", "s2"} & set(without.sites)
    assert next_stretch(watch(usable=lambda _: False), 0, "s0", 0.0, 0.0, rng()) is None


@pytest.mark.parametrize("seed", range(40))
def test_no_drawn_visit_is_earlier_or_later_than_a_quarter_of_the_slack(seed: int) -> None:
    """The slack is the promise less the planned gap; the share spent is all of it here."""
    planned = next_stretch(watch(), 0, "s11", 0.0, 0.0, rng())
    drawn = next_stretch(watch(), 0, "s11", 0.0, 1.0, rng(seed))
    assert planned is not None
    assert drawn is not None
    assert sorted(drawn.sites) == sorted(planned.sites)
    quarter_s = (2 * LAP_S - LAP_S) / 4.0
    before, after = arrivals("s11", planned.sites), arrivals("s11", drawn.sites)
    assert all(abs(before[site] - after[site]) <= quarter_s + 1e-6 for site in before)
    assert drawn.hold_s <= 2 * quarter_s
    assert drawn.bits > 0.0
    assert drawn == next_stretch(watch(), 0, "s11", 0.0, 1.0, rng(seed))


def arrivals(start: str, sites: tuple[str, ...]) -> dict[str, float]:
    found, now_s = {}, 0.0
    for here, there in pairwise((start, *sites)):
        now_s += travel(here, there)
        found[there] = now_s
        now_s += DWELL_S
    return found


def test_a_robot_that_follows_another_closely_waits_until_it_is_half_a_round_behind() -> None:
    close = Other(first=True, at=1, away_s=0.0, left=frozenset())
    stretch = next_stretch(watch(2, others=(close,)), 0, "s0", 0.0, 0.0, rng())
    assert stretch is not None
    assert stretch.hold_s == pytest.approx(LAP_S / 2 - (STEP_S + DWELL_S), abs=1.0)
    even = Other(first=True, at=6, away_s=0.0, left=frozenset())
    stretch = next_stretch(watch(2, others=(even,)), 0, "s0", 0.0, 0.0, rng())
    assert stretch is not None
    assert stretch.hold_s == 0.0


def test_of_two_robots_at_one_place_only_the_second_waits() -> None:
    for first, hold_s in ((True, LAP_S / 2), (False, 0.0)):
        other = Other(first=first, at=0, away_s=0.0, left=frozenset())
        stretch = next_stretch(watch(2, others=(other,)), 0, "s0", 0.0, 0.0, rng())
        assert stretch is not None
        assert stretch.hold_s == pytest.approx(hold_s, abs=1.0)


def test_nobody_waits_for_spacing_where_a_promise_would_break() -> None:
    close = Other(first=True, at=3, away_s=0.0, left=frozenset())
    due_s = dict.fromkeys(RING, 2 * LAP_S) | {"s1": STEP_S + DWELL_S + 30.0}
    stretch = next_stretch(watch(2, due_s=due_s, others=(close,)), 0, "s0", 0.0, 0.0, rng())
    assert stretch is not None
    assert stretch.hold_s <= 30.0


def test_sites_of_a_lost_team_go_where_they_cost_least_and_come_back() -> None:
    teams = (
        TeamPlan(RING[:4], 248.0, 1),
        TeamPlan(RING[4:8], 248.0, 1),
        TeamPlan(RING[8:], 248, 1),
    )
    due_s = {site: float(index) for index, site in enumerate(RING)}
    promise_s = dict.fromkeys(RING, 1000.0)
    guests = taken_over(teams, (0, 1, 1), due_s, promise_s, DWELL_S, travel)
    assert sorted(guest.waypoint for guest in guests) == sorted(RING[:4])
    assert {guest.team for guest in guests} == {1, 2}  # neither has to take them all
    around = round_from(teams[1], 1, guests, 0)
    taken = {guest.waypoint for guest in guests if guest.team == 1}
    assert {site for site, _ in around} == {*RING[4:8], *taken}
    assert taken_over(teams, (1, 1, 1), due_s, promise_s, DWELL_S, travel) == ()
    assert taken_over(teams, (0, 0, 0), due_s, promise_s, DWELL_S, travel) == ()


def test_robots_that_share_a_tour_need_nobody_to_take_over() -> None:
    teams = (TeamPlan(RING, LAP_S, 3),)
    due_s = dict.fromkeys(RING, 0.0)
    assert taken_over(teams, (2,), due_s, due_s, DWELL_S, travel) == ()


def test_who_comes_back_begins_in_the_widest_gap() -> None:
    assert widest_gap(12, [0, 3]) == 7  # between 3 and 12
    assert widest_gap(12, [6]) == 0
    assert widest_gap(12, []) == 0


def test_a_tour_made_at_once_sees_every_site_once() -> None:
    times = np.array([[travel(a, b) for b in RING] for a in RING])
    assert sorted(nearest_first(times)) == list(range(SIZE))


def test_fewer_robots_than_are_proven_cannot_drive_the_shortest_forest_in_time() -> None:
    """Two pairs of sites 10 s apart, 1,000 s between them: one robot drives 1,020 s at least."""
    times = np.full((4, 4), 1000.0)
    times[0, 1] = times[1, 0] = times[2, 3] = times[3, 2] = 10.0
    np.fill_diagonal(times, 0.0)
    assert least_robots(times, np.full(4, 900.0)) == 2
    assert least_robots(times, np.full(4, 1100.0)) == 1


def test_a_stop_counts_until_the_robot_goes_on_and_a_pass_only_then() -> None:
    fresh = SiteRecord(100.0, 100.0)
    here = fresh.arrived("a", 400.0, 250.0, own=True, stays=True)
    assert (here.worst_s, here.broken, here.idle_s(450.0)) == (300.0, 1, 0.0)
    gone = here.left("a", 460.0, own=True)
    assert (gone.last_s, gone.idle_s(500.0), gone.staying) == (460.0, 40.0, None)
    passed = gone.arrived("b", 500.0, 250.0, own=False, stays=False)
    assert (passed.by, passed.stopped, passed.own_s, passed.visits) == ("b", False, 460.0, 2)
    assert passed.worst_s == 300.0


def test_a_window_is_open_from_each_occurrence_on_and_ends_with_the_last() -> None:
    zone = "Asia/Shanghai"
    rule = Recurrence("FREQ=DAILY;BYHOUR=22;BYMINUTE=0;BYSECOND=0", zone, date(2026, 1, 1))
    spec = ProgrammeSpec("night", "Night", zone, window=Window(rule, 8 * 3600.0))

    def at(day: int, hour: int) -> float:
        return datetime(2026, 3, day, hour, tzinfo=ZoneInfo(zone)).timestamp()

    assert opening(spec, at(3, 12)) == (at(3, 22), at(4, 6))
    assert opening(spec, at(4, 2)) == (at(3, 22), at(4, 6)), "it is open"
    last = Recurrence(rule.rrule, zone, rule.start, until=date(2026, 3, 2))
    over = ProgrammeSpec("night", "Night", zone, window=Window(last, 8 * 3600.0))
    assert opening(over, at(3, 12)) == (None, None)
    assert opening(ProgrammeSpec("day", "Day", zone), 7.0) == (7.0, None)


def test_logs_of_before_there_were_programmes_are_read() -> None:
    passed = decode('{"type":"NodesPassed","robot":"a","passed":3}')
    assert passed == NodesPassed("a", 3, 0.0)
    task = Task("patrol-1", Category.PATROL, {}, (), 1.0, 1.0)
    new = encode(TaskSubmitted(task, 1))
    old = new.replace('"programme_id":null,"beat":null,', "")
    assert old != new
    assert decode(old) == TaskSubmitted(task, 1)
