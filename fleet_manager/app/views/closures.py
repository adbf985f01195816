"""Closures, the weather and what both mean for each kind of robot."""

from __future__ import annotations

from typing import Any

from fleet_manager.core.closure import Closure, Obstacle
from fleet_manager.core.restrictions import lanes_in_weather, lanes_of
from fleet_manager.core.state import FleetState


def closure_view(state: FleetState, closure: Closure) -> dict[str, Any]:
    """A closure; `affected_lanes` are those of the map of now, with those in its zones."""
    window = closure.window
    rule = window.recurrence
    return {
        "id": closure.id,
        "status": closure.status.value,
        "lanes": list(closure.lanes),
        "zones": list(closure.zones),
        "passages": list(closure.passages),
        "kinds": None if closure.kinds is None else list(closure.kinds),
        "speed_limit_mps": closure.speed_limit_mps,
        "reason": closure.reason,
        "by": closure.by,
        "created_s": closure.created_s,
        "since_s": closure.since_s,
        "changes_s": closure.changes_s,
        "from_s": window.from_s,
        "until_s": window.until_s,
        "rrule": rule.rrule if rule else None,
        "timezone": rule.timezone if rule else None,
        "start": rule.start.isoformat() if rule else None,
        "until": rule.until.isoformat() if rule and rule.until else None,
        "duration_s": window.duration_s if rule else None,
        "ended_by": closure.ended_by,
        "obstacle": None if closure.obstacle is None else _obstacle(closure, closure.obstacle),
        "affected_lanes": sorted(lanes_of(state.site.campus, closure)),
    }


def _obstacle(closure: Closure, obstacle: Obstacle) -> dict[str, Any]:
    return {
        "x_m": obstacle.x_m,
        "y_m": obstacle.y_m,
        "level": obstacle.level,
        "radius_m": obstacle.radius_m,
        "what": obstacle.what,
        "seen_s": closure.seen_s,
    }


def weather_view(state: FleetState) -> dict[str, Any]:
    """The weather, and the rules of the map that it brings into force."""
    campus, weather = state.site.campus, state.weather
    return {
        "conditions": [each.value for each in weather.conditions],
        "since_s": weather.since_s,
        "by": weather.by,
        "station": weather.station,
        "rules": [
            {
                "id": rule.id,
                "weather": rule.weather.value,
                "active": rule.weather in weather.conditions,
                "kinds": None if rule.kinds is None else sorted(rule.kinds),
                "speed_limit_mps": rule.speed_limit_mps,
                "lanes": len(lanes_in_weather(campus, rule)),
            }
            for rule in campus.weather_rules.values()
        ],
    }


def restrictions_view(state: FleetState) -> dict[str, Any]:
    """By kind of robot: what is closed, what is slower than usual, and why."""
    return {
        kind: {
            "closed": sorted(each.closed),
            "limits": dict(each.limits),
            "zones": sorted(each.zones),
            "why": dict(sorted(each.why.items())),
        }
        for kind, each in state.restrictions.items()
    }
