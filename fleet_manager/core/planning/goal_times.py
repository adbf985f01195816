"""Times and energies from everywhere to the places where work is, kept as tables of float32.

Robots move and tasks do not: a table has a row for each goal, searched backwards once, and each
decision picks the columns where robots stand.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fleet_manager.core.planning.compiled import Floats, Ints
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
        self._duration_s = np.full((ROWS_AT_FIRST, count + 1), np.inf, np.float32)
        self._energy_wh = np.full((ROWS_AT_FIRST, count + 1), np.inf, np.float32)
        self._rows: dict[str, int] = {}
        self.generation = 0
        indptr, heads, order = routes.arrays.backwards
        self._backwards: tuple[Ints, Ints, Floats, Floats] = (
            indptr,
            heads,
            _frozen(routes.edge_durations_s[order]),
            _frozen(routes.edge_energies_wh[order]),
        )

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

    def times_s(self, rows: Rows, columns: Rows) -> Table:
        """From waypoints to goals, shape (goals, waypoints); infinite where no lanes lead."""
        found: Table = self._duration_s[np.ix_(rows, columns)]
        return found

    def energies_wh(self, rows: Rows, columns: Rows) -> Table:
        """Energy of the same ways."""
        found: Table = self._energy_wh[np.ix_(rows, columns)]
        return found

    def _row(self, goal: str) -> int:
        row = self._rows.get(goal)
        if row is None:
            row = self._rows[goal] = len(self._rows)
            if row == len(self._duration_s):
                self._duration_s, self._energy_wh = (
                    np.concatenate((table, np.full_like(table, np.inf)))
                    for table in (self._duration_s, self._energy_wh)
                )
            self._fill(row, goal)
        return row

    def _fill(self, row: int, goal: str) -> None:
        self._duration_s[row] = np.inf
        self._energy_wh[row] = np.inf
        node = self._nodes.get(goal)
        if node is None:
            return
        from fleet_manager.core.planning import kernels  # numba takes a while to load

        duration_s, energy_wh, _ = kernels.tree(*self._backwards, node)
        self._duration_s[row, :-1] = duration_s
        self._energy_wh[row, :-1] = energy_wh


def _frozen(values: Floats) -> Floats:
    values.setflags(write=False)
    return values
