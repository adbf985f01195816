"""`fleet traffic`: who waits for whom, and why."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from fleet_manager.api_client import AsJson, Url, get, print_json, segment

app = typer.Typer(help="See who waits for whom.", no_args_is_help=True)

NAMED = 3
"""Robots that a line of a table names."""

Name = Annotated[str, typer.Argument(metavar="ROBOT", help="Name of the robot.")]


@app.command("list")
def list_traffic(url: Url = None, as_json: AsJson = False) -> None:
    """List robots that are under way, with what each waits for."""
    traffic = get(url, "/traffic")
    if as_json:
        print_json(traffic)
        return
    table = Table(
        Column("robot", no_wrap=True),
        "may go to",
        "bound for",
        "waits for",
        "who goes first",
    )
    for name, robot in traffic["robots"].items():
        if not robot["base"]:
            continue
        waits = robot["waiting_for"]
        table.add_row(
            name,
            robot["base"][-1],
            [*robot["base"], *robot["horizon"]][-1],
            ", ".join(dict.fromkeys(each["resource"] for each in waits)) or "–",
            ", ".join(dict.fromkeys(each["robot"] for each in waits)) or "–",
        )
    Console(markup=False, highlight=False).print(table)


@app.command()
def explain(robot: Name, url: Url = None, as_json: AsJson = False) -> None:
    """Say why a robot is where it is, and who holds it up."""
    found = get(url, f"/traffic/{segment(robot)}")
    if as_json:
        print_json(found)
        return
    for sentence in found["sentences"]:
        typer.echo(sentence)


@app.command("waiting")
def list_waiting(
    hours: Annotated[
        int, typer.Option(min=1, max=24, help="Hours of the clock, with the present one.")
    ] = 24,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """List where robots have waited behind others, the longest waits first."""
    found = get(url, "/traffic/waiting", hours=hours)
    if as_json:
        print_json(found)
        return
    if not found:
        typer.echo("No robot has waited behind another.")
        return
    table = Table(
        Column("waypoint", no_wrap=True),
        "level",
        Column("waited, min", justify="right"),
        Column("robots", justify="right"),
        "behind (min)",
    )
    for each in found:
        behind = [f"{robot} ({_minutes(s)})" for robot, s in list(each["behind"].items())[:NAMED]]
        table.add_row(
            each["waypoint"],
            each["level"],
            _minutes(each["waited_s"]),
            str(each["robots"]),
            ", ".join(behind),
        )
    Console(markup=False, highlight=False).print(table)


def _minutes(seconds: float) -> str:
    return f"{seconds / 60.0:.1f}"
