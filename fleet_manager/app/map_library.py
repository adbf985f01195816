"""All versions of the map that the log tells of: kept compressed, the last few used at hand."""

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


SITES_KEPT = 4
"""A site of the full campus has some 35 MB; one that is not kept is read again when needed."""


class MapLibrary(Mapping[str, Site]):
    """Sites by the version of their map, for one fleet."""

    def __init__(self, fleet: FleetConfig) -> None:
        self._fleet = fleet
        self._sites: dict[str, Site] = {}  # the one that was used last at the end
        self._documents: dict[str, bytes] = {}

    def add(self, campus: Campus, site: Site | None = None) -> Site:
        """Take a campus in; one whose version is known already is not looked at again.

        Args:
            site: of the campus, where somebody has made it already.
        """
        known = self._sites.pop(campus.version, None) or site or Site(campus, self._fleet)
        self._sites[campus.version] = known
        for version in list(self._sites)[:-SITES_KEPT]:
            self.document(version)
            del self._sites[version]
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
        known = self._sites.get(version)
        if known is not None:
            return self.add(known.campus)
        document = json.loads(expanded(self._documents[version]))
        return self.add(campus_from_geojson(document))

    def __contains__(self, version: object) -> bool:
        return version in self._sites or version in self._documents

    def __iter__(self) -> Iterator[str]:
        return iter(self._sites.keys() | self._documents.keys())

    def __len__(self) -> int:
        return len(self._sites.keys() | self._documents.keys())
