"""Every error the fleet manager raises on purpose, in one tree.

CampusFleetError            message (what is wrong, where), remedy (what to do), code
├── MapError                the campus map, as a file or as a document
│   ├── MapFileError        a file of a campus folder that cannot be read; names file and line
│   ├── MapFormatError      a feature that cannot be read; names it
│   └── UnknownFeature      a waypoint, lane, zone, asset or place that is not on the map
├── Refused                 a command that is not carried out
│   ├── InvalidRequest      contradicts itself, the map or the fleet
│   ├── Unknown             no such task, robot, incident, schedule or closure
│   └── WrongState          not in the state that it is in
├── FleetConfigError        (config) a robot that the fleet does not have
├── CannotPatrol            (planning.patrol.problem) sites, weights or promises that cannot be
└── CannotSweep             (planning.coverage) a zone badly drawn, or too narrow for the brush
"""

from __future__ import annotations


class CampusFleetError(Exception):
    """Something a person can understand and mend.

    Attributes:
        remedy: what to do about it; a clause without a full stop.
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


class MapError(CampusFleetError):
    """Something about the campus map."""


class MapFileError(MapError):
    """A file of a campus folder that cannot be read; the message names the file and the line."""


class MapFormatError(MapError):
    """A feature of a map document that cannot be read.

    Attributes:
        feature_id: the feature, or "" for the document itself.
    """

    def __init__(self, message: str, remedy: str = "", feature_id: str = "") -> None:
        super().__init__(message, remedy)
        self.feature_id = feature_id


class UnknownFeature(MapError):
    """An id or name that the map does not have."""


class Refused(CampusFleetError):
    """A command that the fleet does not carry out; nothing has changed."""


class InvalidRequest(Refused):
    """A request that contradicts itself, the map or the fleet."""


class Unknown(Refused):
    """A task, robot, incident or schedule that does not exist."""


class WrongState(Refused):
    """Something that cannot be done in the state that the task, robot or incident is in."""
