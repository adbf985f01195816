"""Routes of the campus: map, zones, assets."""

from __future__ import annotations

import asyncio
import json
from functools import lru_cache
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from fleet_manager.adapters.http.compressed import Packed, packed
from fleet_manager.adapters.http.map_versions import document_of
from fleet_manager.adapters.http.schemas import places as schema
from fleet_manager.adapters.http.schemas.base import Id
from fleet_manager.adapters.http.service import Serving
from fleet_manager.app.views.places import asset_view, zone_view
from fleet_manager.core.campus import Campus
from fleet_manager.core.config import FleetConfig

router = APIRouter(tags=["map"])


@router.get(
    "/map",
    responses={
        200: {"content": {"application/geo+json": {"schema": {"type": "object"}}}},
        304: {"description": "as the If-None-Match of the request has it"},
    },
    response_class=Response,
)
async def get_map(
    request: Request,
    service: Serving,
    version: Annotated[str | None, Query(max_length=64)] = None,
) -> Response:
    """The campus as GeoJSON in metres (docs/map-format.md), with the footprints of its robots.

    Of the version in use, or of one that was published before.
    """
    campus, fleet = service.campus, service.state.site.fleet
    if version in (None, campus.version):
        # Megabytes are packed in a thread, once a version: the fleet does not wait for them.
        body = await asyncio.to_thread(_encoded, campus, _ByIdentity(fleet))
    else:
        assert version is not None
        document = {**json.loads(document_of(service, version)), "version": version}
        body = await asyncio.to_thread(_with_footprints, document, fleet)
    return body.answer(request, "application/geo+json", {"Cache-Control": "no-cache"})


@router.get("/zones", response_model=list[schema.Zone])
async def list_zones(service: Serving) -> Any:
    """All zones with their condition."""
    return [zone_view(zone, service.link.conditions) for zone in service.campus.zones.values()]


@router.get("/zones/{zone_id}", response_model=schema.Zone)
async def get_zone(zone_id: Id, service: Serving) -> Any:
    """A zone, by id or name."""
    return zone_view(service.campus.zone(zone_id), service.link.conditions)


@router.get("/assets", response_model=list[schema.Asset])
async def list_assets(service: Serving) -> Any:
    """All assets with when they were last looked at."""
    return [asset_view(service.state, asset) for asset in service.campus.assets.values()]


class _ByIdentity:
    """Lets `lru_cache` hold a document to a fleet that cannot be hashed."""

    def __init__(self, fleet: FleetConfig) -> None:
        self.fleet = fleet

    def __hash__(self) -> int:
        return id(self.fleet)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByIdentity) and other.fleet is self.fleet


@lru_cache(maxsize=4)
def _encoded(campus: Campus, by: _ByIdentity) -> Packed:
    """The map in use as JSON."""
    return _with_footprints({**campus.document, "version": campus.version}, by.fleet)


def _with_footprints(document: dict[str, Any], fleet: FleetConfig) -> Packed:
    footprints = {name: kind.footprint_radius_m for name, kind in fleet.kinds.items()}
    document = {**document, "footprint_radius_m": footprints}
    return packed(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode())
