"""Geographic positions in the local plane lie as far apart as on the ellipsoid."""

from __future__ import annotations

import math
import random

import pytest

from fleet_manager.adapters.maps.formats.projection import (
    WGS84_A_M,
    WGS84_F,
    LocalPlane,
    from_web_mercator,
)
from fleet_manager.core.campus import Anchor

ANCHORS = [(30.2794, 120.0266), (0.0, 0.0), (59.91, 10.75), (-33.87, 151.21), (71.0, -179.99)]


def direct(latitude_deg: float, longitude_deg: float, azimuth_rad: float, distance_m: float):  # type: ignore[no-untyped-def]
    """Where a geodesic ends, by Vincenty's direct formulas (Survey Review XXIII, 1975)."""
    b_m = WGS84_A_M * (1 - WGS84_F)
    sin_a, cos_a = math.sin(azimuth_rad), math.cos(azimuth_rad)
    tan_u = (1 - WGS84_F) * math.tan(math.radians(latitude_deg))
    cos_u = 1 / math.sqrt(1 + tan_u**2)
    sin_u = tan_u * cos_u
    sigma1 = math.atan2(tan_u, cos_a)
    sin_alpha = cos_u * sin_a
    cos2_alpha = 1 - sin_alpha**2
    u2 = cos2_alpha * (WGS84_A_M**2 - b_m**2) / b_m**2
    big_a = 1 + u2 / 16384 * (4096 + u2 * (-768 + u2 * (320 - 175 * u2)))
    big_b = u2 / 1024 * (256 + u2 * (-128 + u2 * (74 - 47 * u2)))
    sigma = distance_m / (b_m * big_a)
    for _ in range(20):
        middle = math.cos(2 * sigma1 + sigma)
        sin_s, cos_s = math.sin(sigma), math.cos(sigma)
        inner = cos_s * (-1 + 2 * middle**2)
        inner -= big_b / 6 * middle * (-3 + 4 * sin_s**2) * (-3 + 4 * middle**2)
        sigma = distance_m / (b_m * big_a) + big_b * sin_s * (middle + big_b / 4 * inner)
    middle = math.cos(2 * sigma1 + sigma)
    sin_s, cos_s = math.sin(sigma), math.cos(sigma)
    across = sin_u * sin_s - cos_u * cos_s * cos_a
    latitude = math.atan2(
        sin_u * cos_s + cos_u * sin_s * cos_a,
        (1 - WGS84_F) * math.sqrt(sin_alpha**2 + across**2),
    )
    turn = math.atan2(sin_s * sin_a, cos_u * cos_s - sin_u * sin_s * cos_a)
    c = WGS84_F / 16 * cos2_alpha * (4 + WGS84_F * (4 - 3 * cos2_alpha))
    outer = middle + c * cos_s * (-1 + 2 * middle**2)
    turn -= (1 - c) * WGS84_F * sin_alpha * (sigma + c * sin_s * outer)
    longitude_deg += math.degrees(turn)
    return math.degrees(latitude), (longitude_deg + 180.0) % 360.0 - 180.0


def test_vincentys_formulas_are_written_down_right() -> None:
    # one degree of the equator, and of a meridian from the equator (110 574.3886 m)
    equator = direct(0.0, 0.0, math.pi / 2, math.radians(1.0) * WGS84_A_M)
    assert equator == pytest.approx((0.0, 1.0), abs=1e-9)
    assert direct(0.0, 0.0, 0.0, 110574.3886) == pytest.approx((1.0, 0.0), abs=1e-8)


@pytest.mark.parametrize("anchor", ANCHORS)
def test_within_two_kilometres_a_place_is_off_by_less_than_a_millimetre(
    anchor: tuple[float, float],
) -> None:
    plane = LocalPlane(Anchor(*anchor))
    rng = random.Random(1)
    worst_m = 0.0
    for _ in range(500):
        azimuth_rad, distance_m = rng.uniform(0, math.tau), rng.uniform(0.0, 2000.0)
        x_m, y_m = plane.xy(direct(*anchor, azimuth_rad, distance_m))
        expected = (distance_m * math.sin(azimuth_rad), distance_m * math.cos(azimuth_rad))
        worst_m = max(worst_m, math.dist((x_m, y_m), expected))
    print(f"worst {worst_m * 1000:.4f} mm at {anchor}")
    assert worst_m < 0.001


def test_a_bearing_turns_the_plane() -> None:
    north = direct(30.0, 120.0, 0.0, 1000.0)
    assert LocalPlane(Anchor(30.0, 120.0, 90.0)).xy(north) == pytest.approx(
        (-1000.0, 0.0), abs=1e-3
    )


def test_web_mercator_is_undone() -> None:
    # the sphere of EPSG:3857: y of 45° is R ln(tan(67.5°))
    y_m = WGS84_A_M * math.log(math.tan(math.radians(67.5)))
    assert from_web_mercator(WGS84_A_M * math.pi / 2, y_m) == pytest.approx((45.0, 90.0))
