"""Geographic positions as metres in a campus' local frame, and Web Mercator as geographic."""

from __future__ import annotations

import math

from fleet_manager.core.campus import Anchor
from fleet_manager.core.geometry import Xy

WGS84_A_M = 6378137.0
WGS84_F = 1 / 298.257223563
_E2 = WGS84_F * (2 - WGS84_F)

LatLon = tuple[float, float]
"""Latitude and longitude on WGS84, degrees."""


class LocalPlane:
    """The plane that touches the WGS84 ellipsoid at an anchor: x east, y north, metres.

    Positions are projected onto it along its normal (geodetic to geocentric to local
    east-north-up coordinates; the height above the plane is dropped). A distance d from the
    anchor is shortened by d³ / 6R²: 0.03 mm at 2 km, 4 mm at 10 km.
    """

    def __init__(self, anchor: Anchor) -> None:
        latitude, longitude = math.radians(anchor.latitude_deg), math.radians(anchor.longitude_deg)
        self._sin = (math.sin(latitude), math.sin(longitude))
        self._cos = (math.cos(latitude), math.cos(longitude))
        self._turn = (
            math.cos(math.radians(anchor.bearing_deg)),
            math.sin(math.radians(anchor.bearing_deg)),
        )
        self._origin = _geocentric((anchor.latitude_deg, anchor.longitude_deg))

    def xy(self, position: LatLon) -> Xy:
        """A position in the plane, metres; the y axis points to the anchor's bearing."""
        dx, dy, dz = (a - b for a, b in zip(_geocentric(position), self._origin, strict=True))
        east = -self._sin[1] * dx + self._cos[1] * dy
        out = self._cos[1] * dx + self._sin[1] * dy
        north = -self._sin[0] * out + self._cos[0] * dz
        cos, sin = self._turn
        return (east * cos - north * sin, east * sin + north * cos)


def from_web_mercator(x_m: float, y_m: float) -> LatLon:
    """A position of EPSG:3857 on WGS84."""
    latitude = 2 * math.atan(math.exp(y_m / WGS84_A_M)) - math.pi / 2
    return (math.degrees(latitude), math.degrees(x_m / WGS84_A_M))


def middle_of(positions: list[LatLon]) -> Anchor:
    """An anchor in the middle of the positions' bounds, rounded to a millionth of a degree."""
    latitudes, longitudes = zip(*positions, strict=True)
    return Anchor(
        round((min(latitudes) + max(latitudes)) / 2, 6),
        round((min(longitudes) + max(longitudes)) / 2, 6),
    )


def _geocentric(position: LatLon) -> tuple[float, float, float]:
    latitude, longitude = map(math.radians, position)
    normal_m = WGS84_A_M / math.sqrt(1 - _E2 * math.sin(latitude) ** 2)
    across_m = normal_m * math.cos(latitude)
    return (
        across_m * math.cos(longitude),
        across_m * math.sin(longitude),
        normal_m * (1 - _E2) * math.sin(latitude),
    )
