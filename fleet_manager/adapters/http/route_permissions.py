"""What each route takes: one table, in which a route that is missing cannot be reached."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.routing import compile_path

from fleet_manager.app.permissions import Permission

PUBLIC = None
"""Whoever asks; nothing of the fleet is told there."""
WEBSOCKET = "WEBSOCKET"

_ROBOT_ACTIONS = {
    "pause": Permission.PAUSE_ROBOTS,
    "resume": Permission.PAUSE_ROBOTS,
    "emergency_stop": Permission.STOP_ROBOTS,
    "release_stop": Permission.RELEASE_STOPS,
}
_INCIDENT_STEPS = ("acknowledge", "assign", "resolve", "false_alarm")

TABLE: dict[str, Permission | None] = {
    "GET /": PUBLIC,
    "GET /app": PUBLIC,
    "GET /app/{path:path}": PUBLIC,
    "GET /docs": PUBLIC,
    "GET /docs/assets/{name}": PUBLIC,
    "GET /openapi.json": PUBLIC,
    "GET /healthz": PUBLIC,
    "GET /readyz": PUBLIC,
    "GET /version": PUBLIC,
    "GET /session": PUBLIC,
    "POST /session": PUBLIC,
    "DELETE /session": PUBLIC,
    "GET /metrics": Permission.SEE_METRICS,
    "GET /system": Permission.SEE_FLEET,
    "WEBSOCKET /live": Permission.SEE_FLEET,
    "WEBSOCKET /rmf/states": Permission.SEE_FLEET,
    "GET /events": Permission.SEE_FLEET,
    "PUT /session/password": Permission.OWN_ACCOUNT,
    "GET /sessions": Permission.OWN_ACCOUNT,
    "DELETE /sessions/{session_id}": Permission.OWN_ACCOUNT,
    "GET /permissions": Permission.SEE_FLEET,
    "GET /accounts": Permission.MANAGE_ACCOUNTS,
    "POST /accounts": Permission.MANAGE_ACCOUNTS,
    "PATCH /accounts/{name}": Permission.MANAGE_ACCOUNTS,
    "POST /accounts/{name}/link": Permission.MANAGE_ACCOUNTS,
    "DELETE /accounts/{name}/sessions": Permission.MANAGE_ACCOUNTS,
    "GET /tokens": Permission.MANAGE_TOKENS,
    "POST /tokens": Permission.MANAGE_TOKENS,
    "DELETE /tokens/{token_id}": Permission.MANAGE_TOKENS,
    "GET /audit": Permission.SEE_AUDIT,
    "GET /tasks": Permission.SEE_FLEET,
    "GET /tasks/{task_id}/state": Permission.SEE_FLEET,
    "GET /tasks/{task_id}/log": Permission.SEE_FLEET,
    "GET /tasks/{task_id}/explain": Permission.SEE_FLEET,
    "POST /tasks/dispatch_task": Permission.ASK_TASKS,
    "POST /tasks/cancel_task": Permission.ASK_TASKS,
    "POST /tasks/kill_task": Permission.ASK_TASKS,
    "POST /tasks/interrupt_task": Permission.ASK_TASKS,
    "POST /tasks/resume_task": Permission.ASK_TASKS,
    "GET /robots": Permission.SEE_FLEET,
    "GET /robots/{name}": Permission.SEE_FLEET,
    **{f"POST /robots/{{name}}/{action}": each for action, each in _ROBOT_ACTIONS.items()},
    **{f"POST /robots/{action}": each for action, each in _ROBOT_ACTIONS.items()},
    "POST /robots/{name}/charge": Permission.SEND_ROBOTS,
    "POST /robots/{name}/go_to": Permission.SEND_ROBOTS,
    "POST /robots/{name}/confirm_position": Permission.CONFIRM_POSITIONS,
    "GET /calendar": Permission.SEE_FLEET,
    "GET /schedules": Permission.SEE_FLEET,
    "POST /schedules": Permission.PLAN_SCHEDULES,
    "GET /schedules/{schedule_id}": Permission.SEE_FLEET,
    "PUT /schedules/{schedule_id}": Permission.PLAN_SCHEDULES,
    "DELETE /schedules/{schedule_id}": Permission.PLAN_SCHEDULES,
    "GET /schedules/{schedule_id}/history": Permission.SEE_FLEET,
    "GET /programmes": Permission.SEE_FLEET,
    "POST /programmes": Permission.PLAN_SCHEDULES,
    "GET /programmes/{programme_id}": Permission.SEE_FLEET,
    "PATCH /programmes/{programme_id}": Permission.PLAN_SCHEDULES,
    "DELETE /programmes/{programme_id}": Permission.PLAN_SCHEDULES,
    "GET /incidents": Permission.SEE_FLEET,
    "GET /incidents/{incident_id}/pictures/{number}": Permission.HANDLE_INCIDENTS,
    "POST /incidents": Permission.HANDLE_INCIDENTS,
    **{
        f"POST /incidents/{{incident_id}}/{each}": Permission.HANDLE_INCIDENTS
        for each in _INCIDENT_STEPS
    },
    "POST /health_checks": Permission.HANDLE_INCIDENTS,
    "GET /map": Permission.SEE_FLEET,
    "GET /map/validation": Permission.SEE_FLEET,
    "GET /map/versions": Permission.SEE_FLEET,
    "POST /map/versions": Permission.PUBLISH_MAP,
    "GET /map/versions/{version}": Permission.SEE_FLEET,
    "GET /map/versions/{version}/diff/{other}": Permission.SEE_FLEET,
    "GET /closures": Permission.SEE_FLEET,
    "POST /closures": Permission.CLOSE_MAP,
    "POST /obstacles": Permission.CLOSE_MAP,
    "GET /closures/{closure_id}": Permission.SEE_FLEET,
    "PATCH /closures/{closure_id}": Permission.CLOSE_MAP,
    "DELETE /closures/{closure_id}": Permission.CLOSE_MAP,
    "GET /restrictions": Permission.SEE_FLEET,
    "GET /weather": Permission.SEE_FLEET,
    "PUT /weather": Permission.CLOSE_MAP,
    "GET /passages": Permission.SEE_FLEET,
    "GET /passages/{passage_id}": Permission.SEE_FLEET,
    "POST /passages/{passage_id}/restore": Permission.RESTORE_PASSAGES,
    "GET /zones": Permission.SEE_FLEET,
    "GET /zones/{zone_id}": Permission.SEE_FLEET,
    "GET /emergency": Permission.SEE_FLEET,
    "POST /zones/{zone_id}/emergency_stop": Permission.STOP_ROBOTS,
    "POST /zones/{zone_id}/release_stop": Permission.RELEASE_STOPS,
    "GET /assets": Permission.SEE_FLEET,
    "GET /traffic": Permission.SEE_FLEET,
    "GET /traffic/waiting": Permission.SEE_FLEET,
    "GET /traffic/{robot}": Permission.SEE_FLEET,
    **{
        f"GET /reports/{each}": Permission.SEE_FLEET
        for each in ("patrols", "coverage", "inspections", "responses", "utilisation")
    },
    "GET /replay": Permission.SEE_FLEET,
    "GET /replay/tracks": Permission.SEE_FLEET,
    "GET /replay/events": Permission.SEE_FLEET,
    "GET /what-if": Permission.SEE_FLEET,
    "POST /what-if": Permission.SIMULATE,
    "GET /what-if/{job_id}": Permission.SEE_FLEET,
    "DELETE /what-if/{job_id}": Permission.SIMULATE,
}


@dataclass(frozen=True, slots=True)
class Found:
    """A route of the table.

    Attributes:
        template: its path with parameters in braces.
        permission: that it takes; None: whoever asks.
    """

    template: str
    permission: Permission | None


@dataclass(frozen=True, slots=True)
class _Path:
    template: str
    pattern: re.Pattern[str]
    methods: Mapping[str, Permission | None]


class RouteTable:
    """Finds what a request takes. Paths are matched as Starlette does, whole names first."""

    def __init__(self, table: Mapping[str, Permission | None]) -> None:
        methods: dict[str, dict[str, Permission | None]] = {}
        for route, permission in table.items():
            method, template = route.split(" ")
            methods.setdefault(template, {})[method] = permission
        self._paths = [
            _Path(template, compile_path(template)[0], methods[template])
            for template in sorted(methods, key=_parameters_last)
        ]

    def find(self, method: str, path: str) -> Found | frozenset[str]:
        """What a request takes, or the methods that its path has: none where nothing is there."""
        wanted = "GET" if method == "HEAD" else method
        allowed: set[str] = set()
        for each in self._paths:
            if each.pattern.match(path):
                if wanted in each.methods:
                    return Found(each.template, each.methods[wanted])
                allowed |= each.methods.keys()
        return frozenset(allowed)


def _parameters_last(template: str) -> list[tuple[bool, str]]:
    return [("{" in step, step) for step in template.split("/")]
