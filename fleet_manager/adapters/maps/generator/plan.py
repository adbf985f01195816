"""The hand-written plan of a campus (`plan.yaml`), from which its map is built.

A plan says where roads run and where things lie; the builder makes waypoints and lanes of it.
Positions are `[x_m, y_m]`, metres east and north of the anchor.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from fleet_manager.adapters.maps.generator.block_plan import (
    Block,
    Course,
    PlannedPart,
    Positive,
    Rules,
    Storeys,
)
from fleet_manager.adapters.maps.yaml_file import read_yaml
from fleet_manager.core.geometry import Xy

PLAN_FILE = "plan.yaml"


class Road(Struct, frozen=True, forbid_unknown_fields=True):
    """A way between junctions.

    Attributes:
        line: begins and ends with the name of a junction; between them lie its bends. One that
            passes other junctions on its way is taken as several roads, one after the other.
        form: `road`: two carriageways, keep right; `path`: one track for both directions;
            `bridge`: a path that is one resource and on which nobody stops.
        structure: `bridge`, `underpass` or `ramp`; nobody stops on it between its ends.
        slope: of a bridge or an underpass, up to its middle and down from there, or the other
            way round.
        kinds: robot kinds that may drive here; None: all.
    """

    id: str
    line: list[str | Xy]
    form: Literal["road", "path", "bridge"] = "road"
    width_m: Positive = 2.6
    speed_limit_mps: Positive = 1.5
    surface: str = "asphalt"
    structure: Literal["bridge", "underpass", "ramp"] | None = None
    slope: float = 0.0
    kinds: list[str] | None = None


class Place(Struct, frozen=True, forbid_unknown_fields=True):
    """A bay with a name: where staff send robots."""

    id: str
    name: str
    at: Xy


class Bay(Struct, frozen=True, forbid_unknown_fields=True):
    """A parking bay; `joins` names the road, None: the nearest."""

    id: str
    at: Xy
    joins: str | None = None


class DockRow(Struct, frozen=True, forbid_unknown_fields=True):
    """Docks side by side along a road or path.

    Attributes:
        prefix: of their ids, which are numbered from 1.
        first: position of the first.
        step: from one to the next, metres east and north.
    """

    prefix: str
    count: Annotated[int, Meta(ge=1)]
    first: Xy
    step: Xy
    joins: str


class Crossing(Struct, frozen=True, forbid_unknown_fields=True):
    """A pedestrian crossing of a road; `at` lies on the road's middle."""

    id: str
    at: Xy
    joins: str


class PlannedZone(Struct, frozen=True, forbid_unknown_fields=True):
    """A zone.

    Attributes:
        outline: corners without the repeated first one.
        holes: outlines of what is left out, such as flower beds.
        access: a bay is made here and joined to the nearest road; clean zones need one.
    """

    id: str
    name: str
    purpose: Literal["clean", "watch", "closed"]
    outline: list[Xy]
    holes: list[list[Xy]] = field(default_factory=list)
    surface: str = "paving"
    access: Xy | None = None
    joins: str | None = None


class PlannedAsset(Struct, frozen=True, forbid_unknown_fields=True):
    """An asset; it is inspected from the nearest point of a road, or of the one it names."""

    id: str
    name: str
    kind: Literal["extinguisher", "hydrant", "exit", "aed", "electrical_panel"]
    at: Xy
    days: Positive = 30.0
    joins: str | None = None


class NamedArea(Struct, frozen=True, forbid_unknown_fields=True):
    """A building."""

    id: str
    name: str
    outline: list[Xy]
    holes: list[list[Xy]] = field(default_factory=list)


class Area(Struct, frozen=True, forbid_unknown_fields=True):
    """An obstacle or keep-clear area."""

    id: str
    outline: list[Xy]
    holes: list[list[Xy]] = field(default_factory=list)


class Plan(Struct, frozen=True, forbid_unknown_fields=True):
    """A campus as a person draws it.

    Attributes:
        campus: the `campus` member of the map, as it is.
        carriageway_offset_m: from a road's middle to each of its two carriageways.
        junction_radius_m: from the middle of a junction to where carriageways begin.
        junctions: where roads meet or end, by name.
        divided_by: ids of the canals and public roads that divide the campus into `parts`.
        risks: 24 weights for the hours of a day, by the name that blocks give.
        max_idleness_s: how long a sector may be without a visit.
    """

    campus: dict[str, Any]
    boundary: list[Xy]
    junctions: dict[str, Xy]
    roads: list[Road]
    carriageway_offset_m: Annotated[float, Meta(ge=1.0)] = 1.5
    junction_radius_m: Positive = 5.0
    places: list[Place] = field(default_factory=list)
    bays: list[Bay] = field(default_factory=list)
    docks: list[DockRow] = field(default_factory=list)
    crossings: list[Crossing] = field(default_factory=list)
    zones: list[PlannedZone] = field(default_factory=list)
    assets: list[PlannedAsset] = field(default_factory=list)
    buildings: list[NamedArea] = field(default_factory=list)
    obstacles: list[Area] = field(default_factory=list)
    keep_clear: list[Area] = field(default_factory=list)
    parts: list[PlannedPart] = field(default_factory=list)
    divided_by: list[str] = field(default_factory=list)
    canals: list[Course] = field(default_factory=list)
    public_roads: list[Course] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    storeys: list[Storeys] = field(default_factory=list)
    risks: dict[str, Annotated[list[float], Meta(min_length=24, max_length=24)]] = field(
        default_factory=dict
    )
    max_idleness_s: Positive = 5400.0
    rules: Rules | None = None


def load_plan(path: Path) -> Plan:
    """The plan in a file.

    Raises:
        MapFileError: it cannot be read; names file and line.
    """
    return read_yaml(path, Plan, "docs/map-format.md").values
