"""`fleet demo`: a whole campus on one machine, with robots in the embedded simulator."""

from fleet_manager.demo.options import DemoOptions
from fleet_manager.demo.run import run_demo

__all__ = ["DemoOptions", "run_demo"]
