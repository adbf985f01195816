"""Doors, lifts and crossings: how they are, whom they serve, who waits."""

from __future__ import annotations

from typing import Any

from fleet_manager.core.passage import PassageRecord, PassageReport, PassageStatus
from fleet_manager.core.state import FleetState

UNKNOWN = "unknown"
"""State of a passage that has not been heard since the manager started."""


def passage_view(state: FleetState, identifier: str) -> dict[str, Any]:
    """A passage of the map by its id; telemetry and what is in the log of it in one."""
    passage = state.site.campus.passage(identifier)
    record = state.passages.get(identifier) or PassageRecord(identifier)
    report, head = state.telemetry.passages.get(identifier), record.head
    since_s = record.since_s if record.out_of_order else head.since_s if head else None
    return {
        "id": identifier,
        "name": passage.name,
        "kind": passage.kind.value,
        "building": passage.building,
        "levels": list(passage.levels),
        "state": _state(record, report),
        "level": report.level if report else None,
        "robot": head.robot if head else None,
        "session": head.status.value if head else None,
        "asked_level": head.level if head else None,
        "waiting": [each.robot for each in record.sessions[1:]],
        "since_s": since_s,
        "reason": record.reason,
    }


def _state(record: PassageRecord, report: PassageReport | None) -> str:
    if record.out_of_order:
        return PassageStatus.OUT_OF_ORDER.value
    return report.status.value if report else UNKNOWN
