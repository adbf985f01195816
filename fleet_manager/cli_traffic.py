"""`fleet traffic`: who waits for whom, and why."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from fleet_manager.api_client import AsJson, Url, get, print_json, segment

app = typer.Typer(help="See who waits for whom.", no_args_is_help=True)

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
