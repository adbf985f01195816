"""Sweeps of zones: paths for a brush, what they cover, and how they are split into stretches."""

from fleet_manager.core.planning.coverage.ground import TRACKING_ERROR_M, CannotSweep
from fleet_manager.core.planning.coverage.sweep import SweepPlan, plan_sweep

__all__ = ["TRACKING_ERROR_M", "CannotSweep", "SweepPlan", "plan_sweep"]
