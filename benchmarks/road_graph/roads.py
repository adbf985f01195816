"""A campus drawn at random: a grid of streets, thinned to bridges and dead ends, with bays.

A random spanning tree of the grid keeps it in one part; streets that were not in the tree are put
back at random until there are as many as asked for. With 5,000 crossings and 7,000 streets some
400 streets are bridges and some 300 crossings dead ends, as on the campus graphs that
`../shared/PLANNING.md` counts. Bays are leaves at random crossings, so that the campus is
well-formed: whoever rests in a bay is in nobody's way.
"""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra, minimum_spanning_tree

from fleet_manager.core.traffic.network import Network, network_of

NODES, STREETS = 5000, 7000
BAYS_A_ROBOT = 1.5
CLEAR_S = 1e-3
"""Next to nothing: a robot may enter what another leaves in the same step, as in the literature."""

Ints = NDArray[np.int32]
Pairs = NDArray[np.int64]


@dataclass(frozen=True)
class Roads:
    """Streets of unit length, both ways, and bays.

    Attributes:
        nodes: crossings and bays; bays come last.
        streets: ends of each, shape (m, 2); those to bays come last.
        bays: nodes.
        network: of crossings, bays and streets, where each is a unit of space of its own.
        units: how many there are.
        steps_to: shape (bays, nodes): how many steps a robot alone needs from each node to a bay.
    """

    nodes: int
    streets: Pairs
    bays: Ints
    network: Network
    units: int
    steps_to: NDArray[np.float32]

    def without_bays(self) -> nx.Graph[int]:
        """The streets between crossings."""
        crossings = self.nodes - len(self.bays)
        return nx.Graph(self.streets[self.streets.max(axis=1) < crossings].tolist())

    def bridges(self) -> int:
        """Streets that are the only way from one part of the campus to another."""
        return sum(1 for _ in nx.bridges(self.without_bays()))

    def dead_ends(self) -> int:
        """Crossings with one street, those to bays not counted."""
        return sum(1 for _, degree in self.without_bays().degree() if degree == 1)


def random_roads(robots: int, seed: int, nodes: int = NODES, streets: int = STREETS) -> Roads:
    """A campus for so many robots.

    Args:
        nodes, streets: how many crossings, and streets between them.
    """
    rng = np.random.default_rng(seed)
    kept = _thinned(nodes, streets, rng)
    count = int(BAYS_A_ROBOT * robots)
    beside = rng.integers(0, nodes, count)
    bays = np.arange(nodes, nodes + count)
    return roads_of(nodes + count, np.concatenate([kept, np.stack([beside, bays], axis=1)]), bays)


def _thinned(nodes: int, streets: int, rng: np.random.Generator) -> Pairs:
    """Streets of a grid as square as can be, in one part."""
    wide = round(nodes**0.5)
    at = np.arange(-(-nodes // wide) * wide).reshape(-1, wide)
    along = np.stack([at[:, :-1].ravel(), at[:, 1:].ravel()], axis=1)
    across = np.stack([at[:-1].ravel(), at[1:].ravel()], axis=1)
    grid = np.concatenate([along, across])
    grid = grid[grid.max(axis=1) < nodes]
    weight = 1.0 + rng.random(len(grid))
    tree = minimum_spanning_tree(csr_matrix((weight, grid.T), shape=(nodes, nodes)))
    in_tree = np.asarray(tree[grid[:, 0], grid[:, 1]]).ravel() > 0
    others = rng.permutation(np.flatnonzero(~in_tree))[: streets - (nodes - 1)]
    return grid[np.sort(np.concatenate([np.flatnonzero(in_tree), others]))]


def roads_of(nodes: int, streets: Pairs, bays: NDArray[np.int64]) -> Roads:
    """Roads of these streets, each driven in a step."""
    both = np.concatenate([streets, streets[:, ::-1]])
    of = np.tile(np.arange(len(streets)), 2)
    order = np.lexsort((both[:, 1], both[:, 0]))
    both, of = both[order], of[order]
    network = network_of(
        nodes,
        [(tail, head) for tail, head in both.tolist()],
        np.ones(len(both)),
        np.full(len(both), CLEAR_S),
        [[node] for node in range(nodes)],
        [[nodes + street] for street in of.tolist()],
    )
    lengths = csr_matrix((np.ones(len(both)), both.T), shape=(nodes, nodes))
    steps_to = dijkstra(lengths, indices=bays, unweighted=True).astype(np.float32)
    return Roads(nodes, streets, bays.astype(np.int32), network, nodes + len(streets), steps_to)
