"""Versions of the map."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from fleet_manager.adapters.http.schemas.base import Answer, Asked, Person, Text


class NewMapVersion(Asked):
    """A map to publish.

    `parent`: the version that has to be in use, so that nobody's change is lost. `check_only`: say
    what is wrong with it and publish nothing. `force`: publish it in spite of that.
    """

    document: Annotated[dict[str, Any], Field(description="campus.geojson (docs/map-format.md)")]
    note: Text = ""
    by: Person = ""
    parent: Annotated[str, Field(max_length=64)] | None = None
    check_only: bool = False
    force: bool = False


class MapFinding(Answer):
    """What is wrong with a map, as `fleet map validate --json` has it."""

    check: str
    severity: str
    subject: str
    problem: str
    remedy: str


class PlacedFinding(MapFinding):
    """What is wrong with a map, and where, metres; null where it is nowhere in particular."""

    level: str | None
    x_m: float | None
    y_m: float | None


class MapReport(Answer):
    """The validation report of a version; `count` tells of findings beyond those listed."""

    version: str
    count: int
    took_s: float
    findings: list[PlacedFinding]


class PublishedMap(Answer):
    """What came of it; `number` is null where nothing was published."""

    version: str
    published: bool
    number: int | None
    findings: list[MapFinding]


class MapVersion(Answer):
    """A publication of the map; `time_s` in Unix seconds, `parent` the version before."""

    number: int
    version: str
    by: str
    time_s: float
    note: str
    parent: str
    source: str
    in_use: bool


class MapDifference(Answer):
    """Ids of features by what became of them, of one version against an older one."""

    added: list[str]
    removed: list[str]
    changed: list[str]
