"""Going over to another plan, by hand on a ring of sites."""

from __future__ import annotations

from itertools import permutations

from fleet_manager.core.planning.changeover import Changeover, Sites, Walker, go_over
from fleet_manager.core.programme import TeamPlan

STEP_S, DWELL_S, SIZE = 60.0, 2.0, 12
LAP_S = SIZE * (STEP_S + DWELL_S)
RING = tuple(f"s{index}" for index in range(SIZE))
PROMISE_S = 2 * LAP_S


def travel(start: str, end: str) -> float:
    """Along the ring, the shorter way round."""
    apart = abs(int(start[1:]) - int(end[1:])) % SIZE
    return STEP_S * min(apart, SIZE - apart)


def sites(**left_s: float) -> Sites:
    """The ring, where all sites were just visited but those that are given."""
    usual = dict.fromkeys(RING, PROMISE_S)
    return Sites({**usual, **left_s}, usual, DWELL_S, travel)


def begin(robots: int, walkers: list[Walker], asked: Sites) -> Changeover:
    return go_over([TeamPlan(RING, LAP_S, robots)], walkers, asked)


def test_a_plan_without_walkers_is_begun_where_sites_are_due_first() -> None:
    asked = sites(s7=1.0, s8=1.0 + STEP_S + DWELL_S)
    assert begin(1, [], asked).starts == ((7,),)
    ((one, other),) = begin(2, [], asked).starts
    assert 7 in (one, other)
    assert (other - one) % SIZE == SIZE // 2


def test_a_robot_begins_where_the_latest_site_is_reached_in_time_from_where_it_is() -> None:
    """s3 is due when the robot can just be there; to begin two places before is too late."""
    change = begin(1, [Walker("s0")], sites(s3=3 * STEP_S))
    assert change.starts == ((3,),)
    assert change.slots == ((0, 0),)
    assert change.late_s <= 0.0


def test_a_stretch_is_broken_off_at_once_unless_the_latest_site_is_its_own() -> None:
    """The robot goes to s1, s2 and s3; what is due is behind it, or at the end of its stretch."""
    walker = Walker("s0", ("s1", "s2", "s3"), 1)
    assert begin(1, [walker], sites(s11=3 * STEP_S)).kept == (1,)
    to_s3 = 3 * STEP_S + 2 * DWELL_S
    change = begin(1, [walker], sites(s3=to_s3, s2=to_s3, s4=to_s3 + STEP_S + DWELL_S))
    assert change.late_s <= 0.0


def test_what_is_in_the_base_is_visited_in_any_case() -> None:
    walker = Walker("s0", ("s1", "s2", "s3"), 2)
    assert begin(1, [walker], sites(s11=0.0)).kept == (2,)


def test_robots_share_teams_so_that_no_site_waits_for_one_from_afar() -> None:
    halves = [TeamPlan(RING[:6], LAP_S / 2, 1), TeamPlan(RING[6:], LAP_S / 2, 1)]
    for here in permutations(("s2", "s8")):
        change = go_over(halves, [Walker(each) for each in here], sites())
        assert [slot[0] for slot in change.slots if slot] == [int(each > "s2") for each in here]


def test_more_robots_than_the_plan_has_are_left_out_and_fewer_leave_starts_open() -> None:
    walkers = [Walker("s0"), Walker("s5"), Walker("s6")]
    change = begin(2, walkers, sites())
    assert sum(slot is not None for slot in change.slots) == 2
    alone = begin(2, walkers[:1], sites())
    assert len(alone.starts[0]) == 2
    assert sum(slot is not None for slot in alone.slots) == 1


def test_a_site_that_the_tour_visits_twice_is_due_at_its_first_visit() -> None:
    tour = ("s0", "s1", "s0", "s11")
    twice = TeamPlan(tour, 4 * (STEP_S + DWELL_S), 1)
    left = dict.fromkeys(tour, 10 * LAP_S) | {"s0": STEP_S + DWELL_S}
    asked = Sites(left, dict.fromkeys(tour, PROMISE_S), DWELL_S, travel)
    assert go_over([twice], [], asked).late_s <= 0.0
