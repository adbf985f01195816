"""The paths of a block: a lattice of lines between its cells, fitted between the roads around."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from shapely import prepare
from shapely.geometry import Polygon, box

from fleet_manager.adapters.maps.generator.block_plan import Block
from fleet_manager.adapters.maps.generator.frame import Frame, Plot, Side, plot
from fleet_manager.adapters.maps.generator.plan import Plan, Road
from fleet_manager.core.errors import MapFormatError
from fleet_manager.core.geometry import Xy

PATH_WIDTH_M = 2.4
PATH_SPEED_MPS = 1.2
MARKS = "BLUOTPGWFCDX."
SMALLEST_M = 40.0


@dataclass(frozen=True)
class Cell:
    """One cell of a block, or several that are joined.

    Attributes:
        column: of its south-west corner; `row` as well, rows are counted from the south here.
        edges: ids of the paths around it.
        front: the side that looks to the middle of the block.
        us: where lines of the block's lattice meet it, from its west end to its east end.
        vs: the same from south to north.
    """

    mark: str
    column: int
    row: int
    columns: int
    rows: int
    edges: tuple[str, ...]
    front: Side
    frame: Frame
    us: tuple[float, ...]
    vs: tuple[float, ...]

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Its west, south, east and north end in the block's frame."""
        return (self.us[0], self.vs[0], self.us[-1], self.vs[-1])

    def plot(self, side: Side | None = None) -> Plot:
        """The cell as it is seen from a side, by default from its front."""
        return plot(self.frame, *self.bounds, side or self.front)


@dataclass
class Lattice:
    """A block with its paths.

    Attributes:
        junctions: where its paths meet, by name.
        paths: between neighbouring junctions.
        rim: names of the junctions on its outside.
    """

    block: Block
    frame: Frame
    us: tuple[float, ...]
    vs: tuple[float, ...]
    junctions: dict[str, Xy] = field(default_factory=dict)
    paths: list[Road] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    rim: list[str] = field(default_factory=list)

    @property
    def outline(self) -> Polygon:
        """Along its outermost paths."""
        return Polygon(self.frame.box(self.us[0], self.vs[0], self.us[-1], self.vs[-1]))


def lattice(plan: Plan, block: Block, setback_m: float) -> Lattice:
    """The paths and cells of a block.

    Raises:
        MapFormatError: its cells do not fit together, or it has no room; names the block.
    """
    owners = _owners(block)
    area = _around(plan, block)
    north = plan.junctions[block.between[0]], plan.junctions[block.between[1]]
    frame, width_m, height_m = _fitted(block, area, *north, setback_m)
    made = Lattice(
        block,
        frame,
        _lines(block.columns, width_m),
        _lines(list(reversed(block.rows)), height_m),
    )
    edges = dict(_edges(made, owners))
    for identifier, ends in edges:
        for node in ends:
            made.junctions.setdefault(
                _node(made, *node), frame.at(made.us[node[0]], made.vs[node[1]])
            )
        line: list[str | Xy] = [_node(made, *node) for node in ends]
        made.paths.append(Road(identifier, line, "path", PATH_WIDTH_M, PATH_SPEED_MPS, "paving"))
    sides = {identifier: around for (identifier, _), around in edges.items()}
    made.cells.extend(_cells(made, owners, sides))
    for i in range(len(made.us)):
        for j in range(len(made.vs)):
            on_rim = i in {0, len(made.us) - 1} or j in {0, len(made.vs) - 1}
            if on_rim and _node(made, i, j) in made.junctions:
                made.rim.append(_node(made, i, j))
    return made


_Owner = tuple[int, int]
_Edge = tuple[str, tuple[_Owner, _Owner]]


def _owners(block: Block) -> dict[_Owner, _Owner]:
    """For each cell (column, row from the south) the first cell of those it is joined with."""
    if len(block.cells) != len(block.rows):
        raise _fail(block, f"has {len(block.cells)} rows of cells and {len(block.rows)} heights")
    owners: dict[_Owner, _Owner] = {}
    top = len(block.rows) - 1
    for index, text in enumerate(block.cells):
        marks = text.split()
        if len(marks) != len(block.columns):
            raise _fail(
                block, f"has {len(marks)} cells in {text!r} and {len(block.columns)} widths"
            )
        for column, mark in enumerate(marks):
            here = (column, top - index)
            before = {"<": (column - 1, top - index), "^": (column, top - index + 1)}.get(mark)
            if before is not None and before not in owners:
                raise _fail(block, f"joins a cell with {mark!r} to one that is not there")
            if before is None and mark not in MARKS:
                raise _fail(block, f"has a cell {mark!r}; marks are {' '.join(MARKS)} < ^")
            owners[here] = here if before is None else owners[before]
    return owners


def _mark(block: Block, owner: _Owner) -> str:
    return block.cells[len(block.rows) - 1 - owner[1]].split()[owner[0]]


def _around(plan: Plan, block: Block) -> Polygon:
    """The area between the middle lines of the roads around a block."""
    points: list[Xy] = []
    for here, there in pairwise([*block.between, block.between[0]]):
        for name in (here, there):
            if name not in plan.junctions:
                raise _fail(block, f"lies between junctions, but {name!r} is none of them")
        points += _way(plan, here, there)
    area = Polygon(points)
    if not area.is_valid or area.exterior.is_ccw:
        raise _fail(block, "goes round its junctions in an order that is not clockwise")
    return area


def _way(plan: Plan, here: str, there: str) -> list[Xy]:
    """Corners of the road from one junction to another, or the straight line; without the end."""
    for road in plan.roads:
        ends = (road.line[0], road.line[-1])
        if ends in {(here, there), (there, here)}:
            bends = [each for each in road.line[1:-1] if not isinstance(each, str)]
            return [plan.junctions[here], *(bends if ends[0] == here else reversed(bends))]
    return [plan.junctions[here]]


def _fitted(
    block: Block, area: Polygon, west: Xy, east: Xy, setback_m: float
) -> tuple[Frame, float, float]:
    """The largest rectangle that keeps away from the roads around it, about as they run."""
    inner = area.buffer(-setback_m, join_style="mitre")
    middle = (inner.centroid.x, inner.centroid.y)
    north_rad = math.atan2(east[1] - west[1], east[0] - west[0])
    best = (0.0, 0.0, 0.0, 0.0)
    for degrees in range(-8, 9, 2):
        flat = Frame(middle, north_rad + math.radians(degrees))
        local = Polygon([flat.local((x, y)) for x, y in inner.exterior.coords])
        prepare(local)
        half_u, half_v = (max(map(abs, local.bounds[axis::2])) for axis in (0, 1))
        for step in range(20):
            wide = half_u * (0.5 + 0.025 * step)
            tall = _tallest(local, wide, half_v)
            best = max(best, (wide * tall, wide, tall, flat.turn_rad))
    _, wide, tall, turn_rad = best
    if min(wide, tall) * 2 < SMALLEST_M:
        raise _fail(block, f"has no room for {SMALLEST_M:g} m of cells between its roads")
    corner = Frame(middle, turn_rad).at(-wide, -tall)
    return Frame(corner, turn_rad), 2 * wide, 2 * tall


def _tallest(area: Polygon, wide_m: float, most_m: float) -> float:
    """Half the height of the highest rectangle of this half width about the origin."""
    low, high = 0.0, most_m
    for _ in range(12):
        tall = (low + high) / 2
        low, high = (tall, high) if area.covers(box(-wide_m, -tall, wide_m, tall)) else (low, tall)
    return low


def _lines(parts: list[float], length_m: float) -> tuple[float, ...]:
    total, at = sum(parts), 0.0
    found = [0.0]
    for part in parts:
        at += part
        found.append(length_m * at / total)
    return tuple(found)


def _node(made: Lattice, i: int, j: int) -> str:
    return f"{made.block.id}_{'abcdefgh'[i]}{j + 1}"


def _edges(
    made: Lattice, owners: Mapping[_Owner, _Owner]
) -> Iterator[tuple[_Edge, tuple[_Owner | None, _Owner | None]]]:
    """Paths with the cells on either side of them."""
    for j in range(len(made.vs)):
        for i in range(len(made.us)):
            ways = (("e", (i + 1, j), (i, j), (i, j - 1)), ("n", (i, j + 1), (i, j), (i - 1, j)))
            for mark, end, one, other in ways:
                around = owners.get(one), owners.get(other)
                inside = end[0] < len(made.us) and end[1] < len(made.vs)
                if inside and around[0] != around[1]:
                    yield (f"{_node(made, i, j)}{mark}", ((i, j), end)), around


def _cells(
    made: Lattice,
    owners: Mapping[_Owner, _Owner],
    sides: Mapping[str, tuple[_Owner | None, _Owner | None]],
) -> Iterator[Cell]:
    block = made.block
    top = len(block.rows) - 1
    for owner in sorted(set(owners.values()), key=lambda each: (top - each[1], each[0])):
        mine = [each for each, its in owners.items() if its == owner]
        i0, j0 = min(each[0] for each in mine), min(each[1] for each in mine)
        i1, j1 = max(each[0] for each in mine) + 1, max(each[1] for each in mine) + 1
        if (i1 - i0) * (j1 - j0) != len(mine):
            raise _fail(block, "joins cells to something that is no rectangle")
        us, vs = made.us[i0 : i1 + 1], made.vs[j0 : j1 + 1]
        edges = tuple(each for each, around in sides.items() if owner in around)
        front = _front((i0 + i1) / 2 - (len(block.columns)) / 2, (j0 + j1) / 2 - (top + 1) / 2)
        mark = _mark(block, owner)
        yield Cell(mark, i0, j0, i1 - i0, j1 - j0, edges, front, made.frame, us, vs)


def _front(east: float, north: float) -> Side:
    if abs(north) >= 0.5:
        return "south" if north > 0 else "north"
    if abs(east) >= 0.5:
        return "west" if east > 0 else "east"
    return "south"


def _fail(block: Block, problem: str) -> MapFormatError:
    return MapFormatError(
        f"block {block.id!r} {problem}",
        "see fleet_manager/adapters/maps/generator/block_plan.py",
        block.id,
    )
