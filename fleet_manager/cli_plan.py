"""`fleet plan`: what robots could do at best, worked out beside the running fleet."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.table import Column, Table

from fleet_manager.adapters.maps import load_campus, load_fleet
from fleet_manager.adapters.maps.picture.patrol import patrol_scene
from fleet_manager.adapters.maps.picture.png import scene_png
from fleet_manager.adapters.maps.picture.svg import scene_svg
from fleet_manager.adapters.maps.replace_file import replace_file
from fleet_manager.cli_plan_coverage import coverage_command
from fleet_manager.core.campus import Campus, Waypoint
from fleet_manager.core.config import FleetConfig, KindSpec
from fleet_manager.core.planning.patrol.fleet_size import (
    FleetSize,
    held_to_promises,
    promising,
    smallest_fleet,
)
from fleet_manager.core.planning.patrol.plan import PatrolPlan
from fleet_manager.core.planning.patrol.planner import Effort, plan_patrol
from fleet_manager.core.planning.patrol.problem import (
    CannotPatrol,
    PatrolProblem,
    PatrolSite,
    duty_of,
    problem_on,
)
from fleet_manager.core.planning.patrol.sites import (
    sites_covering,
    sites_of_places,
    sites_of_sectors,
)
from fleet_manager.core.planning.patrol.unpredictable import with_freedom
from fleet_manager.core.planning.routes import Routes

app = typer.Typer(help="Work out plans.", no_args_is_help=True)
app.command("coverage")(coverage_command)

DEFAULT_MAP = Path("maps/xixi")
SKILL = "patrol"
_SHOWN_SITES = 12


@app.callback()
def plan() -> None:
    """Work out plans without a running fleet."""


@app.command()
def patrol(
    map_dir: Annotated[Path, typer.Option("--map", help="Folder of the campus.")] = DEFAULT_MAP,
    robots: Annotated[
        int | None,
        typer.Option(help="That there are; left out: as few as the promise needs."),
    ] = None,
    promise: Annotated[
        str | None,
        typer.Option(help="No site is longer without a visit: 30min, 900s, 2h; else the map's."),
    ] = None,
    sector: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Of the map; repeatable. Else all of it.")
    ] = None,
    sites: Annotated[
        list[str] | None,
        typer.Option(metavar="PLACE", help="Ids or names, with ; between; repeatable."),
    ] = None,
    every: Annotated[
        float | None,
        typer.Option(min=1.0, help="Choose sites: each junction has one within so many metres."),
    ] = None,
    hour: Annotated[
        int | None, typer.Option(min=0, max=23, help="Whose risks count; else the highest.")
    ] = None,
    kind: Annotated[str | None, typer.Option(help="Of robot; else the first that can.")] = None,
    dwell_s: Annotated[float, typer.Option("--dwell", min=0.0, help="Seconds at a site.")] = 0.0,
    charging: Annotated[bool, typer.Option(help="Robots are away to charge.")] = True,
    iterations: Annotated[
        int, typer.Option(min=1000, help="How long is searched, in moves.")
    ] = 200_000,
    seed: Annotated[int, typer.Option(help="Of the search and of what is unpredictable.")] = 1,
    svg: Annotated[
        Path | None,
        typer.Option(help="Draw the tours over the map, as SVG; or as PNG by its name."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Plan a patrol and prove how good it is; without --robots: say how many a promise needs."""
    if robots is not None and robots < 1:
        raise CannotPatrol(f"a patrol with {robots} robots", "plan for one robot at least")
    promise_s = None if promise is None else seconds(promise)
    campus = load_campus(map_dir)
    fleet = load_fleet(map_dir, campus)
    spec = _kind(fleet, kind)
    routes = Routes(campus, spec)
    chosen = _sites(
        routes, _home(fleet, spec, campus.docks), sites or (), sector or (), every, dwell_s
    )
    problem = _problem(routes, fleet, chosen, charging)
    if promise_s is not None:
        problem = promising(problem, promise_s)
    effort = Effort(iterations=iterations, seed=seed)
    size: FleetSize | None = None
    with _bar("patrol", quiet=as_json) as progress:
        if robots is None:
            size = smallest_fleet(problem, hour, effort, progress)
            found = size.plan
        else:
            found = plan_patrol(problem, robots, hour, effort, progress)
    if promise_s is not None:
        held_to_promises(found, problem, effort)
    found = with_freedom(problem, found, seed)
    drawn = None if svg is None else _draw(svg, campus, found, routes, as_json)
    if as_json:
        result = found.as_json()
        if size is not None:
            proof = None if size.bound is None else size.bound.name
            result |= {"proven_minimum_robots": size.least, "proven_by": proof}
        result |= {"map": campus.version, "hour": hour, "seed": seed, "svg": drawn}
        print(json.dumps(result, ensure_ascii=False, indent=2))
        return
    _print(campus, problem, found, size)
    if drawn is not None:
        print(f"{drawn} written")


def seconds(text: str) -> float:
    """A time as people write it: 30min, 1h30min, 900s or 900, in seconds."""
    parts = re.fullmatch(
        r"\s*(?:([\d.]+)\s*h)?\s*(?:([\d.]+)\s*min)?\s*(?:([\d.]+)\s*s?)?\s*", text
    )
    try:
        if parts is None or not any(parts.groups()):
            raise ValueError
        hours, minutes, rest = (float(each or 0.0) for each in parts.groups())
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no time; write 900s, 15min or 2h") from error
    return hours * 3600.0 + minutes * 60.0 + rest


def _kind(fleet: FleetConfig, name: str | None) -> KindSpec:
    able = {each.name: each for each in fleet.kinds.values() if SKILL in each.skills}
    if name is None and able:
        return next(iter(able.values()))
    if name is None or name not in able:
        known = ", ".join(able) or "none of this fleet"
        what = f"{name} robots" if name else "robots of this fleet"
        raise CannotPatrol(f"{what} cannot patrol", f"kinds with the skill patrol are: {known}")
    return able[name]


def _home(fleet: FleetConfig, kind: KindSpec, docks: Sequence[Waypoint]) -> str:
    """A dock of the kind."""
    homes = [each.home for each in fleet.robots.values() if each.kind == kind.name]
    homes = [home or docks[0].id for home in homes if home or docks]
    if not homes:
        raise CannotPatrol(
            f"the fleet has no {kind.name} robot", "add one with its dock to fleet.yaml"
        )
    return homes[0]


def _sites(
    routes: Routes,
    home: str,
    places: Sequence[str],
    sectors: Sequence[str],
    every_m: float | None,
    dwell_s: float,
) -> tuple[PatrolSite, ...]:
    campus = routes.campus
    if places:
        names = [
            each.strip()
            for place in places
            for each in ([place] if place in campus.names else re.split(r";", place))
        ]
        return sites_of_places(campus, dict.fromkeys(filter(None, names)), dwell_s)
    if every_m is not None:
        return sites_covering(routes, sectors, every_m, home, dwell_s)
    return sites_of_sectors(campus, sectors, dwell_s)


def _problem(
    routes: Routes, fleet: FleetConfig, sites: Sequence[PatrolSite], charging: bool
) -> PatrolProblem:
    """The problem; robots charge at the docks of the map, the nearest to each site."""
    problem = problem_on(routes, sites)
    if not charging:
        return problem
    docks = [each.id for each in routes.campus.docks]
    ways_s = routes.distances_s(docks, problem.waypoints)
    way_s = 2.0 * float(np.mean(ways_s.min(axis=0))) if docks else 0.0
    share, away_s = duty_of(routes.kind, fleet.policy, way_s if way_s < inf else 0.0)
    return replace(problem, availability=share, pause_s=away_s)


def _draw(svg: Path, campus: Campus, plan: PatrolPlan, routes: Routes, quiet: bool) -> str:
    levels = [campus.waypoints[each].level for each in plan.waypoints]
    level = max(campus.levels, key=levels.count)
    with _bar("picture", quiet) as progress:
        scene = patrol_scene(campus, plan, routes.path, level, progress=progress)
    pieces = [scene_png(scene)] if svg.suffix.lower() == ".png" else scene_svg(scene)
    replace_file(svg, pieces)
    return str(svg)


@contextmanager
def _bar(name: str, quiet: bool) -> Iterator[Callable[[float], None]]:
    """A progress bar on the terminal of a person."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    quiet = quiet or not os.isatty(2)
    with Progress(*columns, console=Console(stderr=True), disable=quiet, transient=True) as bar:
        task = bar.add_task(name, total=1.0)
        yield lambda done: bar.update(task, completed=done)


def _print(
    campus: Campus, problem: PatrolProblem, plan: PatrolPlan, size: FleetSize | None
) -> None:
    console = Console(markup=False, highlight=False)
    crew = plan.robots - plan.relief
    relief = f" ({crew} on patrol, {plan.relief} charging)" if plan.relief else ""
    console.print(f"{len(plan.waypoints)} sites, {plan.robots} {plan.kind} robots{relief}")
    if size is not None:
        proven = f"; fewer than {size.least} are proven not to do" if size.least > 1 else ""
        console.print(f"the promise needs {size.robots} robots by this plan{proven}")
    console.print(_figures(plan))
    console.print(_teams(campus, plan))
    if problem.availability < 1.0:
        away = f"{problem.pause_s / 60:.0f} min"
        console.print(f"a robot patrols {problem.availability:.0%} of its time; {away} to charge")


def _figures(plan: PatrolPlan) -> Table:
    table = Table(Column("figure", no_wrap=True), Column("value", justify="right"), "")
    least = min(plan.promises_s)
    kept = "" if least == inf else "kept" if not plan.broken else f"missed at {len(plan.broken)}"
    weighted = len(set(plan.weights)) > 1
    table.add_row("worst idleness", _minutes(max(plan.idleness_s)), kept and f"promise {kept}")
    if weighted:
        table.add_row("worst weighted idleness", _minutes(plan.worst_weighted_idleness_s), "")
    bound = "proven lower bound" + (" (weighted)" if weighted else "")
    table.add_row(bound, _minutes(plan.bound.value_s), plan.bound.name)
    table.add_row("gap to the bound", f"{plan.gap:.1%}" if plan.gap < inf else "–", plan.method)
    table.add_row("average graph idleness", _minutes(plan.average_idleness_s), "")
    lost_s = plan.worst_with_one_lost_s
    until = "until the others close up" if lost_s < inf else "its sites are left to others"
    table.add_row("with one robot lost", _minutes(lost_s) if lost_s < inf else "–", until)
    table.add_row("unpredictable by", f"{plan.bits_per_visit:.1f} bit", "a visit")
    return table


def _teams(campus: Campus, plan: PatrolPlan) -> Table:
    table = Table(
        Column("team", justify="right"),
        Column("robots", justify="right"),
        Column("sites", justify="right"),
        Column("round", justify="right", no_wrap=True),
        "visits",
    )
    for number, team in enumerate(plan.teams):
        names = [
            campus.waypoints[plan.waypoints[visit.site]].name or plan.waypoints[visit.site]
            for visit in team.visits[:_SHOWN_SITES]
        ]
        more = len(team.visits) - _SHOWN_SITES
        shown = " → ".join(names) + (f" → {more} more" if more > 0 else "")
        round_s = _minutes(team.duration_s)
        table.add_row(str(number + 1), str(team.robots), str(len(team.sites)), round_s, shown)
    return table


def _minutes(time_s: float) -> str:
    return f"{time_s / 60:.1f} min"
