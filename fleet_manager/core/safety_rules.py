"""What is an incident, by what was seen, where and when; and what is done about it at once."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

DETECTED = (
    *("person", "person_down", "vehicle", "litter", "spill", "smoke", "fire"),
    *("extinguisher_missing", "exit_blocked", "door_open"),
)
"""What cameras tell of."""

Severity = Annotated[int, Meta(ge=0, le=3)]
Metres = Annotated[float, Meta(gt=0.0, le=100.0)]
Seconds = Annotated[float, Meta(ge=0.0, le=86400.0)]
Days = Annotated[float, Meta(gt=0.0, le=3650.0)]


class Response(StrEnum):
    """What is done at once, without anybody asking."""

    NONE = "none"
    LOOK = "look"
    """The nearest robot that can respond goes there."""
    SPOT_CLEAN = "spot_clean"
    EVACUATE = "evacuate"
    """Lanes around it are closed: robots there leave, others keep off."""


class Rule(Struct, frozen=True, forbid_unknown_fields=True):
    """When something that was seen is an incident.

    Attributes:
        detects: what was seen.
        severity: 0 (information) to 3 (danger to people).
        kind: of the incident; "": what was seen.
        title: for people; "": made of the kind.
        zones: ids of zones and sectors it must be seen in; (): anywhere.
        hours: local, such as 22:00-06:00; None: at any hour.
        score: least score.
        merge_m: one that is seen so near to an open incident of its kind is the same.
        quiet_s: after a false alarm, nothing is raised there of this kind for so long.
    """

    detects: str
    severity: Severity
    kind: str = ""
    title: str = ""
    zones: tuple[str, ...] = ()
    hours: str | None = None
    score: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.0
    respond: Response = Response.NONE
    merge_m: Metres = 4.0
    quiet_s: Seconds = 600.0

    @property
    def named(self) -> str:
        """The kind of the incident."""
        return self.kind or self.detects

    def holds_at(self, time_s: float, timezone: str) -> bool:
        """Whether it is one of its hours; an end before the start is on the next day."""
        if self.hours is None:
            return True
        local = datetime.fromtimestamp(time_s, ZoneInfo(timezone)).strftime("%H:%M")
        start, end = self.hours.split("-")
        return start <= local < end if start <= end else local >= start or local < end


class StationRule(Struct, frozen=True, forbid_unknown_fields=True):
    """When a reading is an incident: above a limit for a time, at some stations or, (), at all."""

    quantity: str
    unit: str
    above: float
    severity: Severity
    kind: str = ""
    title: str = ""
    for_s: Seconds = 60.0
    stations: tuple[str, ...] = ()

    @property
    def named(self) -> str:
        """The kind of the incident."""
        return self.kind or self.quantity


class HealthRule(Struct, frozen=True, forbid_unknown_fields=True):
    """Anonymous health checks that a campus has opted in for.

    Attributes:
        stations: whose counts are taken.
        share: of a group with raised temperatures from which people are told.
        least_raised: and at least so many.
    """

    stations: Annotated[tuple[str, ...], Meta(min_length=1)]
    share: Annotated[float, Meta(gt=0.0, le=1.0)] = 0.2
    least_raised: Annotated[int, Meta(ge=2)] = 3
    severity: Severity = 1


STATION_RULES = (
    StationRule("smoke_density", "dB/m", 0.2, 3, kind="smoke", title="Smoke", for_s=10.0),
    StationRule("gas_lel", "%", 10.0, 3, kind="gas", title="Explosive gas", for_s=10.0),
    StationRule("co", "[ppm]", 35.0, 3, kind="carbon_monoxide", title="Carbon monoxide"),
    StationRule("temperature", "Cel", 55.0, 2, kind="heat", title="Heat"),
    StationRule("pm25", "ug/m3", 150.0, 0, kind="dust", title="Fine dust", for_s=900.0),
)
"""Where rules.yaml has none: a tenth of what explodes, a workplace's limit, EN 54's response."""


class SafetyRules(Struct, frozen=True, forbid_unknown_fields=True):
    """All rules of a campus; the first that fits counts.

    Attributes:
        evidence_days: for so long pictures of an incident are kept.
        people_evidence_days: where people are what was seen.
        stations: for readings; all that fit count.
        health_checks: None: none are taken.
    """

    rules: tuple[Rule, ...]
    evidence_days: Days = 30.0
    people_evidence_days: Days = 7.0
    stations: tuple[StationRule, ...] = STATION_RULES
    health_checks: HealthRule | None = None


DEFAULT_RULES = SafetyRules(
    (
        Rule("person_down", 3, title="Somebody lies on the ground", respond=Response.LOOK),
        Rule("fire", 3, title="Fire", respond=Response.EVACUATE, merge_m=15.0),
        Rule("smoke", 3, title="Smoke", respond=Response.LOOK, merge_m=15.0),
        Rule(
            "person",
            2,
            kind="intruder",
            title="Somebody is on the campus at night",
            hours="22:00-06:00",
            respond=Response.LOOK,
            merge_m=8.0,
        ),
        Rule("exit_blocked", 2, title="An emergency exit is blocked", respond=Response.LOOK),
        Rule("extinguisher_missing", 2, title="A fire extinguisher is missing"),
        Rule("spill", 1, title="A spill", respond=Response.SPOT_CLEAN),
        Rule("litter", 0, title="Litter", respond=Response.SPOT_CLEAN),
        Rule(
            "door_open",
            1,
            title="A door stands open at night",
            hours="22:00-06:00",
            respond=Response.LOOK,
        ),
    )
)
"""Where the campus has no rules.yaml."""
