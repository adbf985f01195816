"""Campus folders: reads and checks maps, fleets and schedules; builds and draws maps."""

from fleet_manager.adapters.maps.campus_file import load_campus
from fleet_manager.adapters.maps.checks.finding import Finding, errors_of
from fleet_manager.adapters.maps.checks.validate import validate
from fleet_manager.adapters.maps.fleet_file import load_fleet
from fleet_manager.adapters.maps.programme_file import load_programmes
from fleet_manager.adapters.maps.rules_file import load_rules
from fleet_manager.adapters.maps.schedule_file import load_schedules

__all__ = [
    "Finding",
    "errors_of",
    "load_campus",
    "load_fleet",
    "load_programmes",
    "load_rules",
    "load_schedules",
    "validate",
]
