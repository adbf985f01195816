"""Settings that are left out follow from those that are given."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from fleet_manager.settings import Settings


@pytest.fixture(autouse=True)
def no_domains(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ROS_DOMAIN_ID", "CAMPUS_FLEET_DOMAIN_ID", "CAMPUS_PLANT_DOMAIN_ID"):
        monkeypatch.delenv(name, raising=False)


def test_files_follow_the_map_and_the_database_follows_the_data_folder() -> None:
    settings = Settings(map_dir=Path("m"), data_dir=Path("d"))
    assert settings.fleet_file == Path("m/fleet.yaml")
    assert settings.schedule_file == Path("m/schedule.yaml")
    assert settings.database_url == "sqlite+aiosqlite:///d/fleet.db"


def test_the_plant_domain_is_the_next_one() -> None:
    assert (Settings().fleet_domain_id, Settings().plant_domain_id) == (42, 43)


def test_ros_domain_id_is_the_fleet_domain_where_nothing_else_is_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ROS_DOMAIN_ID", "7")
    assert Settings().fleet_domain_id == 7
    monkeypatch.setenv("CAMPUS_FLEET_DOMAIN_ID", "9")
    assert (Settings().fleet_domain_id, Settings().plant_domain_id) == (9, 10)


def test_one_domain_for_both_is_refused() -> None:
    with pytest.raises(ValidationError, match="are both 5"):
        Settings(fleet_domain_id=5, plant_domain_id=5)


def test_changed_settings_keep_what_was_given_and_derive_the_rest() -> None:
    changed = Settings(port=9000).with_changes(data_dir=Path("/x"))
    assert changed.port == 9000
    assert changed.database_url == "sqlite+aiosqlite:////x/fleet.db"


def test_the_api_binds_to_loopback() -> None:
    assert Settings().host == "127.0.0.1"
