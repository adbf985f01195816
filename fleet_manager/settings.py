"""What can be set from outside: environment variables `CAMPUS_*` and keyword arguments."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEFAULT_FLEET_DOMAIN_ID = 42
LARGEST_DOMAIN_ID = 101  # above it, DDS ports run into the ephemeral port range of Linux

DomainId = Annotated[int, Field(ge=0, le=LARGEST_DOMAIN_ID)]


def _default_fleet_domain_id() -> int:
    return int(os.environ.get("ROS_DOMAIN_ID") or DEFAULT_FLEET_DOMAIN_ID)


class Settings(BaseSettings):
    """Settings of one fleet manager.

    Every field is set by the environment variable `CAMPUS_` + its name in capitals. Paths may be
    relative to the working directory. Fields that are left out follow from others: `fleet_file` and
    `schedule_file` from `map_dir`, `database_url` and `keys_dir` from `data_dir`, `plant_domain_id`
    from `fleet_domain_id`.

    Raises:
        pydantic.ValidationError: a value is out of range or of the wrong type.
    """

    model_config = SettingsConfigDict(env_prefix="CAMPUS_", extra="ignore", frozen=True)

    map_dir: Path = Field(default=Path("maps/xixi"), description="folder of the campus map")
    fleet_file: Path = Field(
        default_factory=lambda data: data["map_dir"] / "fleet.yaml",
        description="robots and their kinds",
    )
    schedule_file: Path = Field(
        default_factory=lambda data: data["map_dir"] / "schedule.yaml",
        description="recurring tasks; may be missing",
    )
    data_dir: Path = Field(default=Path(".campus"), description="database, logs and lock file")
    database_url: str = Field(
        default_factory=lambda data: f"sqlite+aiosqlite:///{data['data_dir'] / 'fleet.db'}",
        description="SQLAlchemy address of the event log",
    )
    standby: bool = Field(
        default=False, description="while another manager leads, wait for its end"
    )
    keys_dir: Path = Field(
        default_factory=lambda data: data["data_dir"] / "keys",
        description="keys of the robots that are enrolled, as `fleet robot enrol` writes them",
    )
    host: str = Field(default="127.0.0.1", description="address the HTTP API binds to")
    port: int = Field(default=8000, ge=0, le=65535, description="TCP port of the HTTP API")
    sim_time: bool = Field(default=False, description="take the time from /clock")
    speed: float = Field(default=1.0, gt=0.0, description="simulated seconds per second, at most")
    fleet_domain_id: DomainId = Field(
        default_factory=_default_fleet_domain_id, description="ROS domain of manager and robots"
    )
    plant_domain_id: DomainId = Field(
        default_factory=lambda data: data["fleet_domain_id"] + 1,
        description="ROS domain of a robot's nodes and its hardware or the simulator",
    )
    map_from_file: bool = Field(
        default=False,
        description="publish the map file at the start, also over a map published later",
    )
    log_json: bool = Field(default=False, description="log lines as JSON objects")

    @model_validator(mode="after")
    def _domains_differ(self) -> Self:
        if self.fleet_domain_id == self.plant_domain_id:
            raise ValueError(
                f"fleet_domain_id and plant_domain_id are both {self.fleet_domain_id}; "
                "give them different numbers, so that raw sensor data stays out of the fleet domain"
            )
        return self

    def with_changes(self, **changes: Any) -> Settings:
        """The same settings with some fields changed; fields that follow from them follow."""
        explicit = {name: getattr(self, name) for name in self.model_fields_set}
        return Settings(**(explicit | changes))
