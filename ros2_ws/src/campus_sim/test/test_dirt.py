"""Dirt goes where the brush went, and nowhere else."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from shapely.geometry import box
from small_campus import BRUSH_M, drive, small_world

from campus_sim.body import Command
from campus_sim.dirt import DirtGrid


def test_the_brush_cleans_its_width_along_the_way(tmp_path: Path) -> None:
    world = small_world(tmp_path)
    grid = world.dirt["yard"]
    assert grid.area_m2 == pytest.approx(200.0)
    drive(world, 8.0, r1=Command(1.0, brush=True))
    body = world.bodies[0]
    # A strip from the dock on the zone's edge, with the round end of the brush.
    expected_m2 = BRUSH_M * body.x_m + math.pi * (BRUSH_M / 2) ** 2 / 2
    assert grid.clean_fraction * grid.area_m2 == pytest.approx(expected_m2, rel=0.03)
    assert not grid.dirty[50, : round(body.x_m * 10)].any()  # y = 0.05 m
    assert grid.dirty[55:, :].all()  # from y = 0.5 m on
    assert grid.dirty[:45, :].all()


def test_a_lifted_brush_cleans_nothing(tmp_path: Path) -> None:
    world = small_world(tmp_path)
    drive(world, 8.0, r1=Command(1.0))
    assert world.dirt["yard"].clean_fraction == 0.0


def test_a_brush_that_turns_on_the_spot_cleans_a_disc_and_once_is_enough() -> None:
    grid = DirtGrid(box(0, 0, 4, 4))
    assert grid.brush((2.0, 2.0), (2.0, 2.0), 1.0)
    assert grid.clean_fraction * 16 == pytest.approx(math.pi / 4, rel=0.03)
    assert not grid.brush((2.0, 2.0), (2.0, 2.0), 1.0)
    assert not grid.brush((9.0, 9.0), (8.0, 9.0), 1.0)
    for row in range(9):
        grid.brush((0.0, row / 2), (4.0, row / 2), 1.0)
    assert grid.clean_fraction == 1.0
