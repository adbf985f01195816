"""Routes of the map's versions: who published what and when, and publishing while robots drive."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from fleet_manager.adapters.http.schemas import map_versions as schema
from fleet_manager.adapters.http.schemas.base import Id
from fleet_manager.adapters.http.service import CommandId, Service, Serving
from fleet_manager.app.map_library import expanded
from fleet_manager.app.map_publishing import Findings, MapPublisher
from fleet_manager.core.errors import Unknown, WrongState
from fleet_manager.core.map_commands import PublishMap
from fleet_manager.core.map_events import MapPublished
from fleet_manager.ports import MapHistory, MapRow

router = APIRouter(prefix="/map/versions", tags=["map"])

FINDINGS_AT_MOST = 1000
FINDING_KEYS = ("check", "severity", "subject", "problem", "remedy")


@router.get("", response_model=list[schema.MapVersion])
async def list_versions(
    service: Serving,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Any:
    """Every publication of the map, newest first."""
    maps, _ = _kept(service)
    rows = await maps.map_versions(limit=limit, offset=offset)
    return [_view(row, service.state.map.number) for row in rows]


@router.post(
    "",
    response_model=schema.PublishedMap,
    status_code=201,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": schema.NewMapVersion.model_json_schema()}},
        }
    },
)
async def publish(
    request: Request, response: Response, service: Serving, command_id: CommandId
) -> Any:
    """Check a map and lead robots by it from now on; 200 where it is only checked."""
    _, publisher = _kept(service)
    # Megabytes of JSON are read in a thread: the fleet does not wait for them.
    body = await asyncio.to_thread(_form, await request.body())
    in_use = service.state.map.version
    if body.parent is not None and body.parent != in_use and not body.check_only:
        raise WrongState(
            f"version {in_use} of the map is in use, not {body.parent}",
            "look at what has changed, and publish on top of it",
        )
    examined = await publisher.examined(body.document)
    version = examined.site.campus.version
    if body.check_only:
        response.status_code = 200
        return _answer(version, None, examined.findings)
    version = publisher.take(examined, body.force)
    command = PublishMap(version, body.by, body.note, body.parent)
    events = await service.submit(command, body.by, command_id)
    published = next(each for each in events if isinstance(each, MapPublished))
    return _answer(published.version, published.number, examined.findings)


@router.get("/{version}", response_model=schema.MapVersion)
async def get_version(version: Id, service: Serving) -> Any:
    """The latest publication of a version; its document is at `/map?version=`."""
    maps, _ = _kept(service)
    offset = 0
    while rows := await maps.map_versions(limit=1000, offset=offset):
        for row in rows:
            if row.version == version:
                return _view(row, service.state.map.number)
        offset += len(rows)
    raise _unknown(version)


@router.get("/{version}/diff/{other}", response_model=schema.MapDifference)
async def get_difference(version: Id, other: Id, service: Serving) -> Any:
    """What features of `other` are new, gone or changed against `version`."""
    before, after = document_of(service, version), document_of(service, other)
    return await asyncio.to_thread(_difference, before, after)


def document_of(service: Service, version: str) -> bytes:
    """The document of a version as JSON.

    Raises:
        Unknown: it was never published.
    """
    _, publisher = _kept(service)
    if version not in publisher.library:
        raise _unknown(version)
    return expanded(publisher.library.document(version))


def _form(body: bytes) -> schema.NewMapVersion:
    try:
        return schema.NewMapVersion.model_validate_json(body)
    except ValidationError as error:
        told = [{**each, "loc": ("body", *each["loc"])} for each in error.errors()]
        raise RequestValidationError(told) from error


def _difference(before: bytes, after: bytes) -> dict[str, list[str]]:
    old, new = _features(before), _features(after)
    return {
        "added": sorted(new.keys() - old.keys()),
        "removed": sorted(old.keys() - new.keys()),
        "changed": sorted(each for each in old.keys() & new.keys() if old[each] != new[each]),
    }


def _features(document: bytes) -> Mapping[str, Any]:
    return {str(each["id"]): each for each in json.loads(document)["features"]}


def _kept(service: Service) -> tuple[MapHistory, MapPublisher]:
    if service.maps is None or service.publisher is None:
        raise WrongState("this manager keeps no versions of the map", "start it with `fleet serve`")
    return service.maps, service.publisher


def _view(row: MapRow, number_in_use: int) -> dict[str, Any]:
    return {
        "number": row.number,
        "version": row.version,
        "by": row.published_by,
        "time_s": row.time_s,
        "note": row.note,
        "parent": row.parent,
        "source": row.source,
        "in_use": row.number == number_in_use,
    }


def _answer(version: str, number: int | None, findings: Findings) -> dict[str, Any]:
    shown = [{"severity": "error", **each} for each in findings[:FINDINGS_AT_MOST]]
    return {
        "version": version,
        "published": number is not None,
        "number": number,
        "findings": [{key: each[key] for key in FINDING_KEYS} for each in shown],
    }


def _unknown(version: str) -> Unknown:
    return Unknown(f"no version {version!r} of the map", "`fleet map versions` lists them")
