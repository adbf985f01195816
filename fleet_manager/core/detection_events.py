"""Events of what cameras tell, and of the incidents that come of it."""

from __future__ import annotations

from msgspec import Struct

from fleet_manager.core.detection import Detection


class DetectionCommitted(Struct, frozen=True, tag=True):
    """What a camera told of is in the log; `incident_id` is what it belongs to, if to anything."""

    detection: Detection
    time_s: float
    incident_id: str | None = None


class IncidentUpgraded(Struct, frozen=True, tag=True):
    """The same happening has become something worse: who walked there has fallen."""

    incident_id: str
    kind: str
    severity: int
    title: str
    time_s: float


class IncidentAnswered(Struct, frozen=True, tag=True):
    """What was done at once about an incident; `problem` is why nothing could be done."""

    incident_id: str
    time_s: float
    task_id: str | None = None
    closure_id: str | None = None
    problem: str = ""


class CameraTuned(Struct, frozen=True, tag=True):
    """People's word on an incident has changed the least score of a source for what it saw."""

    source: str
    class_name: str
    score: float
    time_s: float
    incident_id: str = ""


DetectionEvent = DetectionCommitted | IncidentUpgraded | IncidentAnswered | CameraTuned
