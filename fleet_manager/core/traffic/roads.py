"""The campus's lanes as networks for each kind of robot, and what is left to places on them."""

from __future__ import annotations

from collections import OrderedDict
from functools import lru_cache

import numpy as np

from fleet_manager.core.planning.compiled import CompiledCampus, Flags, compiled
from fleet_manager.core.site import Site
from fleet_manager.core.traffic.network import Floats, Network, network_of
from fleet_manager.core.traffic.space import Space

GOALS_KEPT, ENDS_KEPT = 256, 16


class Roads:
    """The graph of one kind of robot as it is now, and what is left to places on it."""

    def __init__(self, arrays: CompiledCampus, network: Network) -> None:
        self.network = network
        indptr, heads, order = arrays.backwards
        self._backwards = (indptr, heads, network.duration_s[order])
        self._nodes = len(arrays.ids)
        self._any: OrderedDict[int, tuple[Flags, Floats]] = OrderedDict()
        self.to_s = lru_cache(GOALS_KEPT)(self._to_s)

    def _to_s(self, node: int) -> Floats:
        """Least time from each node to one."""
        ends = np.zeros(self._nodes, np.uint8)
        ends[node] = 1
        return self._search(ends)

    def to_any_s(self, ends: Flags) -> Floats:
        """Least time from each node to the nearest end."""
        found = self._any.get(id(ends))
        if found is None or found[0] is not ends:
            found = self._any[id(ends)] = (ends, self._search(ends))
            if len(self._any) > ENDS_KEPT:
                self._any.popitem(last=False)
        return found[1]

    def _search(self, ends: Flags) -> Floats:
        from fleet_manager.core.planning import kernels  # numba takes a while to load

        found: Floats = kernels.to_nearest(*self._backwards, ends)
        return found


def networks_of(site: Site, space: Space) -> dict[str, Network]:
    """The graph for each kind of robot, with all lanes open."""
    campus, arrays = site.campus, compiled(site.campus)
    edges = list(zip(arrays.tails.tolist(), arrays.heads.tolist(), strict=True))
    may_stop = np.array(
        [campus.is_bay(each) or campus.may_end_base(each) for each in arrays.ids], np.uint8
    )
    found: dict[str, Network] = {}
    for name, kind in site.fleet.kinds.items():
        size = space.size_of(kind.footprint_radius_m)
        duration_s = arrays.durations_s(kind, frozenset())
        same = next(iter(found.values()), None)
        node_units = [space.waypoints[each][size] for each in arrays.ids]
        edge_units = [space.lanes[each.feature_id][size] for each in arrays.lanes]
        network = network_of(
            len(arrays.ids),
            edges,
            duration_s,
            duration_s,
            node_units,
            edge_units,
            may_stop,
            moves_of=same,
        )
        found[name] = timed(network, duration_s, arrays.length_m, space.clear_m[size])
    return found


def timed(network: Network, duration_s: Floats, length_m: Floats, clear_m: float) -> Network:
    """The graph with other durations of its edges."""
    share = np.minimum(1.0, clear_m / np.maximum(length_m, 1e-9))
    moves = duration_s[network.move_edges]
    return network._replace(
        duration_s=np.ascontiguousarray(duration_s),
        clear_s=duration_s * share,
        move_s=np.add.reduceat(moves, network.move_at[:-1]) if len(moves) else moves,
    )
