"""What the map file means at a start: published first, or anew, or left for a later publication."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from fleet_manager.app.map_library import MapLibrary
from fleet_manager.core.campus import Campus
from fleet_manager.core.commands import Command
from fleet_manager.core.map_commands import PublishMap
from fleet_manager.ports import MapHistory

FILES = "files"

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class MapFileAsks:
    """What a start begins with.

    Attributes:
        commands: with their ids.
        leads: the map of the file is, or will be, in use.
    """

    commands: tuple[tuple[str, Command], ...]
    leads: bool


async def commands_of_map_file(
    maps: MapHistory, library: MapLibrary, campus: Campus, *, from_file: bool
) -> MapFileAsks:
    """Fill the library with all that was published, and say what to do about the map file.

    Args:
        from_file: publish the file also where a later version came from elsewhere.

    Raises:
        StoreFailed: the database cannot be read.
    """
    for version, document in (await maps.map_documents()).items():
        library.put(version, document)
    last = next(iter(await maps.map_versions(limit=1)), None)
    number = 1 if last is None else last.number + 1
    identifier = f"map-file:{number}:{campus.version}"
    if last is None:
        command = PublishMap(campus.version, FILES, "the first", source=FILES)
        return MapFileAsks(((identifier, command),), True)
    if last.version == campus.version:
        return MapFileAsks((), True)
    if last.source == FILES or from_file:
        command = PublishMap(campus.version, FILES, "the map file has changed", source=FILES)
        return MapFileAsks(((identifier, command),), True)
    log.warning(
        "the map file is not the map in use",
        in_use=last.version,
        published_by=last.published_by,
        file=campus.version,
        remedy="publish the file with `fleet map publish`, or start with --map-from-file",
    )
    return MapFileAsks((), False)
