"""The figures of a simulation, from its record: how the campus was served, at what cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from shapely.geometry import Point

from fleet_manager.adapters.sim.record import Activity, Record, quantile
from fleet_manager.adapters.sim.world import World
from fleet_manager.core.campus import Campus, Sector
from fleet_manager.core.task import Category

QUANTILES = {"p50_s": 0.5, "p90_s": 0.9, "p95_s": 0.95, "max_s": 1.0}

Json = dict[str, Any]


def figures(world: World) -> Json:
    """All figures of a simulation that has run, as JSON; the same run gives the same to the byte.

    Times are in seconds, numbers rounded to what they are worth.
    """
    record, end_s = world.record, world.now_s
    robots = list(world.robots)
    kinds = Counter(world.site.fleet.robots[name].kind for name in robots)
    return {
        "campus": world.site.campus.id,
        "map_version": world.site.campus.version,
        "scenario": world.scenario.name,
        "seed": world.seed,
        "days": _round((end_s - record.start_s) / 86_400.0, 4),
        "robots": dict(sorted(kinds.items())),
        "idleness": idleness(world.site.campus, record, end_s),
        "response": response(record, end_s),
        "coverage": coverage(record),
        "use": use(world, end_s),
        "energy": energy(world),
        "driven": driven(world),
        "tasks": task_counts(record),
        "incidents": dict(sorted(record.raised.items())),
        "batteries": batteries(world),
        "standstills": standstills(record),
        "refused": dict(sorted(record.refused.items())),
        "work_of_core": {"decisions": record.decisions, "ticks": record.ticks},
    }


def idleness(campus: Campus, record: Record, end_s: float) -> Json:
    """Time between visits of the places that patrols were asked to visit, by sector and in all.

    The worst counts the gap that is open at the end. The average is that of the graph: at a random
    time, a place was last visited so long ago, which is the mean over places of the squares of the
    gaps by twice the time. The first gap begins with the simulation. Places of programmes count in
    the hours of these alone, each time anew from their beginning.
    """
    rows: dict[str, tuple[float, float]] = {}
    for site in record.sites:
        idle = record.idleness(site, end_s)
        rows[site] = (idle.worst_s, idle.average_s)
    found: Json = {**_idleness(rows), "by_sector": {}}
    for sector in campus.sectors.values():
        inside = {site: row for site, row in rows.items() if _within(campus, sector, site)}
        if inside:
            promised = {"name": sector.name, "promised_s": sector.max_idleness_s}
            found["by_sector"][sector.id] = {**promised, **_idleness(inside)}
    return found


def _idleness(rows: Mapping[str, tuple[float, float]]) -> Json:
    if not rows:
        return {"sites": 0, "worst_s": None, "worst_at": None, "average_s": None}
    at = max(rows, key=lambda site: rows[site][0])
    average_s = sum(row[1] for row in rows.values()) / len(rows)
    return {
        "sites": len(rows),
        "worst_s": _round(rows[at][0], 1),
        "worst_at": at,
        "average_s": _round(average_s, 1),
    }


def _within(campus: Campus, sector: Sector, site: str) -> bool:
    waypoint = campus.waypoint(site)
    return waypoint.level == sector.level and sector.polygon.covers(Point(waypoint.xy))


def response(record: Record, end_s: float) -> Json:
    """From when a task was asked for until a robot began at its first place, by category.

    Tasks that nobody has begun count with their age at the end, so that forgetting them does not
    look like speed.
    """
    found: Json = {}
    for category in Category:
        stories = [each for each in record.tasks.values() if each.category is category]
        asked = [each for each in stories if each.asked_s < end_s]
        if not asked or category is Category.CHARGE:
            continue
        begun = [each.begun_s - each.asked_s for each in asked if each.begun_s is not None]
        open_s = [
            end_s - each.asked_s for each in asked if each.begun_s is None and each.ended_s is None
        ]
        times = [*begun, *open_s]
        figures = {name: quantile(times, q) for name, q in QUANTILES.items()}
        found[category.value] = {
            "asked": len(asked),
            "begun": len(begun),
            "not_begun": len(open_s),
            "mean_s": _round(sum(times) / len(times), 1) if times else None,
            **{name: None if each is None else _round(each, 1) for name, each in figures.items()},
        }
    return found


def coverage(record: Record) -> Json:
    """Square metres that were to be cleaned, and those that were."""
    stories = list(record.tasks.values())
    due_m2 = sum(each.due_m2 for each in stories)
    cleaned_m2 = sum(each.cleaned_m2 for each in stories)
    share = None if due_m2 == 0 else _round(cleaned_m2 / due_m2, 4)
    return {"due_m2": _round(due_m2, 1), "cleaned_m2": _round(cleaned_m2, 1), "share": share}


def use(world: World, end_s: float) -> Json:
    """What robots spent their time on, shares by kind; `busy` is with a task, not charging."""
    found: Json = {}
    span_s = end_s - world.record.start_s
    for kind, names in _by_kind(world).items():
        spent = dict.fromkeys(Activity, 0.0)
        for name in names:
            for activity, seconds in world.record.spent(name, end_s).items():
                spent[activity] += seconds
        total_s = max(span_s * len(names), 1e-9)
        shares = {each.value: _round(seconds / total_s, 4) for each, seconds in spent.items()}
        busy = (Activity.WORK, Activity.TO_WORK, Activity.WAIT)
        busy_s = sum(spent[each] for each in busy)
        found[kind] = {"busy": _round(busy_s / total_s, 4), **shares}
    return found


def energy(world: World) -> Json:
    """Kilowatt-hours drawn from batteries and given by docks; a robot at its dock draws from it."""
    for robot in world.robots.values():
        robot.settle(world.now_s)
    return {
        "used_kwh": _round(sum(r.battery.used_wh for r in world.robots.values()) / 1e3, 3),
        "charged_kwh": _round(sum(r.battery.charged_wh for r in world.robots.values()) / 1e3, 3),
        "used_kwh_by_kind": {
            kind: _round(sum(world.robots[n].battery.used_wh for n in names) / 1e3, 3)
            for kind, names in _by_kind(world).items()
        },
    }


def driven(world: World) -> Json:
    """Kilometres, in all and by kind."""
    by_kind = {
        kind: sum(world.robots[name].odometer.driven_m for name in names) / 1e3
        for kind, names in _by_kind(world).items()
    }
    rounded = {kind: _round(each, 3) for kind, each in by_kind.items()}
    return {"km": _round(sum(by_kind.values()), 3), "km_by_kind": rounded}


def task_counts(record: Record) -> Json:
    """Tasks by status, in all and by category."""
    stories = list(record.tasks.values())
    by_status = Counter(each.status.value for each in stories)
    by_category = {
        category.value: dict(sorted(counts.items()))
        for category in Category
        if (counts := Counter(s.status.value for s in stories if s.category is category))
    }
    return {"by_status": dict(sorted(by_status.items())), "by_category": by_category}


def batteries(world: World) -> Json:
    """The lowest charge of any robot away from its charger, and robots whose battery ran empty."""
    lowest = world.record.lowest_away
    at = min(lowest, key=lambda name: lowest[name], default=None)
    reserve = world.site.policy.reserve
    return {
        "lowest_away": None if at is None else _round(lowest[at], 4),
        "lowest_robot": at,
        "below_reserve": sorted(name for name, each in lowest.items() if each < reserve),
        "empty": sorted(name for name, robot in world.robots.items() if robot.dead),
    }


def standstills(record: Record) -> Json:
    """Robots that did not get on for a quarter of an hour, and what each waited for."""
    told = [
        {
            "robots": list(each.robots),
            "circle": each.circle,
            "since_s": _round(each.since_s - record.start_s, 1),
            "until_s": None if each.until_s is None else _round(each.until_s - record.start_s, 1),
            "waits_for": each.waits_for,
            "blocked_by": {name: list(others) for name, others in each.blocked_by.items()},
            "tasks": each.tasks,
        }
        for each in record.standstills
    ]
    unresolved = [each for each in record.standstills if each.until_s is None]
    return {
        "count": len(told),
        "circles": sum(1 for each in record.standstills if each.circle),
        "unresolved": len(unresolved),
        "unresolved_robots": sorted({name for each in unresolved for name in each.robots}),
        "list": told,
    }


def _by_kind(world: World) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, spec in world.site.fleet.robots.items():
        found.setdefault(spec.kind, []).append(name)
    return dict(sorted(found.items()))


def _round(value: float, digits: int) -> float:
    return round(float(value), digits)
