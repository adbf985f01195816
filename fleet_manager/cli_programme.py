"""`fleet programme`: promise that places are visited, and see whether the promise is kept."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Column, Table

from fleet_manager.api_client import (
    AsJson,
    By,
    Url,
    get,
    patch,
    person,
    post,
    print_json,
    segment,
)
from fleet_manager.api_client import (
    delete as ask_delete,
)

app = typer.Typer(help="Patrols that keep a promise.", no_args_is_help=True)

ProgrammeId = Annotated[str, typer.Argument(metavar="ID", help="Of the programme.")]


@app.command("list")
def list_programmes(url: Url = None, as_json: AsJson = False) -> None:
    """List programmes and how they stand to their promises."""
    found = get(url, "/programmes")
    if as_json:
        print_json(found)
        return
    table = Table(
        Column("programme", no_wrap=True), "status", "robots", "promised", "planned", "worst", "now"
    )
    for each in found:
        table.add_row(
            each["id"],
            each["status"],
            f"{each['robots']} of {each['robots_planned']}",
            *(_minutes(each[key]) for key in ("promised_s", "planned_s", "measured_s", "idle_s")),
        )
    Console(markup=False, highlight=False).print(table if found else "no programmes")


@app.command()
def add(
    programme_id: ProgrammeId,
    places: Annotated[list[str] | None, typer.Argument(metavar="PLACE…", help="To see.")] = None,
    name: Annotated[str, typer.Option(help="For people; else the id.")] = "",
    sector: Annotated[list[str] | None, typer.Option(help="Of the map; repeatable.")] = None,
    promise: Annotated[
        str, typer.Option(help="No place is longer without a visit: 30min, 900s, 2h.")
    ] = "",
    robots: Annotated[int | None, typer.Option(help="Else as many as it takes.")] = None,
    rrule: Annotated[
        str, typer.Option(help="When it begins, as in RFC 5545; else it always runs.")
    ] = "",
    duration: Annotated[str, typer.Option(help="How long it runs from then on.")] = "8h",
    seed: Annotated[int, typer.Option(help="Of what is unpredictable.")] = 1,
    unpredictability: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Share of the slack that it may spend.")
    ] = 0.5,
    priority: Annotated[int, typer.Option(min=0, max=9)] = 0,
    file: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="JSON with further fields.")
    ] = None,
    by: By = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Promise that places are visited again and again."""
    body: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file else {}
    given = {
        "id": programme_id,
        "name": name or programme_id,
        "sites": places,
        "sectors": sector,
        "promise_s": _seconds(promise) if promise else None,
        "robots": robots,
        "window": {"rrule": rrule, "duration_s": _seconds(duration)} if rrule else None,
        "seed": seed,
        "unpredictability": unpredictability,
        "priority": priority,
        "by": person(by),
    }
    body |= {key: value for key, value in given.items() if value is not None}
    _say(post(url, "/programmes", body), as_json)


@app.command()
def show(programme_id: ProgrammeId, url: Url = None, as_json: AsJson = False) -> None:
    """Show a programme's plan, who patrols, and each site's last and next visit."""
    found = get(url, f"/programmes/{segment(programme_id)}")
    if as_json:
        print_json(found)
        return
    console = Console(markup=False, highlight=False)
    console.print(_line(found))
    plan = found["plan"]
    if plan is not None:
        gap = "" if plan["gap"] is None else f", {plan['gap']:.0%} above {plan['bound']}"
        console.print(
            f"plan ({plan['method']}): {len(plan['teams'])} teams, worst "
            f"{_minutes(plan['worst_idleness_s'])}{gap}"
        )
    patrols = Table("beat", "team", "status", "robot", "task", "why")
    for each in found["patrols"]:
        row = (each[key] for key in ("beat", "team", "status", "robot", "task_id", "reason"))
        patrols.add_row(*("–" if value is None else str(value) for value in row))
    console.print(patrols)
    sites = Table("site", "promised", "now", "worst", "visits", "last by", "next")
    for each in found["state_of_sites"]:
        sites.add_row(
            each["site"],
            *(_minutes(each[key]) for key in ("promise_s", "idle_s", "worst_s")),
            str(each["visits"]),
            each["by"] or "–",
            _time(each["expected_s"]),
        )
    console.print(sites)


@app.command()
def pause(
    programme_id: ProgrammeId, by: By = None, url: Url = None, as_json: AsJson = False
) -> None:
    """Have a programme rest; its tasks are cancelled."""
    body = {"enabled": False, "by": person(by)}
    _say(patch(url, f"/programmes/{segment(programme_id)}", body), as_json)


@app.command()
def resume(
    programme_id: ProgrammeId, by: By = None, url: Url = None, as_json: AsJson = False
) -> None:
    """Let a paused programme patrol again."""
    body = {"enabled": True, "by": person(by)}
    _say(patch(url, f"/programmes/{segment(programme_id)}", body), as_json)


@app.command()
def delete(programme_id: ProgrammeId, url: Url = None, as_json: AsJson = False) -> None:
    """Remove a programme; its tasks are cancelled."""
    answer = ask_delete(url, f"/programmes/{segment(programme_id)}")
    if as_json:
        print_json(answer)
    else:
        print(f"{programme_id} is deleted")


def _seconds(text: str) -> float:
    """Seconds of 900, 900s, 15min or 2h."""
    for unit, factor in (("min", 60.0), ("h", 3600.0), ("s", 1.0), ("", 1.0)):
        if text.endswith(unit):
            try:
                return float(text.removesuffix(unit)) * factor
            except ValueError:
                break
    raise typer.BadParameter(f"{text!r} is no time; write 900s, 15min or 2h")


def _say(programme: Any, as_json: bool) -> None:
    if as_json:
        print_json(programme)
    else:
        print(_line(programme))


def _line(programme: Any) -> str:
    return (
        f"{programme['id']} is {programme['status']}, {programme['robots']} of "
        f"{programme['robots_planned']} robots; promised {_minutes(programme['promised_s'])}, "
        f"planned {_minutes(programme['planned_s'])}, worst {_minutes(programme['measured_s'])}"
    )


def _minutes(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds / 60:.1f} min"


def _time(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    return datetime.fromtimestamp(seconds).astimezone().strftime("%H:%M:%S")
