"""A picture of a level as SVG."""

from __future__ import annotations

from collections.abc import Iterator

from fleet_manager.adapters.maps.formats.base import ExportOptions, Files, file_stem
from fleet_manager.adapters.maps.formats.graph import chosen_level
from fleet_manager.adapters.maps.picture.scene import campus_scene
from fleet_manager.adapters.maps.picture.shapes import Scene
from fleet_manager.adapters.maps.picture.svg import scene_svg
from fleet_manager.core.campus import Campus


def write(campus: Campus, options: ExportOptions) -> Files:
    """The picture of the chosen level, or of the first.

    Raises:
        UnknownFeature: the campus has no such level.
        MapFormatError: there is no such layer, the size is beyond what can be drawn, or nothing
            lies on the level.
    """
    name, scene = scene_of(campus, options, "svg")
    return {name: _told(scene, name, options)}


def scene_of(campus: Campus, options: ExportOptions, suffix: str) -> tuple[str, Scene]:
    """The name of a picture's file and what is to be drawn in it."""
    level = chosen_level(campus, options) or next(iter(campus.levels))
    name = f"{file_stem(campus.id, level if len(campus.levels) > 1 else '')}.{suffix}"

    def progress(done: float) -> None:
        options.progress(name, done * 0.9)

    return name, campus_scene(campus, level, options.layers, options.size_px, progress)


def _told(scene: Scene, name: str, options: ExportOptions) -> Iterator[bytes]:
    yield from scene_svg(scene)
    options.progress(name, 1.0)
