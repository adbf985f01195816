"""Times and energies from everywhere to the places where work is, kept as tables of float32.

Robots move and tasks do not: a table has a row for each goal, searched backwards once, and each
decision picks the columns where robots stand.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fleet_manager.core.planning.routes import Routes

ROWS_AT_FIRST = 64
ROWS_KEPT_BYTES = 64_000_000

Table = NDArray[np.float32]
Rows = NDArray[np.int64]


class GoalTimes:
    """Tables of one kind of robot on one set of routes.

    Attributes:
        routes: what the tables are of.
        generation: rows that were told before it changed are not valid any more.
    """

    def __init__(self, routes: Routes) -> None:
        self.routes = routes
        self._nodes = routes.arrays.nodes
        count = len(routes.arrays.ids)
        self._rows_kept = max(ROWS_AT_FIRST, ROWS_KEPT_BYTES // (8 * max(1, count)))
        self._table = np.full((ROWS_AT_FIRST, count + 1, 2), np.inf, np.float32)
        self._rows: dict[str, int] = {}
        self.generation = 0

    def columns(self, waypoints: Sequence[str]) -> Rows:
        """Columns of waypoints; the last column, of infinite times, for those not on the map."""
        beyond = len(self._nodes)
        return np.array([self._nodes.get(each, beyond) for each in waypoints], np.int64)

    def rows(self, goals: Sequence[str]) -> Rows:
        """Rows of goals; a goal that is new is searched for once."""
        if len(self._rows) + len(set(goals)) > self._rows_kept:
            self._rows.clear()
            self.generation += 1
        return np.array([self._row(each) for each in goals], np.int64)

    def ways(self, rows: Rows, columns: Rows) -> tuple[Table, Table]:
        """Times and energies from waypoints to goals, shape (goals, waypoints).

        Infinite where no lanes lead.
        """
        pairs = self._table.view(np.float64)[..., 0]  # both in one look: most of it is memory
        found = pairs[np.ix_(rows, columns)].view(np.float32).reshape(len(rows), -1, 2)
        return found[..., 0], found[..., 1]

    def _row(self, goal: str) -> int:
        row = self._rows.get(goal)
        if row is None:
            row = self._rows[goal] = len(self._rows)
            if row == len(self._table):
                self._table = np.concatenate((self._table, np.full_like(self._table, np.inf)))
            self._fill(row, goal)
        return row

    def _fill(self, row: int, goal: str) -> None:
        self._table[row] = np.inf
        node = self._nodes.get(goal)
        if node is None:
            return
        from fleet_manager.core.planning import kernels  # numba takes a while to load

        duration_s, energy_wh, _ = kernels.tree(*self.routes.backwards, node)
        self._table[row, :-1, 0] = duration_s
        self._table[row, :-1, 1] = energy_wh
