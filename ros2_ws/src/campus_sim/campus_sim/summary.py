"""What a run has come to, as one object for programs."""

from __future__ import annotations

from typing import Any

from campus_sim.lockstep import SteppedWorld
from campus_sim.world import DT_S


def summarize(world: SteppedWorld, wall_s: float, speed_asked: float) -> dict[str, Any]:
    """The object that `--summary` writes.

    Args:
        world: after the run.
        wall_s: how long the steps took.
        speed_asked: the ceiling; None in the object when there was none.
    """
    simulated_s = world.steps * DT_S
    return {
        "simulated_s": round(simulated_s, 3),
        "wall_s": round(wall_s, 3),
        "speed_asked": speed_asked if 0 < speed_asked < float("inf") else None,
        "speed_reached": round(simulated_s / wall_s, 3) if wall_s > 0 else 0.0,
        "robots": {
            body.name: {
                "x_m": round(body.x_m, 3),
                "y_m": round(body.y_m, 3),
                "level": body.level,
                "distance_m": round(body.distance_m, 3),
                "battery": round(battery.state_of_charge, 4),
                "collisions": body.collisions,
            }
            for body, battery in zip(world.bodies, world.batteries, strict=True)
        },
        "zones": {
            zone_id: {
                "area_m2": round(grid.area_m2, 2),
                "clean_fraction": round(grid.clean_fraction, 4),
            }
            for zone_id, grid in world.dirt.items()
        },
    }
