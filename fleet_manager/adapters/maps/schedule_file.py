"""Reads `schedule.yaml` and holds its requests to the campus."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta, Struct, field, to_builtins

from fleet_manager.adapters.maps.yaml_file import Step, YamlFile, read_yaml
from fleet_manager.core.campus import Campus, ZonePurpose
from fleet_manager.core.config import ScheduleSpec
from fleet_manager.core.errors import UnknownFeature
from fleet_manager.core.recurrence import BadRecurrence
from fleet_manager.core.schedule import recurrence

SCHEDULE_FILE = "schedule.yaml"
FORM = "docs/map-format.md"

_Text = Annotated[str, Meta(min_length=1)]
_Rounds = Annotated[int, Meta(ge=1, le=1000)]
_NotNegative = Annotated[float, Meta(ge=0.0)]


class _Asked(Struct, kw_only=True, tag_field="category", forbid_unknown_fields=True):
    priority: Annotated[int, Meta(ge=0, le=9)] = 0
    labels: list[str] = field(default_factory=list)


class _Patrol(_Asked, tag="patrol"):
    description: _PatrolDescription


class _PatrolDescription(Struct, forbid_unknown_fields=True):
    places: Annotated[list[_Text], Meta(min_length=1)]
    rounds: _Rounds = 1


class _Clean(_Asked, tag="clean"):
    description: _CleanDescription


class _CleanDescription(Struct, forbid_unknown_fields=True):
    zone: _Text


class _Inspect(_Asked, tag="inspect"):
    description: _InspectDescription


class _InspectDescription(Struct, forbid_unknown_fields=True):
    assets: Annotated[list[_Text], Meta(min_length=1)]


class _GoTo(_Asked, tag="go_to"):
    description: _GoToDescription


class _GoToDescription(Struct, forbid_unknown_fields=True):
    place: _Text
    dwell_s: _NotNegative = 0.0


_Request = _Patrol | _Clean | _Inspect | _GoTo


class _Schedule(Struct, forbid_unknown_fields=True):
    id: Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]*$", max_length=80)]
    name: _Text
    rrule: _Text
    start: date
    request: _Request
    timezone: str | None = None
    until: date | None = None
    exceptions: list[date] = field(default_factory=list)
    enabled: bool = True


class _Schedules(Struct, forbid_unknown_fields=True):
    schedules: list[_Schedule]
    programmes: list[Any] = field(default_factory=list)  # read by programme_file


def load_schedules(path: Path, campus: Campus) -> tuple[ScheduleSpec, ...]:
    """The schedules in a file, or in the `schedule.yaml` of a folder.

    Raises:
        MapFileError: the file cannot be read, or a schedule asks for what the campus does not
            have; names file, line and what to do.
    """
    file = read_yaml(path / SCHEDULE_FILE if path.is_dir() else path, _Schedules, FORM)
    seen: set[str] = set()
    specs: list[ScheduleSpec] = []
    for index, schedule in enumerate(file.values.schedules):
        at: list[Step] = ["schedules", index]
        if schedule.id in seen:
            raise file.error([*at, "id"], f"two schedules have the id {schedule.id}", "rename one")
        seen.add(schedule.id)
        spec = ScheduleSpec(
            id=schedule.id,
            name=schedule.name,
            rrule=schedule.rrule,
            timezone=schedule.timezone or campus.timezone,
            start=schedule.start,
            until=schedule.until,
            exceptions=tuple(sorted(set(schedule.exceptions))),
            enabled=schedule.enabled,
            request=_request(schedule.request),
        )
        _check_time(file, at, spec)
        _check_request(file, at, schedule, campus)
        specs.append(spec)
    return tuple(specs)


def _check_time(file: YamlFile[_Schedules], at: list[Step], spec: ScheduleSpec) -> None:
    start = datetime(spec.start.year, spec.start.month, spec.start.day, tzinfo=UTC)
    try:
        recurrence(spec).check(start.timestamp())
    except BadRecurrence as error:
        problem = f"{spec.id}: {error.problem}"
        raise file.error([*at, error.field], problem, error.remedy) from error


def _check_request(
    file: YamlFile[_Schedules], at: list[Step], schedule: _Schedule, campus: Campus
) -> None:
    for steps, wanted in _wanted(schedule.request, campus):
        try:
            wanted()
        except UnknownFeature as error:
            raise file.error(
                [*at, "request", "description", *steps],
                f"{schedule.id}: {error}",
                error.remedy,
            ) from error
    if isinstance(schedule.request, _Clean):
        zone = campus.zone(schedule.request.description.zone)
        if zone.purpose is not ZonePurpose.CLEAN:
            raise file.error(
                [*at, "request", "description", "zone"],
                f"{schedule.id}: the zone {zone.id} is not cleaned, its purpose is {zone.purpose}",
                "name a zone with the purpose clean",
            )


def _wanted(request: _Request, campus: Campus) -> Iterator[tuple[list[Step], Any]]:
    """Look-ups of everything a request names, with where it is named."""
    match request:
        case _Patrol(description=patrol):
            for index, place in enumerate(patrol.places):
                yield ["places", index], lambda place=place: campus.place(place)
        case _Clean(description=clean):
            yield ["zone"], lambda: campus.zone(clean.zone)
        case _Inspect(description=inspect):
            for index, asset in enumerate(inspect.assets):
                yield ["assets", index], lambda asset=asset: campus.asset(asset)
        case _GoTo(description=go_to):
            yield ["place"], lambda: campus.place(go_to.place)


def _request(request: _Request) -> dict[str, Any]:
    built: dict[str, Any] = to_builtins(request)
    return built
