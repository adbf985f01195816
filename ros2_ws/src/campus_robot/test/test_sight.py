"""Rate, outbox, whereabouts and sources of the cameras, without ROS."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from campus_robot.errors import ConfigurationError
from campus_robot.motion import Pose
from campus_robot.sight.outbox import AGAIN_S, MOST_PICTURES, Outbox
from campus_robot.sight.pace import CPU_SHARE, FASTEST_HZ, LOW_HZ, SLOWEST_HZ, Pace
from campus_robot.sight.sources import CampusMap, robot_source
from campus_robot.sight.whereabouts import OLDEST_POSE_S, Fix, Whereabouts

CALIBRATION = """
size: [480, 640]
focal_px: [460, 460]
middle_px: [320, 240]
mount: {height_m: 0.9, pitch_down_rad: 0.15, x_m: 0.3}
"""


def test_a_quick_model_is_run_at_the_cameras_rate_and_a_slow_one_within_its_share() -> None:
    pace = Pace()
    assert pace.rate_hz(None, 0.1) == FASTEST_HZ
    pace.took(0.01)
    assert pace.rate_hz(None, 0.1) == FASTEST_HZ
    slow = Pace(work_s=0.14)
    assert slow.rate_hz(None, 0.1) == pytest.approx(CPU_SHARE / 0.14)
    assert Pace(cameras=2, work_s=0.14).rate_hz(None, 0.1) == pytest.approx(CPU_SHARE / 0.28)
    assert Pace(work_s=5.0).rate_hz(None, 0.1) == SLOWEST_HZ


def test_a_busy_computer_and_a_low_battery_slow_it_down() -> None:
    pace = Pace()
    assert pace.rate_hz(None, 2.0) == FASTEST_HZ / 2
    assert pace.rate_hz(0.9, 0.1) == FASTEST_HZ
    assert pace.rate_hz(0.2, 0.1) == LOW_HZ
    assert pace.rate_hz(0.1, 0.1) == SLOWEST_HZ


def test_one_detection_is_sent_until_it_is_acknowledged_then_the_next(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path, "r1")
    assert outbox.due(0.0) is None
    assert [outbox.add("a", b"1"), outbox.add("b", b"2")] == [1, 2]
    assert outbox.due(0.0) == (1, "a", b"1")
    assert outbox.due(AGAIN_S / 2) is None
    assert outbox.due(AGAIN_S) == (1, "a", b"1")
    outbox.acknowledged(1)
    assert outbox.due(AGAIN_S) == (2, "b", b"2")
    outbox.acknowledged(2)
    assert outbox.due(9.0) is None


def test_what_is_not_acknowledged_outlives_a_restart_and_numbers_grow_for_ever(
    tmp_path: Path,
) -> None:
    outbox = Outbox(tmp_path, "r1")
    outbox.add("a", b"1")
    outbox.due(0.0)
    outbox.acknowledged(1)
    outbox.add("b", b"2")
    outbox.close()
    again = Outbox(tmp_path, "r1")
    assert again.due(0.0) == (2, "b", b"2")
    again.acknowledged(2)
    assert again.add("c", b"") == 3
    assert len(again) == 1


def test_an_acknowledgement_of_what_was_never_sent_loses_nothing(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path, "r1")
    outbox.add("a", b"1")
    outbox.acknowledged(7)
    assert outbox.due(0.0) == (1, "a", b"1")
    outbox.acknowledged(7)  # of another time: the file was removed in between
    assert outbox.due(0.5) is None
    assert len(outbox) == 1


def test_without_a_manager_old_pictures_go_and_what_was_seen_stays(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path, "r1")
    outbox._store.execute("PRAGMA synchronous=OFF")
    for number in range(MOST_PICTURES + 3):
        outbox.add(str(number), b"picture")
    assert len(outbox) == MOST_PICTURES + 3
    assert outbox.due(0.0) == (1, "0", b"")


def test_a_damaged_outbox_is_said(tmp_path: Path) -> None:
    (tmp_path / "r1.detections.sqlite").write_bytes(b"no database" * 100)
    with pytest.raises(ConfigurationError, match=r"r1\.detections\.sqlite"):
        Outbox(tmp_path, "r1")


def driven(speed_mps: float = 1.0) -> Whereabouts:
    """Odometry of 5 s at 20 Hz, east; the map is turned by a quarter, and 100 m away."""
    where = Whereabouts()
    for number in range(101):
        where.odometry(number / 20, Pose(speed_mps * number / 20, 0.0, 0.0))
    covariance = tuple((np.eye(3) * 0.01).ravel())
    where.localised(Fix(4.0, Pose(100.0, 54.0, math.pi / 2), covariance, "ground"))
    return where


def test_the_pose_of_a_frame_is_that_of_its_stamp() -> None:
    around = driven().at(4.525)
    assert around is not None
    assert around.odometry.x_m == pytest.approx(4.525)
    # From the localiser's 54 m north, at 4 s, 0.525 m further north.
    assert (around.on_map.x_m, around.on_map.y_m) == pytest.approx((100.0, 54.525))
    assert around.on_map.heading_rad == pytest.approx(math.pi / 2)
    before = driven().at(3.0)
    assert before is not None
    assert before.on_map.y_m == pytest.approx(53.0)


def test_without_a_pose_near_in_time_nothing_is_said() -> None:
    assert Whereabouts().at(1.0) is None
    assert driven().at(4.0 + OLDEST_POSE_S + 0.1) is None
    assert driven().at(9.0) is None


def test_time_that_runs_back_begins_anew() -> None:
    where = driven()
    where.odometry(0.0, Pose(0.0, 0.0, 0.0))
    assert where.at(0.0) is None


def campus(folder: Path) -> CampusMap:
    camera = {
        "id": "camera_gate",
        "geometry": {"type": "Point", "coordinates": [10.0, 20.0]},
        "properties": {
            "feature": "camera",
            "name": "Gate",
            "level": "ground",
            "heading_deg": 90.0,
            "field_of_view_deg": 90.0,
            "range_m": 20.0,
            "height_m": 4.0,
        },
    }
    (folder / "campus.geojson").write_text(json.dumps({"features": [camera]}))
    return CampusMap(folder)


def test_a_fixed_camera_is_where_the_map_has_it(tmp_path: Path) -> None:
    source = campus(tmp_path).fixed("camera_gate", None)
    mount = source.camera.mount
    assert (source.fixed, source.level) == (True, "ground")
    assert (mount.x_m, mount.y_m, mount.height_m) == (10.0, 20.0, 4.0)
    assert mount.yaw_rad == pytest.approx(math.pi / 2)
    assert mount.pitch_down_rad == pytest.approx(math.atan2(4.0, 10.0))
    # 90° wide: half the width is as far off the axis as the focal length.
    assert source.camera.focal_px[0] == pytest.approx(320.0)
    with pytest.raises(ConfigurationError, match="it has camera_gate"):
        campus(tmp_path).fixed("camera_x", None)


def test_a_robots_calibration_is_its_own_or_its_kinds_or_the_default(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no calibration of r1"):
        robot_source("r1", "security", tmp_path)
    for name, height_m in (("default", 0.7), ("security", 0.8), ("r1", 0.9)):
        text = CALIBRATION.replace("0.9", str(height_m))
        (tmp_path / f"{name}.yaml").write_text(text)
        found = robot_source("r1", "security", tmp_path)
        assert found.camera.mount.height_m == height_m
    (tmp_path / "r1.yaml").write_text("size: 3")
    with pytest.raises(ConfigurationError, match=r"r1\.yaml:1"):
        robot_source("r1", "security", tmp_path)


def test_a_map_that_is_none_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        CampusMap(tmp_path)
    (tmp_path / "campus.geojson").write_text("[]")
    with pytest.raises(ConfigurationError, match="no campus map"):
        CampusMap(tmp_path)
