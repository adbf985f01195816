"""How soon people and robots answered: incidents and calls for a robot in a period."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from fleet_manager.core.incident import Incident, IncidentStatus
from fleet_manager.core.task import Category, Phase, Task

MANAGER = "manager"
STEPS = ("acknowledged", "assigned", "closed")


def response_report(incidents: Iterable[Incident], tasks: Iterable[Task]) -> dict[str, Any]:
    """Times from a raised incident to each step, and from a call to the robot's arrival."""
    rows = [_incident(each) for each in incidents]
    calls = [_call(each) for each in tasks if each.category is Category.RESPOND]
    by_severity: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_severity[row["severity"]].append(row)
    return {
        "incidents": rows,
        "calls": calls,
        "severities": [
            {
                "severity": severity,
                "count": len(found),
                "false_alarms": sum(row["status"] == IncidentStatus.FALSE_ALARM for row in found),
                **{step: _spread([row[f"{step}_after_s"] for row in found]) for step in STEPS},
            }
            for severity, found in sorted(by_severity.items(), reverse=True)
        ],
        "arrival": _spread([row["arrived_after_s"] for row in calls]),
    }


def _incident(incident: Incident) -> dict[str, Any]:
    reached: dict[IncidentStatus, float] = {}
    seen_s: list[float] = []
    for entry in incident.timeline[1:]:
        reached.setdefault(entry.status, entry.time_s - incident.raised_s)
        if entry.by != MANAGER:  # it closes what is over, and looks at nothing
            seen_s.append(entry.time_s - incident.raised_s)
    ends = (IncidentStatus.RESOLVED, IncidentStatus.FALSE_ALARM)
    closed = [reached[each] for each in ends if each in reached]
    return {
        "incident": incident.id,
        "kind": incident.kind,
        "severity": incident.severity,
        "status": incident.status.value,
        "title": incident.title,
        "place": incident.place,
        "raised_s": incident.raised_s,
        # Who assigns or closes what nobody acknowledged has seen it.
        "acknowledged_after_s": min(seen_s, default=None),
        "assigned_after_s": reached.get(IncidentStatus.ASSIGNED),
        "closed_after_s": closed[0] if closed else None,
        "closed_by": incident.resolved_by,
    }


def _call(task: Task) -> dict[str, Any]:
    first: Phase | None = task.phases[0] if task.phases else None
    arrived_s = first.started_s if first is not None else None
    return {
        "task": task.id,
        "place": str(task.description.get("place", "")),
        "priority": task.priority,
        "requester": task.requester,
        "status": task.status.value,
        "robot": task.attempts[-1].robot if task.attempts else None,
        "requested_s": task.requested_s,
        "assigned_after_s": task.attempts[0].from_s - task.requested_s if task.attempts else None,
        "arrived_after_s": None if arrived_s is None else arrived_s - task.requested_s,
        "finished_after_s": None if task.finished_s is None else task.finished_s - task.requested_s,
    }


def _spread(values: Sequence[float | None]) -> dict[str, Any]:
    """How many there are, their median, 90th percentile (nearest rank) and worst, seconds."""
    known = sorted(each for each in values if each is not None)
    if not known:
        return {"count": 0, "median_s": None, "p90_s": None, "worst_s": None}

    def rank(share: float) -> float:
        return round(known[math.ceil(share * len(known)) - 1], 1)

    return {
        "count": len(known),
        "median_s": rank(0.5),
        "p90_s": rank(0.9),
        "worst_s": round(known[-1], 1),
    }
