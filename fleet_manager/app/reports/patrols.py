"""Idleness of patrolled sites against what was promised, by sector and hour of a period."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from shapely.geometry import Point

from fleet_manager.app.past import DAY_S, Period
from fleet_manager.app.reports.visits import Running, Visit
from fleet_manager.core.campus import Campus

HOUR_S = 3600.0
LONGEST_LEAD_S = DAY_S


@dataclass(slots=True)
class Idleness:
    """What is gathered of sites.

    Attributes:
        watched_s: site-seconds in which a promise stood.
        area_s2: the integral of idleness over them.
        broken: promises that were broken: each counts when its time was up.
    """

    worst_s: float = 0.0
    worst_share: float = 0.0
    area_s2: float = 0.0
    watched_s: float = 0.0
    visits: int = 0
    broken: int = 0
    promise_s: float = math.inf
    sites: set[str] = field(default_factory=set)

    def told(self) -> dict[str, Any]:
        """As a document; times in seconds."""
        return {
            "promise_s": self.promise_s,
            "worst_s": round(self.worst_s, 1),
            "mean_s": round(self.area_s2 / self.watched_s, 1) if self.watched_s else 0.0,
            "visits": self.visits,
            "broken": self.broken,
            "kept": self.worst_share <= 1.0,
        }


def lead_s(running: Iterable[Running]) -> float:
    """How long before a period visits are looked for, so that its first idleness is known."""
    longest = max((each.site.promise_s for each in running), default=0.0)
    return min(2.0 * longest + HOUR_S, LONGEST_LEAD_S)


def patrol_report(
    campus: Campus,
    period: Period,
    running: Sequence[Running],
    visits: Mapping[str, Sequence[Visit]],
) -> dict[str, Any]:
    """How each sector was patrolled in each hour, and each site over the whole period.

    Args:
        campus: whose sectors and time zone count.
        period: that is looked at.
        running: which promise stood when.
        visits: by waypoint, from `lead_s` before the period on.
    """
    early_s = period.from_s - lead_s(running)
    sectors = {site: sector_of(campus, site) for site in {each.site.waypoint for each in running}}
    offset_s = _offset_s(campus, period.from_s)
    hours: dict[tuple[str, str, float], Idleness] = defaultdict(Idleness)
    sites: dict[tuple[str, str], Idleness] = defaultdict(Idleness)
    for each in running:
        clipped = Period(max(period.from_s, each.from_s), min(period.to_s, each.to_s))
        if clipped.length_s <= 0.0:
            continue
        site = each.site.waypoint
        known = sorted(visits.get(site, ()))
        whole = sites[each.programme, site]
        _gather(whole, each, clipped, known, early_s)
        for hour_s, part in _hours(clipped, offset_s):
            _gather(hours[each.programme, sectors[site], hour_s], each, part, known, early_s)
    return {
        "sectors": [
            {"programme": programme, "sector": sector or None, "hour_s": hour_s, **found.told()}
            for (programme, sector, hour_s), found in sorted(hours.items())
        ],
        "sites": [
            {"programme": programme, "site": site, "sector": sectors[site] or None, **found.told()}
            for (programme, site), found in sorted(sites.items())
        ],
    }


def sector_of(campus: Campus, waypoint: str) -> str:
    """Id of the sector that a waypoint is in; "": none, or it is not on the map any more."""
    found = campus.waypoints.get(waypoint)
    if found is None:
        return ""
    place = Point(found.xy)
    for sector in campus.sectors.values():
        if sector.level == found.level and sector.polygon.covers(place):
            return sector.id
    return ""


def _gather(
    found: Idleness,
    running: Running,
    period: Period,
    visits: Sequence[Visit],
    early_s: float,
) -> None:
    """Add how a site was visited in a part of the time that a promise stood."""
    promise_s = running.site.promise_s
    found.promise_s = min(found.promise_s, promise_s)
    found.sites.add(running.site.waypoint)
    found.watched_s += period.length_s
    since_s = max(running.from_s, early_s)
    for visit in visits:
        if visit.to_s < since_s:
            continue
        if visit.from_s >= period.to_s:
            break
        _gap(found, promise_s, period, since_s, visit.from_s)
        found.visits += period.from_s <= visit.from_s
        since_s = max(since_s, visit.to_s)
    _gap(found, promise_s, period, since_s, math.inf)


def _gap(found: Idleness, promise_s: float, period: Period, begin_s: float, end_s: float) -> None:
    """Add the part of a time without visits that lies in a period."""
    first_s, last_s = max(begin_s, period.from_s), min(end_s, period.to_s)
    if last_s <= first_s:
        return
    found.worst_s = max(found.worst_s, last_s - begin_s)
    found.worst_share = max(found.worst_share, (last_s - begin_s) / promise_s)
    found.area_s2 += ((last_s - begin_s) ** 2 - (first_s - begin_s) ** 2) / 2
    over_s = begin_s + promise_s
    found.broken += over_s < end_s and period.from_s <= over_s < period.to_s


def _hours(period: Period, offset_s: float) -> Iterator[tuple[float, Period]]:
    """The hours that a period is in, by the Unix time at which each begins."""
    hour_s = math.floor((period.from_s - offset_s) / HOUR_S) * HOUR_S + offset_s
    while hour_s < period.to_s:
        part = Period(max(hour_s, period.from_s), min(hour_s + HOUR_S, period.to_s))
        yield hour_s, part
        hour_s += HOUR_S


def _offset_s(campus: Campus, time_s: float) -> float:
    """By how much whole hours of the campus lie beside those of UTC: 1,800 s in India."""
    local = datetime.fromtimestamp(time_s, ZoneInfo(campus.timezone)).utcoffset()
    return 0.0 if local is None else -local.total_seconds() % HOUR_S
