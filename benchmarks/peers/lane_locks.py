"""A plain manager: each robot drives the shortest way, and locks the next lane and node before it.

What open fleet managers without a plan do: a robot leaves a node when the next one and the lane to
it are free, whoever asks first; it gives its node back as it leaves. `Ghosts` is the same
without locks: how fast robots would be if they were alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.road_graph.roads import Roads
from benchmarks.road_graph.trial import Flags, Nodes
from fleet_manager.core.planning.machine_code import kernel
from fleet_manager.core.traffic.network import Ints

NOBODY = -1


class LaneLocks:
    """Locks, and the shortest way."""

    name = "lane locks"

    def __init__(self, roads: Roads, robots: int, locks: bool = True) -> None:
        self.roads = roads
        self.locks = locks
        self.at = np.zeros(robots, np.int32)
        self.bay = np.full(robots, NOBODY, np.int32)
        self.holder = np.full(roads.nodes, NOBODY, np.int32)

    def begin(self, spots: Nodes) -> None:
        """See `Director`."""
        self.at[:] = spots
        self.holder[spots] = np.arange(len(spots))

    def prepare(self, step: int) -> None:
        """See `Director`."""

    def assign(self, robot: int, bay: int, step: int) -> bool:
        """See `Director`."""
        self.bay[robot] = bay
        return True

    def move(self, stalled: Flags, step: int) -> Nodes:
        """See `Director`."""
        network = self.roads.network
        moved = np.array(stalled, np.uint8)
        follow(
            network.indptr,
            network.heads,
            self.roads.steps_to,
            self.bay,
            self.at,
            self.holder,
            moved,
            self.locks,
        )
        return self.at

    def bytes_used(self) -> int:
        """See `Director`."""
        return int(self.at.nbytes + self.bay.nbytes + self.holder.nbytes)


class Ghosts(LaneLocks):
    """Robots that drive through each other: the physical limit."""

    name = "free flow"

    def __init__(self, roads: Roads, robots: int) -> None:
        super().__init__(roads, robots, locks=False)


@kernel
def follow(
    indptr: Ints,
    heads: Ints,
    steps_to: NDArray[np.float32],
    bay: Ints,
    at: Ints,
    holder: Ints,
    moved: Flags,
    locks: bool,
) -> None:
    """One step of all robots that may take one; `moved` are those that may not any more."""
    changed = True
    while changed:
        changed = False
        for robot in range(len(at)):
            if moved[robot] == 1 or bay[robot] == NOBODY:
                continue
            here = at[robot]
            left = steps_to[bay[robot]]
            there = here
            for edge in range(indptr[here], indptr[here + 1]):
                if left[heads[edge]] < left[there]:
                    there = heads[edge]
            if there == here or (locks and holder[there] != NOBODY):
                continue
            if locks:
                # Whoever has the lane in the other direction stands on the node that it leads to
                # until it leaves, so that the node's lock is the lane's as well.
                holder[here] = NOBODY
                holder[there] = robot
            at[robot] = there
            moved[robot] = 1
            changed = True
