"""`fleet sim`: days of the campus in minutes, from the core itself with robots in virtual time."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from fleet_manager.adapters.maps import load_campus, load_fleet
from fleet_manager.adapters.maps.scenario_file import load_scenario
from fleet_manager.adapters.sim.figures import figures
from fleet_manager.adapters.sim.simulate import simulate
from fleet_manager.adapters.sim.world import World
from fleet_manager.core.campus import Campus
from fleet_manager.core.errors import CampusFleetError
from fleet_manager.core.scenario import NO_MISHAPS, Scenario, StandingWork

app = typer.Typer()

DEFAULT_MAP = Path("maps/xixi")


@app.command()
def sim(
    map_dir: Annotated[Path, typer.Option("--map", help="Folder of the campus.")] = DEFAULT_MAP,
    scenario_file: Annotated[
        Path | None, typer.Option("--scenario", help="YAML or JSON; docs/simulation.md.")
    ] = None,
    robots: Annotated[
        int | None, typer.Option(min=1, help="In all; by default those of the fleet's file.")
    ] = None,
    days: Annotated[float | None, typer.Option(min=0.001, help="How long; by default 1.")] = None,
    seed: Annotated[int, typer.Option(help="Of everything random.")] = 1,
    incidents_per_day: Annotated[
        float | None, typer.Option(min=0.0, help="On the whole campus.")
    ] = None,
    mishaps: Annotated[
        bool, typer.Option(help="Robots are delayed, fall silent, reboot now and then.")
    ] = True,
    compare: Annotated[
        tuple[Path, Path] | None,
        typer.Option(metavar="A B", help="Say whether scenario B is better than A."),
    ] = None,
    seeds: Annotated[
        int, typer.Option(min=2, help="How many pairs are compared, from --seed on.")
    ] = 20,
    processes: Annotated[
        int | None, typer.Option(min=1, help="At the same time; by default one a core.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for figures (JSON) and plots (PNG, SVG).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Simulate days of the campus and print how well it was served."""
    campus = load_campus(map_dir)
    fleet = load_fleet(map_dir, campus)
    if compare is not None:
        from fleet_manager.cli_compare import compare_scenarios

        pair = tuple(_chosen(each, robots, days, incidents_per_day, mishaps) for each in compare)
        chosen = range(seed, seed + seeds)
        compare_scenarios(map_dir, campus, fleet, compare, pair, chosen, processes, out, as_json)
        return
    scenario = _chosen(scenario_file, robots, days, incidents_per_day, mishaps)
    standing = _standing_work(scenario, scenario_file, map_dir, campus)
    began_s = time.monotonic()
    with bar(scenario.name) as progress:
        world = simulate(campus, fleet, standing, scenario, seed, progress)
    took_s = time.monotonic() - began_s
    found = figures(world)
    if out is not None:
        files = _write(world, found, out)
    if as_json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        _print(found, took_s)
        if out is not None:
            print(f"written to {out}: {', '.join(files)}")


def _write(world: World, found: dict[str, Any], folder: Path) -> list[str]:
    """Write figures and plots; returns the names of the files."""
    from fleet_manager.adapters.sim.plots.gantt import gantt
    from fleet_manager.adapters.sim.plots.heat import heat_map
    from fleet_manager.adapters.sim.plots.responses import response_plot
    from fleet_manager.adapters.sim.plots.sheet import write

    try:
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(found, ensure_ascii=False, indent=2)
        (folder / "figures.json").write_text(text + "\n", encoding="utf-8")
        record, end_s = world.record, world.now_s
        files = [
            *write(heat_map(world.site.campus, record, end_s), folder, "idleness"),
            *write(response_plot(record, end_s), folder, "responses"),
            *write(gantt(world.site, record, end_s), folder, "day"),
        ]
    except OSError as error:
        raise CampusFleetError(
            f"{folder} cannot be written: {error.strerror}", "choose another folder with --out"
        ) from error
    return ["figures.json", *(each.name for each in files)]


def _chosen(
    path: Path | None,
    robots: int | None,
    days: float | None,
    incidents_per_day: float | None,
    mishaps: bool,
) -> Scenario:
    """The scenario of the file, or the usual one, with what the command line gave."""
    scenario = Scenario() if path is None else load_scenario(path)
    changes: dict[str, Any] = {}
    if robots is not None:
        changes["robots"] = robots
    if days is not None:
        changes["days"] = days
    if incidents_per_day is not None:
        changes["incidents"] = msgspec.structs.replace(
            scenario.incidents, per_day=incidents_per_day
        )
    if not mishaps:
        changes["mishaps"] = NO_MISHAPS
    return msgspec.structs.replace(scenario, **changes)


def _standing_work(
    scenario: Scenario, path: Path | None, map_dir: Path, campus: Campus
) -> StandingWork:
    """Schedules and programmes that a scenario runs by."""
    from fleet_manager.cli_compare import standing_work

    return standing_work(scenario, path, map_dir, campus)


@contextmanager
def bar(what: str) -> Iterator[Any]:
    """A progress bar on stderr; yields what is told the part that is done."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=1.0)
        yield lambda part: progress.update(task, completed=part)


def _print(found: dict[str, Any], took_s: float) -> None:
    """The figures for people."""
    console = Console(markup=False, highlight=False)
    days = found["days"]
    robots = ", ".join(f"{count} {kind}" for kind, count in found["robots"].items())
    console.print(
        f"{found['campus']}, {found['scenario']}, seed {found['seed']}: {days:g} days, {robots}; "
        f"{took_s:.1f} s, {days * 86400 / max(took_s, 1e-9):,.0f} times real time"
    )
    console.print(_responses(found["response"]))
    _print_idleness(console, found["idleness"])
    console.print(_use(found["use"]))
    cleaned = found["coverage"]
    if cleaned["share"] is not None:
        console.print(
            f"cleaned {cleaned['cleaned_m2']:,.0f} of {cleaned['due_m2']:,.0f} m² due "
            f"({cleaned['share']:.1%})"
        )
    console.print(
        f"{found['driven']['km']:,.1f} km driven, {found['energy']['used_kwh']:,.1f} kWh used, "
        f"lowest battery {_share(found['batteries']['lowest_away'])}"
    )
    counts = ", ".join(f"{n} {status}" for status, n in found["tasks"]["by_status"].items())
    console.print(f"tasks: {counts or 'none'}")
    for text, count in found["refused"].items():
        console.print(f"refused {count} times: {text}")
    _print_standstills(console, found)


def _responses(response: dict[str, Any]) -> Table:
    table = Table("task", "asked", "begun", "mean", "p50", "p90", "p95", "longest", title=None)
    for category, row in response.items():
        times = [_time(row[each]) for each in ("mean_s", "p50_s", "p90_s", "p95_s", "max_s")]
        table.add_row(category, str(row["asked"]), str(row["begun"]), *times)
    return table


def _print_idleness(console: Console, idle: dict[str, Any]) -> None:
    if not idle["sites"]:
        return
    console.print(
        f"{idle['sites']} patrolled places: longest without a visit {_time(idle['worst_s'])} "
        f"({idle['worst_at']}), on average {_time(idle['average_s'])}"
    )
    if idle["by_sector"]:
        table = Table("sector", "places", "longest", "average", "promised")
        for row in idle["by_sector"].values():
            times = [_time(row[each]) for each in ("worst_s", "average_s", "promised_s")]
            table.add_row(row["name"], str(row["sites"]), *times)
        console.print(table)


def _use(use: dict[str, Any]) -> Table:
    columns = ("work", "to work", "wait", "move", "charge", "idle", "absent")
    table = Table("robots", "busy", *columns)
    for kind, row in use.items():
        table.add_row(kind, f"{row['busy']:.1%}", *(f"{row[each]:.1%}" for each in columns))
    return table


def _print_standstills(console: Console, found: dict[str, Any]) -> None:
    still = found["standstills"]
    empty = found["batteries"]["empty"]
    if empty:
        console.print(f"ran out of energy: {', '.join(empty)}")
    if not still["count"]:
        console.print("no robot stood still for a quarter of an hour")
        return
    console.print(
        f"{still['count']} standstill{'s' * (still['count'] != 1)}, {still['circles']} of them "
        f"circles, {still['unresolved']} not resolved"
    )
    for each in still["list"][:20]:
        until = "for ever" if each["until_s"] is None else f"to {_time(each['until_s'])}"
        for robot, what in each["waits_for"].items():
            task = each["tasks"][robot] or "no task"
            since = _time(each["since_s"])
            console.print(f"  {robot} ({task}) from {since} {until}: waits for {what}")


def _time(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.0%}"
