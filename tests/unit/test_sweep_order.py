"""Cells are swept in the order in which least is driven between them."""

from __future__ import annotations

import math
from itertools import pairwise, permutations, product

import numpy as np
import pytest

from fleet_manager.core.planning.coverage import order as ordering
from fleet_manager.core.planning.coverage.order import best_order

Places = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def instance(seed: int, pieces: int) -> tuple[list[int], Places, Places, Places]:
    """Pieces with one to four ways each, that begin and end anywhere in a square."""
    rng = np.random.default_rng(seed)
    choices = rng.integers(1, 5, pieces).tolist()
    begins, ends = rng.uniform(0, 10, (2, sum(choices), 2))
    between = np.hypot(*(ends[:, None] - begins[None, :]).transpose(2, 0, 1))
    start = np.hypot(*begins.T)
    end = 0.5 * np.hypot(*ends.T)
    return choices, between, start, end


def cost_of(
    found: list[tuple[int, int]], choices: list[int], between: Places, start: Places, end: Places
) -> float:
    firsts = np.cumsum([0, *choices])
    ways = [int(firsts[piece]) + way for piece, way in found]
    driven = sum(float(between[a, b]) for a, b in pairwise(ways))
    return float(start[ways[0]]) + driven + float(end[ways[-1]])


def least(choices: list[int], between: Places, start: Places, end: Places) -> float:
    """By trying everything."""
    found = math.inf
    for order in permutations(range(len(choices))):
        for ways in product(*(range(choices[piece]) for piece in order)):
            pairs = list(zip(order, ways, strict=True))
            found = min(found, cost_of(pairs, choices, between, start, end))
    return found


@pytest.mark.parametrize("seed", range(12))
def test_few_cells_are_ordered_as_well_as_can_be(seed: int) -> None:
    given = instance(seed, 1 + seed % 4)
    found = best_order(*given)
    assert sorted(piece for piece, _ in found) == list(range(len(given[0])))
    assert cost_of(found, *given) == pytest.approx(least(*given))


@pytest.mark.parametrize("seed", range(6))
def test_many_cells_are_ordered_nearly_as_well(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    given = instance(100 + seed, 8)
    exact = cost_of(best_order(*given), *given)
    monkeypatch.setattr(ordering, "EXACT_CELLS", 0)
    found = best_order(*given)
    assert sorted(piece for piece, _ in found) == list(range(8))
    assert exact - 1e-9 <= cost_of(found, *given) <= 1.25 * exact


def test_forty_cells_are_all_there_once() -> None:
    given = instance(7, 40)
    assert sorted(piece for piece, _ in best_order(*given)) == list(range(40))
