"""The larger strokes of a plan: parts, canals, public roads, blocks of cells, floors, rules."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from fleet_manager.core.geometry import Xy

Positive = Annotated[float, Meta(gt=0.0)]


class PlannedPart(Struct, frozen=True, forbid_unknown_fields=True):
    """A part of the campus: what lies between the lines of `divided_by` around `holds`."""

    id: str
    name: str
    holds: Xy


class Course(Struct, frozen=True, forbid_unknown_fields=True):
    """A canal or a public road, by its middle line; nothing drives there but where roads cross."""

    id: str
    name: str
    line: list[Xy]
    width_m: Positive


class Block(Struct, frozen=True, forbid_unknown_fields=True):
    """An area between roads, divided into cells by paths.

    Attributes:
        between: junctions around it, clockwise; from the first to the second is its north side.
        columns: widths of its cells from west to east, in proportion.
        rows: heights of its cells from north to south, in proportion.
        cells: a text for each row, a mark for each cell: `B` building, `L`, `U` and `O` buildings
            of that outline, `T` building of several storeys, `P` plaza, `G` garden, `W` pond,
            `F` field, `C` car park, `D` yard with docks, `X` building site, `.` lawn; `<` belongs
            to the cell on its left, `^` to the one above.
        buildings: names of its buildings, in reading order.
        places: names of its plazas, gardens, fields, ponds, car parks and yards, in reading order;
            those without get one.
        risk: which of the plan's `risks` its sector has.
    """

    id: str
    name: str
    between: list[str]
    columns: list[Positive]
    rows: list[Positive]
    cells: list[str]
    buildings: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    risk: str = "day"


class Storeys(Struct, frozen=True, forbid_unknown_fields=True):
    """What joins the levels of a building marked `T`.

    Attributes:
        building: its name.
        levels: how many, from the ground up.
        lifts: one or two.
        ramp: whether robots can also drive up.
        ramp_kinds: robot kinds that may use the ramp; None: all.
    """

    building: str
    levels: Annotated[int, Meta(ge=2, le=8)]
    lifts: Literal[1, 2] = 1
    ramp: bool = False
    ramp_kinds: list[str] | None = None


class Rules(Struct, frozen=True, forbid_unknown_fields=True):
    """What is laid by rule, wherever there is room for it.

    Attributes:
        waypoint_every_m: along roads.
        path_waypoint_every_m: along paths.
        bay_every_m: along roads, on alternate sides.
        path_bay_every_m: along the paths of blocks.
        hydrant_every_m: along roads.
        extinguisher_every_m: along indoor corridors.
        block_setback_m: from the middle of a road to the outermost path of a block.
        narrow_kinds: robot kinds that may use the narrow paths of gardens and plazas.
        days: due intervals of assets, by kind.
    """

    waypoint_every_m: Positive = 28.0
    path_waypoint_every_m: Positive = 45.0
    bay_every_m: Positive = 110.0
    path_bay_every_m: Positive = 120.0
    hydrant_every_m: Positive = 120.0
    extinguisher_every_m: Positive = 25.0
    block_setback_m: Positive = 13.0
    narrow_kinds: list[str] | None = None
    days: dict[str, Positive] = field(default_factory=dict)
