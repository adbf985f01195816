"""A demo says in one line what keeps it from starting."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
import yaml

from fleet_manager.demo.failure import DemoFailed
from fleet_manager.demo.locks import data_dir_lock, domain_lock, free_port
from fleet_manager.demo.options import (
    DemoOptions,
    choose_cameras,
    choose_model,
    choose_robots,
    plan_run,
    read_fleet,
)
from fleet_manager.settings import Settings

ROBOTS = [
    {"name": f"{kind}_{number}", "kind": kind}
    for kind in ("security", "cleaning", "safety")
    for number in (1, 2)
]


def test_all_robots_take_part_unless_chosen() -> None:
    assert len(choose_robots(ROBOTS, "")) == 6


def test_a_number_takes_some_of_every_kind() -> None:
    assert choose_robots(ROBOTS, "4") == ("security_1", "cleaning_1", "safety_1", "security_2")


def test_names_are_taken_as_given() -> None:
    assert choose_robots(ROBOTS, "safety_2, cleaning_1") == ("safety_2", "cleaning_1")


@pytest.mark.parametrize("wanted", ["0", "7"])
def test_a_number_beyond_the_fleet_is_refused(wanted: str) -> None:
    with pytest.raises(DemoFailed, match="the fleet has 6 robots"):
        choose_robots(ROBOTS, wanted)


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(DemoFailed, match="no robby") as caught:
        choose_robots(ROBOTS, "security_1,robby")
    assert "cleaning_2" in caught.value.remedy


@pytest.mark.parametrize("text", ["robots: [", "robots: 5", "- a", "robots: [{kind: x}]", ""])
def test_an_unreadable_fleet_file_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "fleet.yaml"
    path.write_text(text)
    with pytest.raises(DemoFailed) as caught:
        read_fleet(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_part_of_the_fleet_is_written_for_all_processes(tmp_path: Path) -> None:
    (tmp_path / "fleet.yaml").write_text(yaml.safe_dump({"fleet": "f", "robots": ROBOTS}))
    options = DemoOptions(robots="cleaning_2", speed=4.0, fail_passages=("lift:60",))
    run = plan_run(options, Settings(map_dir=tmp_path, port=0), tmp_path / "data")
    assert run.robots == ("cleaning_2",)
    assert run.fail_passages == ("lift:60",)
    assert run.settings.sim_time
    assert run.settings.speed == 4.0
    written = yaml.safe_load(run.settings.fleet_file.read_text())
    assert written == {"fleet": "f", "robots": [{"name": "cleaning_2", "kind": "cleaning"}]}
    assert run.settings.schedule_file == tmp_path / "schedule.yaml"
    assert run.settings.database_url.endswith(f"{tmp_path}/data/fleet.db")


def test_a_taken_port_is_one_line_with_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        with pytest.raises(DemoFailed, match=f"port {port}") as caught:
            free_port("127.0.0.1", port)
    assert "--port" in caught.value.remedy


def test_a_second_campus_in_one_data_folder_is_refused(tmp_path: Path) -> None:
    with (
        data_dir_lock(tmp_path),
        pytest.raises(DemoFailed, match="already runs in"),
        data_dir_lock(tmp_path),
    ):
        pass
    with data_dir_lock(tmp_path):  # free again
        pass


def test_a_second_campus_in_one_ros_domain_is_refused() -> None:
    with domain_lock(98), pytest.raises(DemoFailed, match="ROS domain 98"), domain_lock(98):
        pass
    with domain_lock(98):
        pass


def test_guards_have_their_cameras_on_before_others() -> None:
    fleet = {
        "kinds": {"sweeper": {"skills": ["clean"]}, "guard": {"skills": ["patrol", "respond"]}},
        "robots": [
            {"name": "s1", "kind": "sweeper"},
            {"name": "g1", "kind": "guard"},
            {"name": "g2", "kind": "guard"},
        ],
    }
    names = ("s1", "g1", "g2")
    assert choose_cameras(fleet, names, 0) == ()
    assert choose_cameras(fleet, names, 2) == ("g1", "g2")
    assert choose_cameras(fleet, names, 9) == ("g1", "g2", "s1")


def test_a_model_that_is_not_there_is_said(tmp_path: Path) -> None:
    card = tmp_path / "card.yaml"
    with pytest.raises(DemoFailed, match="no model at"):
        choose_model(DemoOptions(cameras=1, model=card))
    card.touch()
    assert choose_model(DemoOptions(cameras=1, model=card)) == card
    with pytest.raises(DemoFailed, match="embedded simulator"):
        choose_model(DemoOptions(cameras=1, model=card, gazebo=True))
