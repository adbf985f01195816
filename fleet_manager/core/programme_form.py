"""Reads a patrol programme as people write it, in files and to the API, and writes it down."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

import msgspec
from dateutil.rrule import rrulestr
from msgspec import Meta, Struct, field

from fleet_manager.core.errors import InvalidRequest
from fleet_manager.core.programme import DWELL_S, ProgrammeSpec, SiteSpec, Window
from fleet_manager.core.recurrence import Recurrence

_Name = Annotated[str, Meta(min_length=1, max_length=200)]
_Id = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]*$", max_length=80)]


class _Site(Struct, forbid_unknown_fields=True):
    place: _Name
    weight: float = 1.0
    weights_by_hour: list[float] = field(default_factory=list)
    promise_s: float | None = None


class _Window(Struct, forbid_unknown_fields=True):
    rrule: _Name
    duration_s: float
    start: date = date(2026, 1, 1)
    until: date | None = None
    exceptions: list[date] = field(default_factory=list)


class _Form(Struct, forbid_unknown_fields=True, kw_only=True):
    id: _Id
    name: _Name
    sites: Annotated[list[_Name | _Site], Meta(max_length=500)] = field(default_factory=list)
    sectors: Annotated[list[_Name], Meta(max_length=500)] = field(default_factory=list)
    promise_s: float | None = None
    robots: int | None = None
    window: _Window | None = None
    timezone: _Name | None = None
    seed: Annotated[int, Meta(ge=0, le=2**31)] = 1
    unpredictability: float = 0.5
    dwell_s: Annotated[float, Meta(ge=0.0, le=3600.0)] = DWELL_S
    priority: int = 0
    labels: Annotated[list[_Name], Meta(max_length=50)] = field(default_factory=list)
    enabled: bool = True


def read_programme(document: Mapping[str, Any], timezone: str) -> ProgrammeSpec:
    """The programme that a document describes (docs/api.md).

    Args:
        timezone: IANA name, of the campus; for a document that has none.

    Raises:
        InvalidRequest: names the field that is missing, wrong or unknown.
    """
    try:
        form = msgspec.convert(dict(document), _Form)
    except msgspec.ValidationError as error:
        raise InvalidRequest(f"programme: {error}", "see docs/api.md for its fields") from error
    zone = form.timezone or timezone
    return ProgrammeSpec(
        id=form.id,
        name=form.name,
        timezone=zone,
        sites=tuple(_site(each) for each in form.sites),
        sectors=tuple(form.sectors),
        promise_s=form.promise_s,
        robots=form.robots,
        window=None if form.window is None else _window(form.window, zone),
        seed=form.seed,
        unpredictability=form.unpredictability,
        dwell_s=form.dwell_s,
        priority=form.priority,
        labels=tuple(form.labels),
        enabled=form.enabled,
    )


def _site(asked: str | _Site) -> SiteSpec:
    if isinstance(asked, str):
        return SiteSpec(asked)
    return SiteSpec(asked.place, asked.weight, tuple(asked.weights_by_hour), asked.promise_s)


def _window(asked: _Window, timezone: str) -> Window:
    """Raises InvalidRequest: its rule is none, or it ends before it starts."""
    if asked.until is not None and asked.until < asked.start:
        raise InvalidRequest(
            f"window.until: {asked.until} is before its start, {asked.start}",
            "correct it or leave it out",
        )
    try:
        rrulestr(asked.rrule)
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidRequest(
            f"window.rrule: {asked.rrule!r} is no recurrence rule: {error}",
            'write it as in RFC 5545, such as "FREQ=DAILY;BYHOUR=22;BYMINUTE=0;BYSECOND=0"',
        ) from error
    exceptions = tuple(sorted(set(asked.exceptions)))
    recurrence = Recurrence(asked.rrule, timezone, asked.start, asked.until, exceptions)
    return Window(recurrence, asked.duration_s)


def document_of(spec: ProgrammeSpec) -> dict[str, Any]:
    """What `read_programme` reads as the same programme."""
    window = None
    if spec.window is not None:
        rule = spec.window.recurrence
        window = {
            "rrule": rule.rrule,
            "duration_s": spec.window.duration_s,
            "start": rule.start.isoformat(),
            "until": None if rule.until is None else rule.until.isoformat(),
            "exceptions": [each.isoformat() for each in rule.exceptions],
        }
    return {
        "id": spec.id,
        "name": spec.name,
        "sites": [
            {
                "place": each.place,
                "weight": each.weight,
                "weights_by_hour": list(each.weights_by_hour),
                "promise_s": each.promise_s,
            }
            for each in spec.sites
        ],
        "sectors": list(spec.sectors),
        "promise_s": spec.promise_s,
        "robots": spec.robots,
        "window": window,
        "timezone": spec.timezone,
        "seed": spec.seed,
        "unpredictability": spec.unpredictability,
        "dwell_s": spec.dwell_s,
        "priority": spec.priority,
        "labels": list(spec.labels),
        "enabled": spec.enabled,
    }
