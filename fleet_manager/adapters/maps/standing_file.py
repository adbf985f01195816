"""Reads all of `schedule.yaml`: what runs on a campus without anybody asking."""

from __future__ import annotations

from pathlib import Path

from fleet_manager.adapters.maps.programme_file import load_programmes
from fleet_manager.adapters.maps.schedule_file import SCHEDULE_FILE, load_schedules
from fleet_manager.core.campus import Campus
from fleet_manager.core.scenario import StandingWork


def load_standing(path: Path, campus: Campus) -> StandingWork:
    """Schedules and programmes in a file, or in the `schedule.yaml` of a folder that may have one.

    Raises:
        MapFileError: the file cannot be read, or asks for what the campus does not have.
    """
    if path.is_dir() and not (path / SCHEDULE_FILE).exists():
        return StandingWork()
    return StandingWork(load_schedules(path, campus), load_programmes(path, campus))
