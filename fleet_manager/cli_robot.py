"""`fleet robot`: see robots, tell one or all of them what to do."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Column, Table

from fleet_manager.api_client import AsJson, By, Reason, Url, get, person, post, print_json, segment

app = typer.Typer(help="See and command robots.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Of the robot.")]
NameOrAll = Annotated[str | None, typer.Argument(metavar="NAME", help="Of the robot.")]
Zone = Annotated[str | None, typer.Option(help="Id of a zone: the robots in it.")]
All = Annotated[bool, typer.Option("--all", help="Every robot instead of one.")]


@app.command("list")
def list_robots(url: Url = None, as_json: AsJson = False) -> None:
    """List robots."""
    robots = get(url, "/robots")
    if as_json:
        print_json(robots)
        return
    table = Table(
        Column("robot", no_wrap=True),
        "kind",
        Column("status", no_wrap=True),
        "battery",
        Column("task", no_wrap=True),
        "at",
        "heard",
        "held up by",
    )
    for robot in robots:
        table.add_row(
            robot["name"],
            robot["kind"],
            robot["status"],
            _battery(robot),
            robot["task_id"] or "–",
            robot["last_node_id"] or "–",
            _heard(robot),
            ", ".join(_held_up_by(robot)) or "–",
        )
    Console(markup=False, highlight=False).print(table)


@app.command()
def show(name: Name, url: Url = None, as_json: AsJson = False) -> None:
    """Show a robot."""
    robot = get(url, f"/robots/{segment(name)}")
    if as_json:
        print_json(robot)
        return
    position = "never heard"
    if robot["x_m"] is not None:
        position = f"{robot['x_m']:.2f} m east, {robot['y_m']:.2f} m north, {robot['level']}"
    rows = {
        "kind": robot["kind"],
        "status": robot["status"],
        "position": position,
        "last waypoint": robot["last_node_id"] or "–",
        "speed": f"{robot['speed_mps']:.2f} m/s",
        "driven": f"{robot['distance_m']:.0f} m",
        "battery": _battery(robot) + (", charging" if robot["charging"] else ""),
        "range": _range(robot["energy"]),
        "charging": robot["energy"]["why_charging"] or "–",
        "task": robot["task_id"] or "–",
        "order": robot["order_id"] or "–",
        "mode": robot["operating_mode"] or "–",
        "heard": _heard(robot),
        "held up by": ", ".join(_held_up_by(robot)) or "–",
        "skills": ", ".join(robot["skills"]),
        "home": robot["home"] or "–",
    }
    table = Table(title=robot["name"], show_header=False, title_justify="left")
    for key, value in rows.items():
        table.add_row(key, value)
    console = Console(markup=False, highlight=False)
    console.print(table)
    for error in robot["errors"]:
        text = f"{error['level']} {error['type']}: {error['description']}; {error['remedy']}"
        console.print(text)


def _range(energy: dict[str, Any]) -> str:
    """How far a robot gets, and at which dock it will charge."""
    draws = f"draws {energy['consumption']:.0%} of its kind"
    if energy["range_m"] is None:
        return draws
    return f"{energy['range_m']} m, then to {energy['dock']}; {draws}"


@app.command()
def pause(
    name: NameOrAll = None,
    everyone: All = False,
    reason: Reason = "",
    by: By = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Have a robot stand still until it is resumed."""
    _tell("pause", name, everyone, person(by), reason, url, as_json)


@app.command()
def resume(
    name: NameOrAll = None,
    everyone: All = False,
    reason: Reason = "",
    by: By = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Let a paused robot go on."""
    _tell("resume", name, everyone, person(by), reason, url, as_json)


@app.command()
def stop(
    name: NameOrAll = None,
    everyone: All = False,
    zone: Zone = None,
    reason: Reason = "",
    by: By = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Latch the emergency stop of a robot, of all, or of those in a zone."""
    if zone is not None and name is None and not everyone:
        _tell_zone("emergency_stop", zone, person(by), reason, url, as_json)
        return
    _tell("emergency_stop", name, everyone, person(by), reason, url, as_json)


@app.command()
def release(
    by: By = None,
    name: NameOrAll = None,
    everyone: All = False,
    zone: Zone = None,
    reason: Reason = "",
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Release the emergency stop of a robot, of all or of a zone; who is logged in answers."""
    if zone is not None and name is None and not everyone:
        _tell_zone("release_stop", zone, person(by), reason, url, as_json)
        return
    _tell("release_stop", name, everyone, person(by), reason, url, as_json)


@app.command("enrol")
def enrol_robots(
    name: NameOrAll = None,
    everyone: All = False,
    map_dir: Annotated[Path | None, typer.Option("--map", help="Folder of the map.")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Folder of the manager.")] = None,
    as_json: AsJson = False,
) -> None:
    """Give a robot a new key; the file that is named has to be put on the robot.

    Run it on the manager's computer. Until the robot signs by its new key, the one before stays
    good. With --all the fleet's key, by which heartbeats are signed, is new too.
    """
    from fleet_manager.adapters.maps import load_fleet
    from fleet_manager.app.message_keys import enrol
    from fleet_manager.settings import Settings

    if (name is None) != everyone:
        print("fleet: give the name of a robot, or --all", file=sys.stderr)
        raise SystemExit(2)
    given: dict[str, Any] = {"map_dir": map_dir, "data_dir": data_dir}
    settings = Settings(**{name: value for name, value in given.items() if value is not None})
    robots = sorted(load_fleet(settings.fleet_file).robots)
    if name is not None and name not in robots:
        print(f"fleet: no robot {name}; there are {', '.join(robots)}", file=sys.stderr)
        raise SystemExit(2)
    chosen = robots if name is None else [name]
    files = enrol(settings.keys_dir, chosen, fleet_too=everyone)
    if as_json:
        print_json([{"robot": file.stem, "file": str(file)} for file in files])
        return
    for file in files:
        print(file)
    print("Put each into the robot's folder of keys (campus_robot --keys-dir); it is read at once.")


@app.command()
def stops(url: Url = None, as_json: AsJson = False) -> None:
    """List emergency stops that are not over; who has not confirmed first."""
    emergency = get(url, "/emergency")
    if as_json:
        print_json(emergency)
        return
    for zone in emergency["zones"]:
        print(f"zone {zone['zone']} is stopped by {zone['by'] or 'somebody'}")
    table = Table("robot", "stop", "by", "reason", "heard", "released by")
    for each in emergency["stops"]:
        row = (each["robot"], each["status"], each["by"] or "–", each["reason"] or "–")
        table.add_row(*row, _heard(each), each["released_by"] or "–")
    Console(markup=False, highlight=False).print(table)


@app.command()
def charge(name: Name, by: By = None, url: Url = None, as_json: AsJson = False) -> None:
    """Send a robot to its dock."""
    answer = post(url, f"/robots/{segment(name)}/charge", {"by": person(by)})
    _say(answer, f"{name} is to charge", as_json)


@app.command("go-to")
def go_to(
    name: Name,
    place: Annotated[str, typer.Argument(metavar="PLACE", help="Id or name.")],
    by: By = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Send a robot to a place."""
    answer = post(url, f"/robots/{segment(name)}/go_to", {"place": place, "by": person(by)})
    _say(answer, f"{name} is to go to {place}", as_json)


def _tell(
    action: str,
    name: str | None,
    everyone: bool,
    by: str,
    reason: str,
    url: str | None,
    as_json: bool,
) -> None:
    if (name is None) != everyone:
        print("fleet: give the name of a robot, or --all", file=sys.stderr)
        raise SystemExit(2)
    path = f"/robots/{action}" if name is None else f"/robots/{segment(name)}/{action}"
    answer = post(url, path, {"by": by, "reason": reason})
    words = action.replace("_", " ")
    _say(answer, f"{words}: told to {name or 'all robots'}", as_json)


def _tell_zone(
    action: str, zone: str, by: str, reason: str, url: str | None, as_json: bool
) -> None:
    answer = post(url, f"/zones/{segment(zone)}/{action}", {"by": by, "reason": reason})
    _say(answer, f"{action.replace('_', ' ')}: told to zone {zone}", as_json)


def _say(answer: Any, text: str, as_json: bool) -> None:
    if as_json:
        print_json(answer)
    else:
        print(text)


def _battery(robot: Any) -> str:
    return "–" if robot["battery"] is None else f"{robot['battery']:.0%}"


def _heard(robot: Any) -> str:
    return "never" if robot["age_s"] is None else f"{robot['age_s']:.0f} s ago"


def _held_up_by(robot: Any) -> list[str]:
    reasons = []
    stop_state = robot["emergency_stop"]
    if stop_state["latched"]:
        reasons.append(f"emergency stop by {stop_state['by'] or 'somebody'}")
    if robot["paused"]:
        reasons.append("pause")
    if robot["obstacle_stop"]:
        reasons.append("obstacle")
    if not robot["localized"] and robot["age_s"] is not None:
        reasons.append("not localized")
    reasons += [error["type"] for error in robot["errors"]]
    return reasons
