"""Proven lower bounds on the worst weighted idleness of any patrol, whatever its plan.

All bounds hold for robots of one pace that need no time at sites. Distances are in seconds.

The *window bound*: let w_1 be the least weight or, where other weights are no multiples of it, a
half, third or quarter of it; W the worst weighted idleness of some plan, and
q_v the whole part of w_v/w_1. Divide time into windows of T = W/w_1, and for site v each window
into q_v equal spans: none is shorter than W/w_v, so v is visited in each. Choose one visit a span
and skip the others, which lengthens no way (triangle inequality): a visit has one way in and one
way out. Within a window the ways of k robots join all n sites into at most k pieces, so they
contain a spanning forest of n - k edges. With multipliers p (reduced costs c_uv = d_uv - p_u - p_v,
and r_v the least that an edge at v can cost) every other edge costs at least half of r at each of
its ends. Therefore, averaged over windows,

    k T  >=  MSF_{n-k}(c_uv - (r_u + r_v)/2) + sum of q_v (2 p_v + r_v)

where a way from v to v itself is either an excursion, of at least twice the way to v's nearest
neighbour, or a stay over the end of a span. With spans shifted at random a site that is stayed at
for a share s_v of the time has s_v q_v of them a window, which take s_v T: a stay costs T/q_v. The
shares add up to k at most, so that the k sites at which staying spares most are taken out. The
multipliers are found by subgradient ascent (Held and Karp 1971); each of them gives a valid bound.
For weights it is taken over the sites from some weight on too, because leaving sites out makes a
patrol no harder.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

import numpy as np
import numpy.typing as npt

from fleet_manager.core.planning.machine_code import kernel

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

ASCENT_STEPS = 4000
MOST_THRESHOLDS = 8
_SHARES = (1, 2, 3, 4)
_PATIENCE = 20
_SMALLEST_STEP = 1e-4


@dataclass(frozen=True, slots=True)
class Bound:
    """No plan has a worst weighted idleness below `value_s` (seconds, times the weight)."""

    value_s: float
    name: str


def lower_bound(
    distances: Floats,
    weights: Floats,
    robots: int,
    upper_s: float = inf,
    steps: int = ASCENT_STEPS,
    enough_s: float = inf,
) -> Bound:
    """The best of all bounds on the worst weighted idleness, or the first above `enough_s`.

    Args:
        distances: shape (n, n), seconds; where directions differ, the shorter one counts.
        weights: shape (n,), greater than 0.
        robots: how many patrol.
        upper_s: the value of some plan; guides the ascent, cannot spoil the bound.
        steps: of each ascent.
    """
    best = Bound(0.0, "trivial")
    for bound in _bounds(_metric(distances), weights, robots, upper_s, steps):
        if bound.value_s > best.value_s:
            best = bound
        if best.value_s > enough_s:
            break
    return best


def _bounds(
    metric: Floats, weights: Floats, robots: int, upper_s: float, steps: int
) -> Iterator[Bound]:
    for least in _thresholds(weights):
        chosen = np.flatnonzero(weights >= least)
        part = np.ascontiguousarray(metric[np.ix_(chosen, chosen)])
        if len(chosen) <= robots:
            continue  # a robot for each: it may stay there
        where = "" if len(chosen) == len(weights) else f", weights from {least:g}"
        yield Bound(float(least) * packing(part, robots), f"packing{where}")
        yield Bound(arrivals(part, weights[chosen], robots), f"arrivals{where}")
        if robots == 1 and np.all(weights[chosen] == least):
            yield Bound(float(least) * held_karp(part, upper_s / least, steps), f"Held-Karp{where}")
        if robots == 2:
            yield Bound(float(least) * two_robots(part, upper_s / least, steps), f"tours{where}")
        for share in _shares_of_least(weights[chosen]):
            value_s = window(part, weights[chosen], robots, upper_s, steps, share)
            yield Bound(value_s, f"window{where}")


def _thresholds(weights: Floats) -> Floats:
    """Weights from which on sites are taken: all there are, or some spread over them."""
    found = np.unique(weights)
    if len(found) <= MOST_THRESHOLDS:
        return found
    spread = np.linspace(0, len(found) - 1, MOST_THRESHOLDS).round().astype(np.int64)
    return found[spread]


def _shares_of_least(weights: Floats) -> tuple[int, ...]:
    """Which parts of the least weight the others are measured by."""
    times = weights / weights.min()
    return (1,) if np.allclose(times, times.round()) else _SHARES


def _metric(distances: Floats) -> Floats:
    """The shorter direction, closed under shortest paths."""
    from scipy.sparse.csgraph import shortest_path

    least = np.minimum(distances, distances.T)
    closed: Floats = shortest_path(np.ascontiguousarray(least), method="FW")
    return closed


def packing(metric: Floats, robots: int) -> float:
    """Of robots + 1 sites some robot visits two within any window: the closest pair's distance.

    The sites are chosen by farthest-first traversal from each site (Gonzalez 1985), seconds.
    """
    best = 0.0
    for start in range(len(metric)):
        nearest = metric[start].copy()
        closest = inf
        for _ in range(robots):
            farthest = int(np.argmax(nearest))
            closest = min(closest, float(nearest[farthest]))
            nearest = np.minimum(nearest, metric[farthest])
        best = max(best, closest)
    return best


def arrivals(metric: Floats, weights: Floats, robots: int) -> float:
    """Every arrival at a site takes at least the way from its nearest neighbour.

    For a share of the time that nobody stays at site v it is arrived at every W/w_v, hence
    robots >= sum of min(1, w_v nn_v / W). The least such W, seconds times weight.
    """
    apart = weights * (metric + np.diag(np.full(len(metric), inf))).min(axis=1)
    low, high = 0.0, float(apart.sum())
    for _ in range(60):
        middle = (low + high) / 2.0
        if np.minimum(1.0, apart / middle).sum() > robots:
            low = middle
        else:
            high = middle
    return low


def held_karp(metric: Floats, upper_s: float = inf, steps: int = ASCENT_STEPS) -> float:
    """Bound on the shortest closed tour, which one robot repeats (Held and Karp 1971), seconds."""
    if len(metric) < 3:
        return float(2.0 * metric.max(initial=0.0))
    return float(_ascend_one_tree(metric, _finite(upper_s, metric), steps))


def two_robots(metric: Floats, upper_s: float = inf, steps: int = ASCENT_STEPS) -> float:
    """Of two robots' patrols, robots spaced on closed tours are as good as any (Afshani et al.
    2022, whose factor 2 (1 - 1/k) is 1 for two), seconds.

    They share a tour, or have one each; two tours are joined by twice an edge of the spanning tree
    at most. So half of the shortest tour, less its longest edge, is needed.
    """
    _, _, edges = _spanning_tree(metric)
    tour_s = held_karp(metric, 2.0 * upper_s + 2.0 * float(edges.max()), steps)
    return tour_s / 2.0 - float(edges.max())


def window(
    metric: Floats,
    weights: Floats,
    robots: int,
    upper_s: float,
    steps: int = ASCENT_STEPS,
    share: int = 1,
) -> float:
    """The window bound (see above), seconds times weight; `share`: w_1 is that part of the least.

    A longer window counts more visits of heavier sites, but joins all sites only once.
    """
    nearest = (metric + np.diag(np.full(len(metric), inf))).min(axis=1)
    upper_s = upper_s if upper_s < inf else float(weights.max()) * _finite(inf, metric) / robots
    lightest = float(weights.min()) / share
    visits = np.floor(weights / lightest + 1e-9)
    return float(_ascend_window(metric, nearest, visits, lightest, robots, upper_s, steps))


def _finite(upper_s: float, metric: Floats) -> float:
    """An upper bound on a tour: given, or twice a spanning tree."""
    if upper_s < inf:
        return upper_s
    _, _, costs = _spanning_tree(metric)
    return float(2.0 * costs.sum())


@kernel
def _spanning_tree(costs: Floats) -> tuple[Ints, Ints, Floats]:
    """Ends and costs of the edges of a minimum spanning tree (Prim 1957)."""
    size = costs.shape[0]
    key = np.empty(size)
    parent = np.zeros(size, np.int64)
    inside = np.zeros(size, np.bool_)
    heads = np.empty(size - 1, np.int64)
    tails = np.empty(size - 1, np.int64)
    found = np.empty(size - 1)
    here = 0
    inside[0] = True
    for site in range(size):
        key[site] = np.inf
    for step in range(size - 1):
        best, chosen = np.inf, -1
        for site in range(size):
            if inside[site]:
                continue
            if costs[here, site] < key[site]:
                key[site] = costs[here, site]
                parent[site] = here
            if key[site] < best or chosen < 0:
                best, chosen = key[site], site
        heads[step], tails[step], found[step] = parent[chosen], chosen, best
        inside[chosen] = True
        here = chosen
    return heads, tails, found


@kernel
def _one_tree(metric: Floats, multipliers: Floats, slope: Floats) -> float:
    """Cost of the least 1-tree under multipliers; `slope` gets degrees minus 2."""
    size = metric.shape[0]
    costs = np.empty((size - 1, size - 1))
    for a in range(1, size):
        for b in range(1, size):
            costs[a - 1, b - 1] = metric[a, b] + multipliers[a] + multipliers[b]
    heads, tails, found = _spanning_tree(costs)
    total, pull = 0.0, 0.0
    for site in range(size):
        slope[site] = -2.0
        pull += multipliers[site]
    for edge in range(size - 2):
        total += found[edge]
        slope[heads[edge] + 1] += 1.0
        slope[tails[edge] + 1] += 1.0
    first, second = -1, -1
    for site in range(1, size):
        cost = metric[0, site] + multipliers[site]
        if first < 0 or cost < metric[0, first] + multipliers[first]:
            first, second = site, first
        elif second < 0 or cost < metric[0, second] + multipliers[second]:
            second = site
    for site in (first, second):
        total += metric[0, site] + multipliers[0] + multipliers[site]
        slope[site] += 1.0
        slope[0] += 1.0
    return float(total - 2.0 * pull)


@kernel
def _step(multipliers: Floats, slope: Floats, before: Floats, lift: float) -> float:
    """A step up along the slope, smoothed by the one before; the slope's square, 0: at the top."""
    square = 0.0
    for site in range(slope.shape[0]):
        slope[site] = 0.7 * slope[site] + 0.3 * before[site]
        before[site] = slope[site]
        square += slope[site] * slope[site]
    if square >= 1e-12:
        for site in range(slope.shape[0]):
            multipliers[site] += max(lift, 1e-9) / square * slope[site]
    return square


@kernel
def _ascend_one_tree(metric: Floats, upper: float, steps: int) -> float:
    """Held and Karp's subgradient ascent."""
    size = metric.shape[0]
    multipliers = np.zeros(size)
    slope = np.empty(size)
    before = np.zeros(size)
    best, scale, idle = 0.0, 1.0, 0
    for _ in range(steps):
        value = _one_tree(metric, multipliers, slope)
        if value > best + 1e-9:
            best, idle = value, 0
        else:
            idle += 1
            if idle >= _PATIENCE:
                scale, idle = scale * 0.8, 0
        square = _step(multipliers, slope, before, scale * (upper - value))
        if square < 1e-12 or scale < _SMALLEST_STEP:
            break
    return best


@kernel
def _largest(values: Floats, count: int, chosen: Bools) -> None:
    """Mark the `count` largest values, of equal ones the first."""
    for index in range(values.shape[0]):
        chosen[index] = False
    for _ in range(count):
        best = -1
        for index in range(values.shape[0]):
            if not chosen[index] and (best < 0 or values[index] > values[best]):
                best = index
        chosen[best] = True


@kernel
def _reduced(
    metric: Floats, nearest: Floats, multipliers: Floats, least: Floats, towards: Ints
) -> Floats:
    """Reduced costs less half of the least at each end; `least` and where it leads are filled."""
    size = metric.shape[0]
    for a in range(size):
        least[a] = 2.0 * nearest[a] - 2.0 * multipliers[a]
        towards[a] = a
        for b in range(size):
            cost = metric[a, b] - multipliers[a] - multipliers[b]
            if b != a and cost < least[a]:
                least[a], towards[a] = cost, b
    costs = np.empty((size, size))
    for a in range(size):
        for b in range(size):
            reduced = metric[a, b] - multipliers[a] - multipliers[b]
            costs[a, b] = reduced - 0.5 * (least[a] + least[b])
    return costs


@kernel
def _window_value(
    metric: Floats,
    nearest: Floats,
    visits: Floats,
    robots: int,
    span: float,
    multipliers: Floats,
    slope: Floats,
) -> float:
    """Least travel in a window of at least `span`; `slope` gets its subgradient."""
    size = metric.shape[0]
    least, towards = np.empty(size), np.empty(size, np.int64)
    costs = _reduced(metric, nearest, multipliers, least, towards)
    heads, tails, found = _spanning_tree(costs)
    dropped, stays = np.empty(size - 1, np.bool_), np.empty(size, np.bool_)
    _largest(found, robots - 1, dropped)
    ends = np.empty(size)
    for a in range(size):
        slope[a] = 2.0 * visits[a]
        ends[a] = 2.0 * visits[a]
    value = 0.0
    for edge in range(size - 1):
        if not dropped[edge]:
            value += found[edge]
            for site in (heads[edge], tails[edge]):
                slope[site] -= 1.0
                ends[site] -= 1.0
    spared = np.empty(size)
    for a in range(size):
        value += visits[a] * (2.0 * multipliers[a] + least[a])
        slope[a] -= 0.5 * ends[a]
        slope[towards[a]] -= 0.5 * ends[a]
        stay = span / visits[a] - 2.0 * multipliers[a]
        spared[a] = max(0.0, visits[a] * (least[a] - stay))
    _largest(spared, robots, stays)
    for a in range(size):
        if stays[a] and spared[a] > 0.0:
            value -= spared[a]
            slope[a] -= visits[a]
            slope[towards[a]] += visits[a]
    return value


@kernel
def _ascend_window(
    metric: Floats,
    nearest: Floats,
    visits: Floats,
    lightest: float,
    robots: int,
    upper: float,
    steps: int,
) -> float:
    """Raise the bound; the best value so far bounds the window, which stays are measured by.

    A longer window only makes stays dearer, by no more than the left side grows.
    """
    size = metric.shape[0]
    factor = lightest / robots
    multipliers, slope, before = np.empty(size), np.empty(size), np.zeros(size)
    for site in range(size):
        multipliers[site] = nearest[site] / 2.0
    best, scale, idle = 0.0, 1.0, 0
    for _ in range(steps):
        span = best / lightest
        value = factor * _window_value(metric, nearest, visits, robots, span, multipliers, slope)
        if value > best + 1e-9:
            best, idle = value, 0
        else:
            idle += 1
            if idle >= _PATIENCE:
                scale, idle = scale * 0.8, 0
        square = _step(multipliers, slope, before, scale * (upper - value) / factor)
        if square < 1e-12 or scale < _SMALLEST_STEP:
            break
    return best
