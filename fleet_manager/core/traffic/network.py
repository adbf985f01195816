"""The graph that traffic is planned on: nodes, edges, the units they occupy, and moves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

EDGES_OF_A_MOVE = 16
"""Longer ways without a place to stop are not planned over."""


class Network(NamedTuple):
    """A graph of nodes and directed edges for one size of robot.

    Attributes:
        indptr, heads: edges that leave node i are `indptr[i]` to `indptr[i + 1]`.
        duration_s: by edge; infinite where it may not be driven.
        clear_s: by edge: after a departure, until the node that was left is clear.
        node_ptr, node_units: units of each node.
        edge_ptr, edge_units: units of each edge's own, without those of its ends.
        may_stop: by node: a robot may wait there.
        move_ptr: moves that leave node i are `move_ptr[i]` to `move_ptr[i + 1]`. A move is an edge
            to a node where a robot may stop, or a way to such a one over nodes where it may not.
        move_edges: edges of each move are `move_edges[move_at[j]]` to `move_edges[move_at[j + 1]]`.
        move_end: node to which each move leads.
        move_s: duration of each.
    """

    indptr: Ints
    heads: Ints
    duration_s: Floats
    clear_s: Floats
    node_ptr: Ints
    node_units: Ints
    edge_ptr: Ints
    edge_units: Ints
    may_stop: NDArray[np.uint8]
    move_ptr: Ints
    move_at: Ints
    move_edges: Ints
    move_end: Ints
    move_s: Floats


def network_of(
    nodes: int,
    edges: Sequence[tuple[int, int]],
    duration_s: Floats,
    clear_s: Floats,
    node_units: Sequence[Sequence[int]],
    edge_units: Sequence[Sequence[int]],
    may_stop: NDArray[np.uint8] | None = None,
    moves_of: Network | None = None,
) -> Network:
    """The network of a directed graph.

    Args:
        edges: tail and head of each, ordered by tail.
        duration_s, clear_s: by edge; see `Network`.
        node_units, edge_units: of each node and edge.
        may_stop: shape (nodes,); None: everywhere.
        moves_of: a network of the same graph, whose moves are the same.
    """
    tails = np.array([tail for tail, _ in edges], np.int64)
    assert (np.diff(tails) >= 0).all(), "edges are ordered by the node they leave"
    heads = np.array([head for _, head in edges], np.int32)
    indptr = _pointers(np.bincount(tails, minlength=nodes))
    stops = np.ones(nodes, np.uint8) if may_stop is None else may_stop
    if moves_of is not None:
        return moves_of._replace(
            duration_s=duration_s,
            clear_s=clear_s,
            node_ptr=_pointers([len(each) for each in node_units]),
            node_units=_joined(node_units),
            edge_ptr=_pointers([len(each) for each in edge_units]),
            edge_units=_joined(edge_units),
            move_s=np.add.reduceat(duration_s[moves_of.move_edges], moves_of.move_at[:-1]),
        )
    moves = [list(_moves(node, indptr, heads, stops)) for node in range(nodes)]
    flat = [move for of_node in moves for move in of_node]
    return Network(
        indptr=indptr,
        heads=heads,
        duration_s=duration_s,
        clear_s=clear_s,
        node_ptr=_pointers([len(each) for each in node_units]),
        node_units=_joined(node_units),
        edge_ptr=_pointers([len(each) for each in edge_units]),
        edge_units=_joined(edge_units),
        may_stop=stops,
        move_ptr=_pointers([len(each) for each in moves]),
        move_at=_pointers([len(each) for each in flat]),
        move_edges=_joined(flat),
        move_end=np.array([heads[each[-1]] for each in flat], np.int32),
        move_s=np.array([duration_s[each].sum() for each in flat], np.float64),
    )


def _moves(
    node: int, indptr: Ints, heads: Ints, may_stop: NDArray[np.uint8]
) -> Iterator[list[int]]:
    """Ways from a node to the next ones where a robot may stop, as edges."""
    begun = [[edge] for edge in range(indptr[node], indptr[node + 1])]
    while begun:
        way = begun.pop()
        there = int(heads[way[-1]])
        if may_stop[there]:
            yield way
        elif len(way) < EDGES_OF_A_MOVE:
            passed = {node, *(int(heads[edge]) for edge in way)}
            onward = range(indptr[there], indptr[there + 1])
            begun += [[*way, edge] for edge in onward if int(heads[edge]) not in passed]


def _pointers(counts: Sequence[int] | NDArray[np.int64]) -> Ints:
    return np.concatenate(([0], np.cumsum(counts))).astype(np.int32)


def _joined(rows: Sequence[Sequence[int]]) -> Ints:
    return np.array([each for row in rows for each in row], np.int32)
