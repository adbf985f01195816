"""Campus folders: reads and checks maps, fleets and schedules, builds maps from plans, draws them."""

from fleet_manager.adapters.maps.campus_file import load_campus

__all__ = ["load_campus"]
