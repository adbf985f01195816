"""A picture of a level as PNG."""

from __future__ import annotations

from collections.abc import Iterator

from fleet_manager.adapters.maps.formats.base import ExportOptions, Files
from fleet_manager.adapters.maps.formats.svg import scene_of
from fleet_manager.adapters.maps.picture.png import scene_png
from fleet_manager.adapters.maps.picture.shapes import Scene
from fleet_manager.core.campus import Campus


def write(campus: Campus, options: ExportOptions) -> Files:
    """The picture of the chosen level, or of the first.

    Raises:
        UnknownFeature: the campus has no such level.
        MapFormatError: there is no such layer, the size is beyond what can be drawn, or nothing
            lies on the level.
    """
    name, scene = scene_of(campus, options, "png")
    return {name: _drawn(scene, name, options)}


def _drawn(scene: Scene, name: str, options: ExportOptions) -> Iterator[bytes]:
    yield scene_png(scene)
    options.progress(name, 1.0)
