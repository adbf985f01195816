"""The live feed's content: everything at one time, and what of it differs from before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fleet_manager.app.views.closures import closure_view, weather_view
from fleet_manager.app.views.emergency import stop_views
from fleet_manager.app.views.incidents import incident_view
from fleet_manager.app.views.passages import passage_view
from fleet_manager.app.views.programmes import programme_summary
from fleet_manager.app.views.robots import robot_row
from fleet_manager.app.views.tasks import task_summary
from fleet_manager.app.views.traffic import live_route
from fleet_manager.core.closure import Closure
from fleet_manager.core.incident import Incident
from fleet_manager.core.state import FleetState
from fleet_manager.core.task import Task
from fleet_manager.ports import ZoneCondition

ENDED_SHOWN_S = 3600.0
ENDED_AT_MOST = 200


@dataclass(frozen=True)
class LiveContent:
    """What a reader is shown, by id; routes only of robots that have an order."""

    now_s: float
    speed: float
    robots: Mapping[str, list[Any]]
    routes: Mapping[str, dict[str, Any]]
    tasks: Mapping[str, dict[str, Any]]
    incidents: Mapping[str, dict[str, Any]]
    zones: Mapping[str, dict[str, Any]]
    closures: Mapping[str, dict[str, Any]]
    passages: Mapping[str, dict[str, Any]]
    programmes: Mapping[str, dict[str, Any]]
    weather: Mapping[str, Any]
    map_version: str
    stops: Mapping[str, dict[str, Any]]
    zone_stops: tuple[str, ...]

    def snapshot(self) -> dict[str, Any]:
        """The frame that tells everything, without its number."""
        return {
            "type": "snapshot",
            "now_s": self.now_s,
            "speed": self.speed,
            "robots": list(self.robots.values()),
            "routes": dict(self.routes),
            "tasks": list(self.tasks.values()),
            "incidents": list(self.incidents.values()),
            "zones": list(self.zones.values()),
            "closures": list(self.closures.values()),
            "passages": list(self.passages.values()),
            "programmes": list(self.programmes.values()),
            "weather": dict(self.weather),
            "map_version": self.map_version,
            "stops": list(self.stops.values()),
            "zone_stops": list(self.zone_stops),
        }

    def delta(self, before: LiveContent) -> dict[str, Any]:
        """The frame that tells what is new since `before`; keys without news are left out."""
        frame: dict[str, Any] = {"type": "delta", "now_s": self.now_s, "speed": self.speed}
        for key in ("robots", "tasks", "incidents", "zones", "closures", "passages", "programmes"):
            news = list(_news(getattr(self, key), getattr(before, key)).values())
            if news:
                frame[key] = news
        routes: dict[str, Any] = _news(self.routes, before.routes)
        routes.update({name: None for name in before.routes if name not in self.routes})
        if routes:
            frame["routes"] = routes
        if self.weather != before.weather:
            frame["weather"] = dict(self.weather)
        if self.map_version != before.map_version:
            frame["map_version"] = self.map_version
        if (self.stops, self.zone_stops) != (before.stops, before.zone_stops):
            frame["stops"] = list(self.stops.values())
            frame["zone_stops"] = list(self.zone_stops)
        removed = [each for each in before.tasks if each not in self.tasks]
        if removed:
            frame["removed_tasks"] = removed
        gone = [each for each in before.programmes if each not in self.programmes]
        if gone:
            frame["removed_programmes"] = gone
        return frame


def live_content(
    state: FleetState, conditions: Mapping[str, ZoneCondition], now_s: float, speed: float
) -> LiveContent:
    """Everything that the live feed tells at one time."""
    campus, reports = state.site.campus, state.telemetry.reports
    movements = ((name, record.movement) for name, record in state.robots.items())
    return LiveContent(
        now_s=round(now_s, 3),
        speed=round(speed, 2),
        robots={name: robot_row(state, name) for name in state.robots},
        routes={name: live_route(state, name, each) for name, each in movements if each},
        tasks={task.id: task_summary(task, reports) for task in _shown_tasks(state, now_s)},
        incidents={each.id: incident_view(each) for each in _shown_incidents(state, now_s)},
        zones={
            zone: {"id": zone, "clean_fraction": round(condition.clean_fraction, 4)}
            for zone, condition in conditions.items()
        },
        closures={each.id: closure_view(state, each) for each in _shown_closures(state, now_s)},
        passages={each: passage_view(state, each) for each in campus.passages},
        programmes={each: _programme(state, each, now_s) for each in state.programmes},
        weather=weather_view(state),
        map_version=campus.version,
        stops=stop_views(state),
        zone_stops=tuple(state.zone_stops),
    )


def _programme(state: FleetState, identifier: str, now_s: float) -> dict[str, Any]:
    """A programme with its times in whole tens of seconds: as they grow, they are no news."""
    summary = programme_summary(state, identifier, now_s)
    for key in ("measured_s", "idle_s", "average_idleness_s"):
        if summary[key] is not None:
            summary[key] = 10.0 * round(summary[key] / 10.0)
    return summary


def _shown_tasks(state: FleetState, now_s: float) -> list[Task]:
    """The open ones, and those that ended lately (the newest where they are many)."""
    since_s = now_s - ENDED_SHOWN_S
    ended = [t for t in state.tasks.values() if t.ended and (t.finished_s or 0.0) >= since_s]
    ended.sort(key=lambda task: task.finished_s or 0.0)
    return [*ended[-ENDED_AT_MOST:], *state.open_tasks()]


def _shown_incidents(state: FleetState, now_s: float) -> list[Incident]:
    """The open ones, and those that were closed lately."""
    since_s = now_s - ENDED_SHOWN_S
    return [
        each
        for each in state.incidents.values()
        if not each.closed or (each.timeline and each.timeline[-1].time_s >= since_s)
    ]


def _shown_closures(state: FleetState, now_s: float) -> list[Closure]:
    """Those in force and to come, and those that were over lately."""
    since_s = now_s - ENDED_SHOWN_S
    return [each for each in state.closures.values() if not each.over or each.since_s >= since_s]


def _news(now: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in now.items() if before.get(key) != value}
