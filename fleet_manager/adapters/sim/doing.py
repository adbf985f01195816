"""What a simulated robot is at, and what it has done."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Doing(StrEnum):
    """What a robot is at."""

    STANDING = "standing"
    DRIVING = "driving"
    WORKING = "working"
    WAITING = "waiting"


@dataclass(slots=True)
class Odometer:
    """What a robot has done since the beginning."""

    driven_m: float = 0.0
    swept_m: float = 0.0
    stops: int = 0
