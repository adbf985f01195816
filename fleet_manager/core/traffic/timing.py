"""When everything of a timetable will happen, by the order in which units are used."""

from __future__ import annotations

import numpy as np

from fleet_manager.core.planning.machine_code import kernel
from fleet_manager.core.traffic.network import Ints
from fleet_manager.core.traffic.timetable import ARRIVING, NONE, Entries, Plans


@kernel
def retime(entries: Entries, plans: Plans, now_s: float) -> None:
    """When everything will happen, in the order of the entries, if all go on from now.

    Departures are worked out in the order in which they were planned: what each waits for was
    planned before it. Arrays are named once and no function is called for an entry: one that is
    handed the tables counts references to all their arrays, which took most of the time.
    """
    depart_s, arrive_s, stay_s = plans.depart_s, plans.arrive_s, plans.stay_s
    reached, left, halted = plans.reached, plans.left, plans.halted
    takes_s, clear_s = plans.takes_s, plans.clear_s
    whose, taken, given, how = entries.robot, entries.taken, entries.given, entries.how
    entry_before, of_robot = entries.before, entries.of_robot
    at = entries.first.copy()
    robots, nodes = _in_planned_order(plans)
    for index in range(len(robots)):
        robot, k = robots[index], nodes[index]
        if k > reached[robot] or left[robot] == 0:
            leaves_s = max(arrive_s[robot, k] + stay_s[robot, k], now_s)
            entry = at[robot]
            while entry != NONE and taken[entry] <= k:
                before = entry_before[entry]
                if taken[entry] == k and before != NONE:
                    other, until = whose[before], given[before]
                    if until == NONE:
                        leaves_s = np.inf
                    elif how[before] == ARRIVING:
                        leaves_s = max(leaves_s, arrive_s[other, until + 1])
                    else:
                        clear = depart_s[other, until] + clear_s[other, until]
                        leaves_s = max(leaves_s, clear)
                entry = of_robot[entry]
            at[robot] = entry
            depart_s[robot, k] = np.inf if halted[robot] else leaves_s
        arrive_s[robot, k + 1] = max(depart_s[robot, k] + takes_s[robot, k], now_s)
        if halted[robot]:
            arrive_s[robot, k + 1] = np.inf
    _note_times(entries, plans, now_s)


@kernel
def _in_planned_order(plans: Plans) -> tuple[Ints, Ints]:
    """Robots and nodes of all departures that are to come or have just been, by their times."""
    depart_s, reached, nodes = plans.depart_s, plans.reached, plans.nodes
    count = 0
    for robot in range(len(nodes)):
        count += max(0, nodes[robot] - 1 - reached[robot])
    when_s = np.empty(count)
    robots = np.empty(count, np.int32)
    which = np.empty(count, np.int32)
    count = 0
    for robot in range(len(nodes)):
        for k in range(reached[robot], nodes[robot] - 1):
            when_s[count] = depart_s[robot, k]
            robots[count] = robot
            which[count] = k
            count += 1
    order = np.argsort(when_s, kind="mergesort")
    return robots[order], which[order]


@kernel
def _note_times(entries: Entries, plans: Plans, now_s: float) -> None:
    """Give entries the times of their robots' plans."""
    depart_s, arrive_s, reached = plans.depart_s, plans.arrive_s, plans.reached
    taken, given, how, clear_s = entries.taken, entries.given, entries.how, plans.clear_s
    start_s, end_s, of_robot = entries.start_s, entries.end_s, entries.of_robot
    for robot in range(len(reached)):
        entry = entries.first[robot]
        while entry != NONE:
            if taken[entry] < plans.released[robot]:
                start_s[entry] = -np.inf  # nobody comes before it any more
            elif taken[entry] >= reached[robot]:
                start_s[entry] = depart_s[robot, taken[entry]]
            else:  # it has this already, be it sooner than was planned
                start_s[entry] = min(start_s[entry], now_s)
            until = given[entry]
            if until == NONE:
                end_s[entry] = np.inf
            elif how[entry] == ARRIVING:
                end_s[entry] = arrive_s[robot, until + 1]
            elif plans.halted[robot]:
                end_s[entry] = np.inf
            else:
                end_s[entry] = depart_s[robot, until] + clear_s[robot, until]
            entry = of_robot[entry]
