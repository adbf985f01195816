"""Campus folders: reads and checks maps, fleets and schedules; builds and draws maps."""

from fleet_manager.adapters.maps.campus_file import load_campus

__all__ = ["load_campus"]
