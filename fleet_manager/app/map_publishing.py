"""Reads and checks a map that is to be published, away from the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fleet_manager.app.map_library import MapLibrary, compressed
from fleet_manager.core.campus import Campus
from fleet_manager.core.config import FleetConfig
from fleet_manager.core.errors import Refused
from fleet_manager.core.site import Site

NAMED_AT_MOST = 5
ERROR = "error"

Findings = Sequence[Mapping[str, Any]]


class MapRefused(Refused):
    """A map on which robots of the fleet cannot work."""


@dataclass(frozen=True)
class Examined:
    """A map that can be read, made ready, with what is wrong with it.

    Attributes:
        findings: as `fleet map validate --json` prints them.
        document: `compressed`, as it is stored.
    """

    site: Site
    findings: Findings
    document: bytes

    @property
    def errors(self) -> Findings:
        """What keeps robots from working on it, or endangers them."""
        return [each for each in self.findings if each.get("severity", ERROR) == ERROR]


@dataclass(frozen=True)
class MapPublisher:
    """What is done with a map before a command publishes it.

    Attributes:
        read: a campus from its document; raises CampusFleetError naming the feature.
        examine: what is wrong with a campus for the fleet.
    """

    library: MapLibrary
    fleet: FleetConfig
    read: Callable[[Mapping[str, Any]], Campus]
    examine: Callable[[Campus, FleetConfig], Findings]

    async def examined(self, document: Mapping[str, Any]) -> Examined:
        """A map, read and checked in a thread, so that the fleet does not wait for it.

        Raises:
            CampusFleetError: it cannot be read; names the feature.
        """
        return await asyncio.to_thread(self._examine, document)

    def _examine(self, document: Mapping[str, Any]) -> Examined:
        campus = self.read(document)
        site = Site(campus, self.fleet)
        for robot in self.fleet.robots:
            site.routes(robot)  # worked out here, and not when the first robot asks
        return Examined(site, self.examine(campus, self.fleet), compressed(campus.document))

    def take(self, examined: Examined, force: bool) -> str:
        """Put a map in the library; returns its version.

        Raises:
            MapRefused: something is wrong with it, and it is not forced.
        """
        errors = examined.errors
        if errors and not force:
            named = [f"{each['check']} {each['subject']}: {each['problem']}" for each in errors]
            rest = len(errors) - NAMED_AT_MOST
            more = f"; and {rest} more" if rest > 0 else ""
            raise MapRefused(
                f"{len(errors)} errors of the map: {'; '.join(named[:NAMED_AT_MOST])}{more}",
                "correct them (`fleet map validate` lists all), or publish it by force",
            )
        site = examined.site
        self.library.put(site.campus.version, examined.document)
        self.library.add(site.campus, site)
        return site.campus.version
