"""Colours of a picture of a campus, and what its legend calls them."""

from __future__ import annotations

from collections.abc import Mapping

from fleet_manager.adapters.maps.picture.shapes import Style
from fleet_manager.core.campus import AssetKind, Cover, ObstacleKind

BEYOND = "#dfe4e0"  # what lies outside the campus
CAMPUS = Style("#f1f3ea", "#8d9a86", 2.0, dash=(8.0, 4.0))
INK = "#26313a"
PALE_INK = "#5a666f"

COVERS: Mapping[Cover, Style] = {
    Cover.FIELD: Style("#dcebbf", "#c3d8a0", 0.6),
    Cover.GRASS: Style("#cfe5b8", "#b9d59d", 0.6),
    Cover.TREES: Style("#a9cf98", "#8fba7d", 0.6),
    Cover.PLAZA: Style("#efe3cf", "#dccbad", 0.6),
    Cover.CAR_PARK: Style("#d9dce2", "#c0c5cf", 0.6),
    Cover.WATER: Style("#a5cfe8", "#79b0d2", 0.8),
    Cover.PUBLIC_ROAD: Style("#8e949b", "#787e86", 0.8),
}
OBSTACLES: Mapping[ObstacleKind, Style] = {
    ObstacleKind.WATER: COVERS[Cover.WATER],
    ObstacleKind.PUBLIC_ROAD: COVERS[Cover.PUBLIC_ROAD],
    ObstacleKind.TREES: COVERS[Cover.TREES],
    ObstacleKind.WALL: Style("#8d8077", "#6d625a", 0.6),
    ObstacleKind.FENCE: Style("#b5aaa0", "#857a70", 0.8, dash=(3.0, 2.0)),
    ObstacleKind.CONSTRUCTION: Style("#f0c489", "#c98a33", 0.8, dash=(4.0, 2.0)),
    ObstacleKind.OTHER: Style("#c9bfae", "#a39886", 0.6),
}
HEIGHTS = (
    (6.0, "#e2d4c8"),
    (9.0, "#d6c2b3"),
    (12.0, "#c7ad9c"),
    (16.0, "#b49685"),
    (1e9, "#9c7c6c"),
)
"""Fill of buildings up to a height, metres."""
BUILDING_LINE = "#7d6557"
SHADOW = Style("#3b3a36", opacity=0.22)
FLOOR = "#faf6f0"
WALL = "#6b5a50"
OTHER_FLOOR = Style("#e6e4df", "#c9c5bd", 0.6)
"""Buildings that do not have the level which is shown."""

SURFACES: Mapping[str, str] = {
    "asphalt": "#c4c9cf",
    "concrete": "#cfd0cc",
    "paving": "#e6dac3",
    "gravel": "#ddd0b0",
    "timber": "#c9a878",
    "metal": "#b9c0c6",
    "tiles": "#efe9df",
}
OTHER_SURFACE = "#d8d4ca"
ROAD_EDGE = "#a2a9b1"
BRIDGE = "#9a7046"
UNDERPASS = "#5f6670"
LANES: Mapping[str, Style] = {
    "forward": Style(stroke="#ffffff"),
    "both": Style(stroke="#b08a4f"),
    "indoor": Style(stroke="#7d9ccf"),
    "ramp": Style(stroke="#8a4fc2"),
    "bridge": Style(stroke="#fff3d6"),
    "underpass": Style(stroke="#ffffff"),
    "some kinds": Style(stroke="#d0662a"),
}
"""Middle lines of lanes; later ones win."""
ARROW = Style("#6d7880")

CLEAN = Style("#57b894", "#2f8f6b", 0.6, 0.38)
WATCH = Style("#7f93e0", "#5b6fc0", 1.2, 0.10, (7.0, 4.0))
CLOSED = Style("#e07b6a", "#c0402c", 1.0, 0.25)
HATCH = Style(stroke="#c0402c", width=0.8)
KEEP_CLEAR = Style("#f2c14e", "#c9962a", 0.7, 0.35)
CROSSING = Style("#ffffff", "#33383d", 1.0, 0.85)
SECTOR = Style(None, "#8b94b8", 1.0, dash=(2.0, 4.0))

DOCK = Style("#12954f", "#ffffff", 1.0)
BAY = Style("#3d7edb", "#ffffff", 0.5)
NODE = Style("#ffffff", "#7b858c", 0.5)
DOOR = Style(stroke="#b5322b")
LIFT = Style("#41506b", "#ffffff", 0.5)
ENTRANCE = Style("#b5322b", "#ffffff", 0.5)
MUSTER = Style("#0f7b3f", "#ffffff", 1.0)
STATION = Style("#0b8a8f", "#ffffff", 0.6)
CAMERA = Style("#5b3aa8", "#ffffff", 0.5)
VIEW = Style("#7a57cf", "#8a6fcf", 0.3, 0.09)

ASSETS: Mapping[AssetKind, Style] = {
    AssetKind.EXTINGUISHER: Style("#d63a2f", "#ffffff", 0.4),
    AssetKind.HYDRANT: Style("#b3204d", "#ffffff", 0.4),
    AssetKind.EXIT: Style("#1f9d55", "#ffffff", 0.4),
    AssetKind.AED: Style("#e0861a", "#ffffff", 0.4),
    AssetKind.ELECTRICAL_PANEL: Style("#7b4fc9", "#ffffff", 0.4),
}


def height_colour(height_m: float) -> str:
    """Fill of a building of this height."""
    return next(colour for most_m, colour in HEIGHTS if height_m <= most_m or most_m > 1e8)
