"""`fleet map` against a running manager: closures, limits, passages, weather, versions."""

from __future__ import annotations

import re
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table

from fleet_manager.adapters.maps.campus_file import MAP_FILE, read_document
from fleet_manager.api_client import (
    AsJson,
    By,
    Reason,
    Url,
    delete,
    get,
    patch,
    person,
    post,
    print_json,
    put,
    segment,
)

PUBLISHING_S = 120.0
"""The manager reads and checks the whole map before it answers."""
UNITS_S = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}

Features = Annotated[
    list[str], typer.Argument(metavar="ID...", help="Lanes, zones, doors, lifts or crossings.")
]
Kinds = Annotated[
    list[str] | None, typer.Option("--kind", help="Only for these kinds of robots; repeatable.")
]
From = Annotated[
    str | None, typer.Option("--from", help='Local time: "2027-03-01 08:00"; else now.')
]
Until = Annotated[
    str | None, typer.Option(help="Local time; with --every the last date; else until opened.")
]
Every = Annotated[str | None, typer.Option(help='RRULE: "FREQ=DAILY;BYHOUR=22;BYMINUTE=0".')]
For = Annotated[
    str | None, typer.Option("--for", help="How long, with --every each time: 90m, 2h, 1d.")
]


def register(app: typer.Typer) -> None:
    """Add these commands to `fleet map`."""
    for name, command in (
        ("close", close),
        ("limit", limit),
        ("extend", extend),
        ("open", open_),
        ("obstacle", obstacle),
        ("closures", closures),
        ("passages", passages),
        ("restore", restore),
        ("weather", weather),
        ("publish", publish),
        ("versions", versions),
    ):
        app.command(name)(command)


def close(
    features: Features,
    kind: Kinds = None,
    from_: From = None,
    until: Until = None,
    every: Every = None,
    for_: For = None,
    reason: Reason = "",
    by: By = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Close lanes, zones, doors, lifts or crossings; robots are led off at once."""
    _add(features, None, kind, (from_, until, every, for_), reason, by, url, as_json)


def limit(
    features: Features,
    speed: Annotated[float, typer.Option(help="Metres per second.")],
    kind: Kinds = None,
    from_: From = None,
    until: Until = None,
    every: Every = None,
    for_: For = None,
    reason: Reason = "",
    by: By = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Have robots drive slower on lanes, in zones or through doors."""
    _add(features, speed, kind, (from_, until, every, for_), reason, by, url, as_json)


def obstacle(
    x: Annotated[float, typer.Argument(metavar="X", help="Metres east, map frame.")],
    y: Annotated[float, typer.Argument(metavar="Y", help="Metres north, map frame.")],
    level: Annotated[str, typer.Option(help="Level it stands on.")] = "ground",
    radius: Annotated[float, typer.Option(help="Metres.")] = 1.0,
    what: Annotated[str, typer.Option(help='"van", "crate", …')] = "",
    for_: Annotated[
        str, typer.Option("--for", help="How long it is believed in: 30m, 2h.")
    ] = "30m",
    by: By = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Report something that stands on the lanes; robots are led around it until it is forgotten.

    `fleet map open` with the id that is printed, once it is gone.
    """
    place = {"x_m": x, "y_m": y, "level": level, "radius_m": radius}
    body = {**place, "what": what, "stays_s": _seconds(for_), "by": person(by)}
    answer = post(url, "/obstacles", body)
    if as_json:
        print_json(answer)
        return
    until = _time(answer["until_s"], _zone(url))
    print(f"{answer['id']}: {len(answer['affected_lanes'])} lanes closed until {until}")


def extend(
    closure: Annotated[str, typer.Argument(metavar="CLOSURE", help="Id of a closure.")],
    until: Annotated[
        str | None, typer.Option(help="Local time; of one that comes again, the last date.")
    ] = None,
    for_: Annotated[
        str | None,
        typer.Option("--for", help="From now on, or each time: 90m, 2h, 1d."),
    ] = None,
    for_ever: Annotated[bool, typer.Option("--for-ever", help="Until it is opened.")] = False,
    reason: Annotated[str | None, typer.Option(help="Another reason.")] = None,
    by: By = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Have a closure or limit end later, or earlier."""
    if sum((until is not None, for_ is not None, for_ever)) > 1:
        _fail("--until, --for and --for-ever each say when it ends; give one of them")
    path = f"/closures/{segment(closure)}"
    recurs = get(url, path)["rrule"] is not None
    body: dict[str, Any] = {"by": person(by)}
    if reason is not None:
        body["reason"] = reason
    if for_ever:
        body["until" if recurs else "until_s"] = None
    elif for_ is not None and recurs:
        body["duration_s"] = _seconds(for_)
    elif for_ is not None:
        body["until_s"] = _now_s(url) + _seconds(for_)
    elif until is not None and recurs:
        body["until"] = until
    elif until is not None:
        body["until_s"] = _moment("--until", until, _zone(url))
    elif reason is None:
        _fail("nothing is to be changed; give --until, --for, --for-ever or --reason")
    answer = patch(url, path, body)
    if as_json:
        print_json(answer)
        return
    changes = _time(answer["changes_s"], _zone(url))
    print(f"{closure}: {answer['status']}, changes at {changes}")


def open_(
    closures: Annotated[list[str], typer.Argument(metavar="CLOSURE...", help="Ids of closures.")],
    by: By = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Remove closures and limits."""
    for identifier in closures:
        delete(url, f"/closures/{segment(identifier)}", by=person(by))
    if as_json:
        print_json({"removed": closures})
    else:
        print(f"removed: {', '.join(closures)}")


def closures(
    everything: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """List closures and limits."""
    found = [
        each
        for each in get(url, "/closures")
        if everything or each["status"] in ("active", "scheduled")
    ]
    if as_json:
        print_json(found)
        return
    zone = _zone(url)
    table = Table(title=f"{len(found)} closures", title_justify="left")
    for column in ("id", "status", "what", "kinds", "limit", "changes", "reason", "by"):
        table.add_column(column)
    for each in found:
        mps = each["speed_limit_mps"]
        table.add_row(
            each["id"],
            each["status"],
            ", ".join([*each["zones"], *each["passages"], *each["lanes"]]),
            "all" if each["kinds"] is None else ", ".join(each["kinds"]),
            "closed" if mps is None else f"{mps:g} m/s",
            _time(each["changes_s"], zone),
            each["reason"] or "–",
            each["by"] or "–",
        )
    Console(markup=False, highlight=False).print(table)


def passages(
    state: Annotated[
        str | None, typer.Option(help="Only those that are open, closed, out_of_order …")
    ] = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """List doors, lifts and crossings: how they are, whom they serve, who waits."""
    found = get(url, "/passages", **({} if state is None else {"state": state}))
    if as_json:
        print_json(found)
        return
    zone = _zone(url)
    table = Table(title=f"{len(found)} doors, lifts and crossings", title_justify="left")
    for column in ("id", "state", "level", "robot", "waiting", "since", "name", "reason"):
        table.add_column(column, no_wrap=column in ("id", "state"))
    for each in found:
        table.add_row(
            each["id"],
            each["state"],
            each["level"] or "–",
            each["robot"] or "–",
            ", ".join(each["waiting"]) or "–",
            _time(each["since_s"], zone),
            each["name"],
            each["reason"] or "–",
        )
    Console(markup=False, highlight=False).print(table)


def restore(
    passage: Annotated[str, typer.Argument(metavar="ID", help="A door, lift or crossing.")],
    by: By = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Say that a passage that was out of order works; ways lead through it again."""
    answer = post(url, f"/passages/{segment(passage)}/restore", {"by": person(by)})
    if as_json:
        print_json(answer)
    else:
        print(f"{passage} counts as working")


def weather(
    conditions: Annotated[
        list[str] | None, typer.Argument(help="rain, ice, wind, heat; or none; left out: show it.")
    ] = None,
    station: Annotated[str, typer.Option(help="Station that measured it.")] = "",
    by: By = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Say what the weather is; the map's rules for it hold at once."""
    if conditions:
        given = [each for each in conditions if each != "none"]
        body = {"conditions": given, "station": station, "by": person(by)}
        answer = put(url, "/weather", body)
    else:
        answer = get(url, "/weather")
    if as_json:
        print_json(answer)
        return
    print(f"weather: {', '.join(answer['conditions']) or 'nothing to heed'}")
    for rule in answer["rules"]:
        state = "in force" if rule["active"] else "not in force"
        kinds = "all kinds" if rule["kinds"] is None else ", ".join(rule["kinds"])
        mps = rule["speed_limit_mps"]
        effect = "closed" if mps is None else f"{mps:g} m/s"
        what = f"{rule['lanes']} lanes {effect}, {kinds}, {state}"
        print(f"  {rule['id']} ({rule['weather']}): {what}")


def publish(
    folder: Annotated[Path, typer.Argument(help="Folder of the campus, or its map file.")],
    note: Annotated[str, typer.Option(help="What has changed.")] = "",
    parent: Annotated[
        str | None, typer.Option(help="Version that has to be in use; else the one that is now.")
    ] = None,
    check: Annotated[bool, typer.Option(help="Only say what is wrong with it.")] = False,
    force: Annotated[bool, typer.Option(help="Publish it in spite of errors.")] = False,
    by: By = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Have a running manager lead its robots by a map from now on."""
    document = read_document(folder / MAP_FILE if folder.is_dir() else folder)
    if parent is None:
        parent = next((each["version"] for each in get(url, "/map/versions", limit=1)), None)
    body = {
        "document": document,
        "note": note,
        "by": person(by),
        "parent": parent,
        "check_only": check,
        "force": force,
    }
    answer = post(url, "/map/versions", body, timeout_s=PUBLISHING_S)
    if as_json:
        print_json(answer)
    else:
        for finding in answer["findings"]:
            print(f"{finding['check']}: {finding['problem']}\n  → {finding['remedy']}")
        number = answer["number"]
        done = "not published" if number is None else f"published, number {number}"
        print(f"version {answer['version']}: {done}, {len(answer['findings'])} findings")
    if check and answer["findings"]:
        raise typer.Exit(1)


def versions(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 20,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """List what was published, newest first."""
    found = get(url, "/map/versions", limit=limit)
    if as_json:
        print_json(found)
        return
    zone = _zone(url)
    table = Table(title=f"{len(found)} publications", title_justify="left")
    for column in ("number", "version", "when", "by", "note", "in use"):
        table.add_column(column)
    for each in found:
        table.add_row(
            str(each["number"]),
            each["version"],
            _time(each["time_s"], zone),
            each["by"] or "–",
            each["note"] or "–",
            "yes" if each["in_use"] else "",
        )
    Console(markup=False, highlight=False).print(table)


def _add(
    features: list[str],
    speed_mps: float | None,
    kinds: list[str] | None,
    when: tuple[str | None, str | None, str | None, str | None],
    reason: str,
    by: str | None,
    url: str | None,
    as_json: bool,
) -> None:
    campus = get(url, "/map")
    body: dict[str, Any] = {
        **_sorted_out(campus, features),
        **_window(when, ZoneInfo(campus["campus"]["timezone"]), url),
        "kinds": kinds or None,
        "speed_limit_mps": speed_mps,
        "reason": reason,
        "by": person(by),
    }
    answer = post(url, "/closures", body)
    if as_json:
        print_json(answer)
        return
    effect = "closed" if speed_mps is None else f"at most {speed_mps:g} m/s"
    print(f"{answer['id']}: {len(answer['affected_lanes'])} lanes {effect}, {answer['status']}")


def _sorted_out(campus: Any, features: list[str]) -> dict[str, list[str]]:
    """What of the named is a zone, a passage, or else a lane (which the manager knows or not)."""
    kinds = {each["id"]: each["properties"]["feature"] for each in campus["features"]}
    names = {
        each["properties"].get("name"): each["id"]
        for each in campus["features"]
        if each["properties"]["feature"] == "zone"
    }
    found: dict[str, list[str]] = {"lanes": [], "zones": [], "passages": []}
    for name in features:
        identifier = name if name in kinds else names.get(name, name)
        kind = kinds.get(identifier, "lane")
        key = {"zone": "zones", "door": "passages", "lift": "passages", "crossing": "passages"}
        found[key.get(kind, "lanes")].append(identifier)
    return found


def _window(
    when: tuple[str | None, str | None, str | None, str | None], zone: ZoneInfo, url: str | None
) -> dict[str, Any]:
    from_, until, every, for_ = when
    if every is not None:
        dates = {"start": from_, "until": until}
        given = {key: value[:10] for key, value in dates.items() if value}
        if for_ is None:
            _fail("--every needs --for: how long it lasts each time, such as 2h")
        return {"rrule": every, "duration_s": _seconds(for_), **given}
    if for_ is not None and until is not None:
        _fail("--for and --until both say when it ends; give one of them")
    begin_s = _moment("--from", from_, zone)
    end_s = _moment("--until", until, zone)
    if for_ is not None:
        end_s = (_now_s(url) if begin_s is None else begin_s) + _seconds(for_)
    return {"from_s": begin_s, "until_s": end_s}


def _now_s(url: str | None) -> float:
    """Of the fleet's clock, Unix seconds: that of a simulation is another than ours."""
    return float(get(url, "/system")["now_s"])


def _moment(option: str, text: str | None, zone: ZoneInfo) -> float | None:
    if text is None:
        return None
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        _fail(f'{option} {text!r} is no time; write it as "2027-03-01 08:00"')
    return (local if local.tzinfo else local.replace(tzinfo=zone)).timestamp()


def _seconds(text: str) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", text)
    if found is None:
        _fail(f"--for {text!r} is no duration; write 90m, 2h or 1d")
    return float(found[1]) * UNITS_S[found[2]]


def _fail(line: str) -> NoReturn:
    print(f"fleet: {line}", file=sys.stderr)
    raise SystemExit(2)


def _zone(url: str | None) -> ZoneInfo:
    return ZoneInfo(get(url, "/map")["campus"]["timezone"])


def _time(time_s: float | None, zone: ZoneInfo) -> str:
    return "–" if time_s is None else f"{datetime.fromtimestamp(time_s, zone):%Y-%m-%d %H:%M}"
