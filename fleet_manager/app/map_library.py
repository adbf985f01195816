"""All versions of the map that the log tells of: kept compressed, read when one is looked at."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from fleet_manager.core.campus import Campus
from fleet_manager.core.campus_geojson import campus_from_geojson
from fleet_manager.core.config import FleetConfig
from fleet_manager.core.site import Site


def compressed(document: Mapping[str, Any]) -> bytes:
    """A map's document as canonical JSON, compressed by zlib."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return zlib.compress(text.encode())


def expanded(document: bytes) -> bytes:
    """A map's document as canonical JSON from `compressed`."""
    return zlib.decompress(document)


class MapLibrary(Mapping[str, Site]):
    """Sites by the version of their map, for one fleet."""

    def __init__(self, fleet: FleetConfig) -> None:
        self._fleet = fleet
        self._sites: dict[str, Site] = {}
        self._documents: dict[str, bytes] = {}

    def add(self, campus: Campus, site: Site | None = None) -> Site:
        """Take a campus in; one whose version is known already is not looked at again.

        Args:
            site: of the campus, where somebody has made it already.
        """
        known = self._sites.get(campus.version)
        if known is None:
            known = self._sites[campus.version] = site or Site(campus, self._fleet)
        return known

    def put(self, version: str, document: bytes) -> None:
        """Take in a version that is stored, `compressed`."""
        self._documents[version] = document

    def document(self, version: str) -> bytes:
        """The document of a version, `compressed`; KeyError: there is none."""
        if version not in self._documents:
            self._documents[version] = compressed(self._sites[version].campus.document)
        return self._documents[version]

    def __getitem__(self, version: str) -> Site:
        if version not in self._sites:
            document = json.loads(expanded(self._documents[version]))
            return self.add(campus_from_geojson(document))
        return self._sites[version]

    def __contains__(self, version: object) -> bool:
        return version in self._sites or version in self._documents

    def __iter__(self) -> Iterator[str]:
        return iter(self._sites.keys() | self._documents.keys())

    def __len__(self) -> int:
        return len(self._sites.keys() | self._documents.keys())
