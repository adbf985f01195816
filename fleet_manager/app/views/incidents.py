"""Incidents as documents."""

from __future__ import annotations

from typing import Any

from fleet_manager.core.incident import Incident


def incident_view(incident: Incident) -> dict[str, Any]:
    """An incident with its life, oldest step first."""
    return {
        "id": incident.id,
        "kind": incident.kind,
        "severity": incident.severity,
        "status": incident.status.value,
        "title": incident.title,
        "place": incident.place,
        "x_m": incident.x_m,
        "y_m": incident.y_m,
        "level": incident.level,
        "robot": incident.robot,
        "task_id": incident.task_id,
        "closure_id": incident.closure_id,
        "stddev_m": incident.stddev_m if incident.detects else None,
        "score": incident.score if incident.detects else None,
        "seen_s": incident.seen_s,
        "sightings": incident.sightings,
        "sources": list(incident.sources),
        "pictures": len(incident.pictures),
        "raised_s": incident.raised_s,
        "acknowledged_by": incident.acknowledged_by,
        "assigned_to": incident.assigned_to,
        "resolved_by": incident.resolved_by,
        "note": incident.note,
        "timeline": [
            {
                "time_s": entry.time_s,
                "status": entry.status.value,
                "by": entry.by,
                "note": entry.note,
            }
            for entry in incident.timeline
        ],
    }
