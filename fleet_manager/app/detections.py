"""Takes detections from the robots' network: kept, committed, and only then acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog
from msgspec.structs import replace

from fleet_manager.app.loop import FleetLoop
from fleet_manager.core.commands import Command, ReportDetection, ReportReading
from fleet_manager.core.detection import Detection
from fleet_manager.core.detection_events import DetectionCommitted
from fleet_manager.core.errors import CampusFleetError
from fleet_manager.core.events import Event
from fleet_manager.core.state import FleetState
from fleet_manager.core.station import Reading
from fleet_manager.ports import MediaStore

DAY_S = 86_400.0
PRUNE_EVERY_S = 3600.0
PEOPLE = frozenset({"person", "person_down"})

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Received:
    """A detection with its picture, b"" for none."""

    detection: Detection
    jpeg: bytes


class DetectionLink(Protocol):
    """The part of the robots' network that detections come over."""

    def take_detections(self) -> Sequence[Received]:
        """What cameras told since the last time; of each the latest, as it sends one at a time."""

    def take_readings(self) -> Sequence[Reading]:
        """What stations said since the last time, the latest of each quantity."""

    def acknowledge(self, source: str, sequence: int) -> None:
        """Say that everything of a source up to a number is committed."""

    def tell_detections_to(self, callback: Callable[[], None]) -> None:
        """Have a callback called, in the event loop's thread, when detections have come."""


class DetectionIntake:
    """Joins the cameras to the loop.

    A detection that cannot be committed is not acknowledged, so its source keeps it and sends it
    again: neither a full disk nor a manager that ends in the middle loses an incident.
    """

    def __init__(
        self,
        loop: FleetLoop[FleetState, Command, Event],
        link: DetectionLink,
        media: MediaStore,
    ) -> None:
        self._loop = loop
        self._link = link
        self._media = media
        self._wake = asyncio.Event()
        self._pruned_s: float | None = None
        self._refused: set[str] = set()

    async def run(self) -> None:
        """Take detections, and delete pictures on time, until cancelled."""
        self._link.tell_detections_to(self._wake.set)
        while True:
            for received in self._link.take_detections():
                await self._take(received)
            for reading in self._link.take_readings():
                await self._take_reading(reading)
            await self._prune()
            try:
                await asyncio.wait_for(self._wake.wait(), PRUNE_EVERY_S)
            except TimeoutError:
                continue
            self._wake.clear()

    async def _take(self, received: Received) -> None:
        """Take one; a defect is told, and must not keep others from being taken."""
        try:
            await self._commit(received)
        except CampusFleetError as error:
            log.error("detection not taken", problem=str(error), remedy=error.remedy)
        except Exception:
            log.exception("detection not taken", source=received.detection.source)

    async def _take_reading(self, reading: Reading) -> None:
        try:
            await self._loop.submit(ReportReading(reading), actor=reading.station)
        except CampusFleetError as error:
            if reading.station not in self._refused and len(self._refused) < 1000:
                self._refused.add(reading.station)
                log.warning("reading not taken", station=reading.station, problem=str(error))

    async def _commit(self, received: Received) -> None:
        """Raises CampusFleetError where it cannot be kept or committed; it is not acknowledged."""
        seen = received.detection
        site = self._loop.state.site
        if seen.source not in site.fleet.robots and seen.source not in site.campus.cameras:
            if seen.source not in self._refused and len(self._refused) < 1000:
                self._refused.add(seen.source)
                log.warning("detections refused: neither robot nor camera", source=seen.source)
            return
        last = self._loop.state.detections_heard.get(seen.source)
        repeated = last is not None and last.repeats(seen)
        if received.jpeg and not repeated:
            seen = replace(seen, picture=self._key(seen))
            await self._media.save(seen.picture, received.jpeg)
        outcome = await self._loop.submit(ReportDetection(seen), actor=seen.source)
        for event in outcome.events:
            if isinstance(event, DetectionCommitted) and event.incident_id is None:
                await self._forget(event.detection)
        self._link.acknowledge(seen.source, seen.sequence)

    def _key(self, seen: Detection) -> str:
        rules = self._loop.state.site.fleet.safety
        people = seen.class_name in PEOPLE
        days = rules.people_evidence_days if people else rules.evidence_days
        name = f"{seen.source}-{seen.boot_id}-{seen.sequence}"
        return self._media.key_of(name, self._loop.clock.now_s() + days * DAY_S)

    async def _forget(self, seen: Detection) -> None:
        """What belongs to no incident needs no picture."""
        if seen.picture:
            await self._media.remove(seen.picture)

    async def _prune(self) -> None:
        now_s = self._loop.clock.now_s()
        if self._pruned_s is not None and now_s - self._pruned_s < PRUNE_EVERY_S:
            return
        self._pruned_s = now_s
        deleted = await self._media.prune(now_s)
        if deleted:
            log.info("pictures deleted, as their time is over", pictures=deleted)
