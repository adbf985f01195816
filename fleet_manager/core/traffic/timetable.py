"""Who occupies what from when to when: one list of entries for each unit of space, in their order.

A *unit* is a piece of the campus that one robot has at a time. Waypoints and lanes occupy units;
those of two elements that robots may not be on at once have a unit in common. A robot's plan is a
way with a time of departure at each of its nodes. With its departure from node k it takes what lane
k and node k + 1 occupy, or, on a stretch where it must not stop, all that the stretch occupies; it
gives back node k soon after it has left it, and lane k when it arrives.

The order of the entries of a unit is the order in which robots use it, however late they are. It
comes from planned times, in which each departure comes after the departures that it waits for: so
the waits form no circle (Hönig et al. 2019, action dependency graphs). `retime` works out anew
when everything will happen, in that order.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fleet_manager.core.planning.machine_code import kernel
from fleet_manager.core.traffic.network import Floats, Ints, Network

NONE = -1
ARRIVING = 1
DEPARTING = 0


class Entries(NamedTuple):
    """Entries of all units in one pool; entries of a unit are linked in their order.

    Attributes:
        unit, robot: whose and of what.
        taken: index of the node with whose departure the unit is taken.
        given: index of the node with whose departure, or the arrival after it, it is given back;
            NONE: never.
        how: DEPARTING or ARRIVING.
        start_s, end_s: planned.
        after, before: the next and the last entry of the unit; NONE at its ends.
        of_robot: the robot's next entry in the order in which they are taken.
        head: first entry of each unit.
        first, last: entries of each robot.
        free: the first free entry, linked by `after`; shape (1,).
    """

    unit: Ints
    robot: Ints
    taken: Ints
    given: Ints
    how: Ints
    start_s: Floats
    end_s: Floats
    after: Ints
    before: Ints
    of_robot: Ints
    head: Ints
    first: Ints
    last: Ints
    free: Ints


class Plans(NamedTuple):
    """The ways of all robots, a row each.

    Attributes:
        node, edge: of the way: edge k leads from node k to node k + 1.
        depart_s, arrive_s: at node k; a departure that never comes is infinite.
        stay_s: at node k at least.
        takes_s: of edge k.
        clear_s: of edge k: after the departure, until node k is clear.
        grasp: node with whose departure the units of node k + 1 are taken.
        nodes: how many nodes the way has.
        reached: the last node at which the robot has been.
        left: whether it has departed from there.
        released: the last node to which it may go without asking; what it takes until then is its.
        halted: whether it does not go on, for nobody knows how long.
    """

    node: Ints
    edge: Ints
    depart_s: Floats
    arrive_s: Floats
    stay_s: Floats
    takes_s: Floats
    clear_s: Floats
    grasp: Ints
    nodes: Ints
    reached: Ints
    left: NDArray[np.uint8]
    released: Ints
    halted: NDArray[np.uint8]


def entries_for(units: int, robots: int, capacity: int) -> Entries:
    """No entries yet, with room for so many."""
    after = np.arange(1, capacity + 1, dtype=np.int32)
    after[-1] = NONE

    def ints(size: int) -> Ints:
        return np.full(size, NONE, np.int32)

    return Entries(
        unit=ints(capacity),
        robot=ints(capacity),
        taken=ints(capacity),
        given=ints(capacity),
        how=ints(capacity),
        start_s=np.zeros(capacity),
        end_s=np.zeros(capacity),
        after=after,
        before=ints(capacity),
        of_robot=ints(capacity),
        head=ints(units),
        first=ints(robots),
        last=ints(robots),
        free=np.zeros(1, np.int32),
    )


def plans_for(robots: int, nodes: int) -> Plans:
    """No plans yet, with room for ways of so many nodes."""
    return Plans(
        node=np.full((robots, nodes), NONE, np.int32),
        edge=np.full((robots, nodes), NONE, np.int32),
        depart_s=np.full((robots, nodes), np.inf),
        arrive_s=np.full((robots, nodes), np.inf),
        stay_s=np.zeros((robots, nodes)),
        takes_s=np.zeros((robots, nodes)),
        clear_s=np.zeros((robots, nodes)),
        grasp=np.full((robots, nodes), NONE, np.int32),
        nodes=np.zeros(robots, np.int32),
        reached=np.zeros(robots, np.int32),
        left=np.zeros(robots, np.uint8),
        released=np.zeros(robots, np.int32),
        halted=np.zeros(robots, np.uint8),
    )


@kernel
def insert(
    entries: Entries,
    unit: int,
    robot: int,
    taken: int,
    given: int,
    how: int,
    start_s: float,
    end_s: float,
) -> int:
    """Put an entry into its unit, where its time is free; returns it, NONE: the pool is full."""
    new = entries.free[0]
    if new == NONE:
        return NONE
    entries.free[0] = entries.after[new]
    before, after = NONE, entries.head[unit]
    while after != NONE and entries.start_s[after] < start_s:
        before, after = after, entries.after[after]
    entries.unit[new] = unit
    entries.robot[new] = robot
    entries.taken[new] = taken
    entries.given[new] = given
    entries.how[new] = how
    entries.start_s[new] = start_s
    entries.end_s[new] = end_s
    entries.before[new] = before
    entries.after[new] = after
    if before == NONE:
        entries.head[unit] = new
    else:
        entries.after[before] = new
    if after != NONE:
        entries.before[after] = new
    entries.of_robot[new] = NONE
    if entries.first[robot] == NONE:
        entries.first[robot] = new
    else:
        entries.of_robot[entries.last[robot]] = new
    entries.last[robot] = new
    return int(new)


@kernel
def _unlink(entries: Entries, entry: int) -> None:
    """Take an entry out of its unit and give its place back."""
    before, after = entries.before[entry], entries.after[entry]
    if before == NONE:
        entries.head[entries.unit[entry]] = after
    else:
        entries.after[before] = after
    if after != NONE:
        entries.before[after] = before
    entries.after[entry] = entries.free[0]
    entries.free[0] = entry


@kernel
def drop_given(entries: Entries, plans: Plans, robot: int) -> None:
    """Drop what a robot has given back by now."""
    reached = plans.reached[robot]
    previous, entry = NONE, entries.first[robot]
    while entry != NONE:
        following = entries.of_robot[entry]
        given = entries.given[entry]
        back = given != NONE and (
            given < reached
            or (given == reached and plans.left[robot] == 1 and entries.how[entry] == DEPARTING)
        )
        if back:
            if previous == NONE:
                entries.first[robot] = following
            else:
                entries.of_robot[previous] = following
            if entries.last[robot] == entry:
                entries.last[robot] = previous
            _unlink(entries, entry)
        else:
            previous = entry
        entry = following


@kernel
def drop_all(entries: Entries, robot: int) -> None:
    """Drop all that a robot has and would take."""
    entry = entries.first[robot]
    while entry != NONE:
        following = entries.of_robot[entry]
        _unlink(entries, entry)
        entry = following
    entries.first[robot] = NONE
    entries.last[robot] = NONE


@kernel
def forget_behind(entries: Entries, plans: Plans, robot: int) -> int:
    """Have a robot's row begin with the node that it has reached; returns how many are gone."""
    gone = plans.reached[robot]
    if gone == 0:
        return 0
    count = plans.nodes[robot] - gone
    for k in range(count):
        plans.node[robot, k] = plans.node[robot, k + gone]
        plans.edge[robot, k] = plans.edge[robot, k + gone]
        plans.depart_s[robot, k] = plans.depart_s[robot, k + gone]
        plans.arrive_s[robot, k] = plans.arrive_s[robot, k + gone]
        plans.stay_s[robot, k] = plans.stay_s[robot, k + gone]
        plans.takes_s[robot, k] = plans.takes_s[robot, k + gone]
        plans.clear_s[robot, k] = plans.clear_s[robot, k + gone]
        plans.grasp[robot, k] = max(plans.grasp[robot, k + gone] - gone, NONE)
    plans.nodes[robot] = count
    plans.reached[robot] = 0
    plans.released[robot] = max(plans.released[robot] - gone, 0)
    entry = entries.first[robot]
    while entry != NONE:
        entries.taken[entry] = max(entries.taken[entry] - gone, NONE)
        if entries.given[entry] != NONE:
            entries.given[entry] -= gone
        entry = entries.of_robot[entry]
    return int(gone)


@kernel
def give_rest(network: Network, entries: Entries, plans: Plans, robot: int) -> None:
    """What a robot had where it stood, and its way does not lead to, is given back as it leaves."""
    if plans.nodes[robot] < 2:
        return
    at_end = units_at(network, plans.node[robot, plans.nodes[robot] - 1])
    entry = entries.first[robot]
    while entry != NONE:
        stays = entries.given[entry] == NONE and entries.taken[entry] == NONE
        if stays and not _among(at_end, entries.unit[entry]):
            entries.given[entry] = 0
            entries.how[entry] = DEPARTING
            entries.end_s[entry] = plans.depart_s[robot, 0] + plans.clear_s[robot, 0]
        entry = entries.of_robot[entry]


@kernel
def drop_from(entries: Entries, plans: Plans, robot: int, node: int) -> None:
    """Take back what a robot would take with its departures from a node on.

    The entries of the node itself stay, and are its own for ever.
    """
    previous, entry = NONE, entries.first[robot]
    while entry != NONE:
        following = entries.of_robot[entry]
        if entries.taken[entry] >= node:
            if previous == NONE:
                entries.first[robot] = following
            else:
                entries.of_robot[previous] = following
            _unlink(entries, entry)
        else:
            if entries.given[entry] >= node:
                entries.given[entry] = NONE
                entries.end_s[entry] = np.inf
            previous = entry
        entry = following
    entries.last[robot] = previous
    plans.nodes[robot] = node + 1
    plans.depart_s[robot, node] = np.inf


@kernel
def units_at(network: Network, node: int) -> Ints:
    """The units of a node."""
    return network.node_units[network.node_ptr[node] : network.node_ptr[node + 1]]


@kernel
def _among(units: Ints, unit: int) -> bool:
    for each in units:  # noqa: SIM110 - numba has no generators in any()
        if each == unit:
            return True
    return False


@kernel
def _open_entry(entries: Entries, robot: int, unit: int, node: int) -> int:
    """The robot's entry in a unit that it gives back no sooner than it leaves a node, or NONE."""
    entry = entries.first[robot]
    while entry != NONE:
        given = entries.given[entry]
        if entries.unit[entry] == unit and (given == NONE or given >= node):
            return int(entry)
        entry = entries.of_robot[entry]
    return NONE


@kernel
def _take(entries: Entries, plans: Plans, robot: int, k: int, units: Ints) -> bool:
    """Enter units that are taken for lane k and node k + 1; False: no room."""
    grasp = plans.grasp[robot, k]
    start_s = plans.depart_s[robot, grasp]
    for unit in units:
        entry = _open_entry(entries, robot, unit, grasp)
        if entry != NONE:  # on a stretch without a stop it is kept for what follows
            entries.given[entry] = NONE
            entries.end_s[entry] = np.inf
            continue
        if insert(entries, unit, robot, grasp, NONE, DEPARTING, start_s, np.inf) == NONE:
            return False
    return True


@kernel
def _give(entries: Entries, robot: int, unit: int, k: int, how: int, end_s: float) -> None:
    entry = _open_entry(entries, robot, unit, k)
    if entry != NONE:
        entries.given[entry] = k
        entries.how[entry] = how
        entries.end_s[entry] = end_s


@kernel
def occupy(network: Network, entries: Entries, plans: Plans, robot: int, begin: int) -> bool:
    """Enter what the way of a robot occupies from a node on, where its entries end; False: no room.

    The unit of neighbouring elements is one entry from the first to the last of them.
    """
    for k in range(begin, plans.nodes[robot] - 1):
        edge, there = plans.edge[robot, k], plans.node[robot, k + 1]
        first, last = network.edge_ptr[edge], network.edge_ptr[edge + 1]
        of_edge = network.edge_units[first:last]
        of_node = units_at(network, there)
        if not _take(entries, plans, robot, k, of_edge):
            return False
        if not _take(entries, plans, robot, k, of_node):
            return False
        for unit in units_at(network, plans.node[robot, k]):
            if not _among(of_edge, unit) and not _among(of_node, unit):
                end_s = plans.depart_s[robot, k] + plans.clear_s[robot, k]
                _give(entries, robot, unit, k, DEPARTING, end_s)
        for unit in of_edge:
            if not _among(of_node, unit):
                _give(entries, robot, unit, k, ARRIVING, plans.arrive_s[robot, k + 1])
    return True


@kernel
def may_take(entries: Entries, robot: int, node: int) -> bool:
    """Whether everything that a robot takes with its departure from a node is given back."""
    entry = entries.first[robot]
    while entry != NONE:
        if entries.taken[entry] == node and entries.before[entry] != NONE:
            return False
        if entries.taken[entry] > node:
            break
        entry = entries.of_robot[entry]
    return True


@kernel
def waits_for(entries: Entries, robot: int, node: int) -> int:
    """A robot that has to give something back before another may depart from a node, or NONE."""
    entry = entries.first[robot]
    while entry != NONE:
        if entries.taken[entry] == node and entries.before[entry] != NONE:
            return int(entries.robot[entries.before[entry]])
        entry = entries.of_robot[entry]
    return NONE


@kernel
def waits(entries: Entries, robot: int) -> Ints:
    """Whom a robot comes directly after: node whose departure waits, robot, node, how; a row each.

    The other robot gives the unit back with its departure from the node, or, where how is ARRIVING,
    its arrival after it. Node NONE: it never does.
    """
    count = 0
    entry = entries.first[robot]
    while entry != NONE:
        count += 1
        entry = entries.of_robot[entry]
    found = np.empty((count, 4), np.int32)
    count = 0
    entry = entries.first[robot]
    while entry != NONE:
        before = entries.before[entry]
        if before != NONE and entries.robot[before] != robot:
            found[count, 0] = entries.taken[entry]
            found[count, 1] = entries.robot[before]
            found[count, 2] = entries.given[before]
            found[count, 3] = entries.how[before]
            count += 1
        entry = entries.of_robot[entry]
    return found[:count]


@kernel
def followers(entries: Entries, robot: int) -> Ints:
    """Robots that come directly after a robot in a unit; one may be named more than once."""
    count = 0
    entry = entries.first[robot]
    while entry != NONE:
        count += 1
        entry = entries.of_robot[entry]
    found = np.empty(count, np.int32)
    count = 0
    entry = entries.first[robot]
    while entry != NONE:
        after = entries.after[entry]
        if after != NONE and entries.robot[after] != robot:
            found[count] = entries.robot[after]
            count += 1
        entry = entries.of_robot[entry]
    return found[:count]
