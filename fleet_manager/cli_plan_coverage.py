"""`fleet plan coverage`: how each zone is swept, and how good that is."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column, Table

from fleet_manager.adapters.maps import load_campus, load_fleet
from fleet_manager.adapters.maps.picture.png import scene_png
from fleet_manager.adapters.maps.picture.svg import scene_svg
from fleet_manager.adapters.maps.picture.sweep import sweep_scene
from fleet_manager.adapters.maps.replace_file import replace_file
from fleet_manager.core.campus import Campus, Zone, ZonePurpose
from fleet_manager.core.config import FleetConfig, KindSpec
from fleet_manager.core.errors import UnknownFeature
from fleet_manager.core.planning.coverage import CannotSweep, SweepPlan
from fleet_manager.core.planning.coverage.figures import SweepFigures, figures
from fleet_manager.core.planning.coverage.stretches import Stretch, stretches
from fleet_manager.core.site import Site

DEFAULT_MAP = Path("maps/xixi")
_SHOWN_ZONES = 20
WIDE = 20.0
"""Brush widths across, from which on a zone is wide."""


@dataclass(frozen=True)
class _Swept:
    """A zone and its plan; `refused` says why there is none."""

    zone: Zone
    plan: SweepPlan | None = None
    figures: SweepFigures | None = None
    stretches: tuple[Stretch, ...] = ()
    refused: CannotSweep | None = None

    def as_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {"zone": self.zone.id, "level": self.zone.level}
        if self.plan is None or self.figures is None:
            assert self.refused is not None
            return found | {"problem": str(self.refused), "remedy": self.refused.remedy}
        counted = {key: _rounded(value) for key, value in asdict(self.figures).items()}
        out_m2 = sum(each.area for each in self.plan.out_of_reach)
        return (
            found
            | counted
            | {
                "minutes": round(self.figures.duration_s / 60.0, 2),
                "out_of_reach_m2": round(out_m2, 3),
                "stretches": [
                    {key: _rounded(value) for key, value in asdict(each).items()}
                    for each in self.stretches
                ],
            }
        )


def coverage_command(
    map_dir: Annotated[Path, typer.Option("--map", help="Folder of the campus.")] = DEFAULT_MAP,
    zone: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Zone to sweep; repeatable. Else all.")
    ] = None,
    kind: Annotated[str | None, typer.Option(help="Of robot; else the first that cleans.")] = None,
    svg: Annotated[
        Path | None,
        typer.Option(help="Draw the path in the zone (of --zone), as SVG; as PNG by its name."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Say of zones how they are swept: covered, driven twice, over the bound, turns, minutes.

    Exit code 1 if a zone cannot be swept.
    """
    campus = load_campus(map_dir)
    fleet = load_fleet(map_dir, campus)
    spec = _kind(fleet, kind)
    zones = _zones(campus, zone or ())
    if svg is not None and len(zones) != 1:
        raise CannotSweep("one picture shows one zone", "name it with --zone")
    site = Site(campus, fleet)
    found = []
    with _bar(len(zones), quiet=as_json) as step:
        for each in zones:
            found.append(_sweep(site, each, spec))
            step()
    drawn = _draw(svg, campus, found[0], spec) if svg is not None else None
    summary = _summary(found)
    if as_json:
        head = {"map": campus.version, "kind": spec.name, "brush_width_m": spec.brush_width_m}
        rows = [each.as_json() for each in found]
        told = {**head, "zones": rows, "summary": summary, "svg": drawn}
        print(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        _print(campus, spec, found, summary)
        if drawn is not None:
            print(f"{drawn} written")
    raise typer.Exit(1 if any(each.refused for each in found) else 0)


def _kind(fleet: FleetConfig, name: str | None) -> KindSpec:
    able = {each.name: each for each in fleet.kinds.values() if each.brush_width_m is not None}
    if name is None and able:
        return next(iter(able.values()))
    if name is None or name not in able:
        what = f"{name} robots have no brush" if name else "no kind of robot has a brush"
        known = ", ".join(able) or "none of this fleet"
        raise CannotSweep(what, f"kinds with brush_width_m are: {known}")
    return able[name]


def _zones(campus: Campus, names: Sequence[str]) -> list[Zone]:
    if not names:
        return [z for z in campus.zones.values() if z.purpose is ZonePurpose.CLEAN]
    unknown = [name for name in names if name not in campus.zones]
    if unknown:
        raise UnknownFeature(
            f"no zone {', '.join(unknown)} on the map", "`fleet map info` and the map name them"
        )
    return [campus.zones[name] for name in dict.fromkeys(names)]


def _sweep(site: Site, zone: Zone, kind: KindSpec) -> _Swept:
    assert kind.brush_width_m is not None
    try:
        plan = site.sweep(zone.id, None, kind)
        parts = stretches(plan.path, kind, site.policy)
    except CannotSweep as error:
        return _Swept(zone, refused=error)
    counted = figures(zone.polygon, plan.path, kind.brush_width_m, kind)
    return _Swept(zone, plan, counted, parts)


def _draw(file: Path, campus: Campus, swept: _Swept, kind: KindSpec) -> str:
    if swept.plan is None or swept.figures is None:
        assert swept.refused is not None
        raise swept.refused
    assert kind.brush_width_m is not None
    counted = swept.figures
    caption = (
        f"{counted.area_m2:.0f} m², {counted.length_m:.0f} m, "
        f"{counted.duration_s / 60:.0f} min in {len(swept.stretches)} part(s): "
        f"{counted.covered:.1%} covered, {counted.overlap:.1%} twice, "
        f"{counted.over_bound:.2f} × the bound"
    )
    plan = swept.plan
    scene = sweep_scene(
        campus,
        swept.zone,
        plan.path,
        kind.brush_width_m,
        plan.out_of_reach,
        swept.stretches,
        caption,
    )
    pieces = [scene_png(scene)] if file.suffix.lower() == ".png" else scene_svg(scene)
    replace_file(file, pieces)
    return str(file)


def _summary(found: Sequence[_Swept]) -> dict[str, Any]:
    """Figures over all zones that can be swept."""
    counted = [each.figures for each in found if each.figures is not None]
    if not counted:
        return {"zones": 0, "refused": len(found)}
    wide = [each for each in counted if each.brushes_across >= WIDE]
    return {
        "zones": len(counted),
        "refused": len(found) - len(counted),
        "area_m2": round(sum(each.area_m2 for each in counted), 1),
        "length_m": round(sum(each.length_m for each in counted), 1),
        "hours": round(sum(each.duration_s for each in counted) / 3600.0, 2),
        "covered_least": _rounded(min(each.covered for each in counted)),
        "covered_median": _rounded(median(each.covered for each in counted)),
        "overlap_median": _rounded(median(each.overlap for each in counted)),
        "over_bound_median": _rounded(median(each.over_bound for each in counted)),
        "over_bound_p95": _rounded(float(np.quantile([e.over_bound for e in counted], 0.95))),
        "wide_zones": len(wide),
        "wide_over_bound_most": _rounded(max((e.over_bound for e in wide), default=0.0)),
        "wide_overlap_most": _rounded(max((e.overlap for e in wide), default=0.0)),
    }


def _print(
    campus: Campus, kind: KindSpec, found: Sequence[_Swept], summary: dict[str, Any]
) -> None:
    console = Console(markup=False, highlight=False)
    console.print(
        f"{campus.name}: {len(found)} zones, {kind.name} robots, brush {kind.brush_width_m} m"
    )
    columns = ("m²", "covered", "twice", "× bound", "turns", "min", "parts", "beyond")
    table = Table(Column("zone", no_wrap=True), *(Column(c, justify="right") for c in columns))
    shown = sorted(found, key=lambda each: -each.figures.over_bound if each.figures else -9e9)
    for each in shown[:_SHOWN_ZONES]:
        table.add_row(each.zone.id, *_cells(each))
    console.print(table)
    if len(found) > _SHOWN_ZONES:
        console.print(
            f"the {_SHOWN_ZONES} farthest over the bound of {len(found)}; --json lists them all"
        )
    console.print(
        "twice: driven again; bound: area by brush width; parts: from one charge, tank and bin; "
        "beyond: m² that no brush touches"
    )
    for each in found:
        if each.refused is not None:
            console.print(f"{each.refused}\n  → {each.refused.remedy}")
    if summary["zones"]:
        console.print(
            f"covered {summary['covered_median']:.1%} in the middle, {summary['covered_least']:.1%}"
            f" at least; {summary['over_bound_median']:.2f} × the bound in the middle, "
            f"{summary['over_bound_p95']:.2f} for 95 of 100 zones; "
            f"{summary['hours']:.1f} h for one robot"
        )


def _cells(swept: _Swept) -> list[str]:
    counted, plan = swept.figures, swept.plan
    if counted is None or plan is None:
        return ["cannot be swept", *[""] * 7]
    return [
        f"{counted.area_m2:.0f}",
        f"{counted.covered:.1%}",
        f"{counted.overlap:.1%}",
        f"{counted.over_bound:.2f}",
        str(counted.turns),
        f"{counted.duration_s / 60:.1f}",
        str(len(swept.stretches)),
        f"{sum(each.area for each in plan.out_of_reach):.2f}",
    ]


@contextmanager
def _bar(count: int, quiet: bool) -> Iterator[Callable[[], None]]:
    """A progress bar over the zones on the terminal of a person."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    quiet = quiet or not os.isatty(2)
    with Progress(*columns, console=Console(stderr=True), disable=quiet, transient=True) as bar:
        task = bar.add_task("zones", total=count)
        yield lambda: bar.advance(task)


def _rounded(value: Any) -> Any:
    return round(value, 4) if isinstance(value, float) else value
