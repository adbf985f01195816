"""Poses, commanded motion and the limits a robot's drive has."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pose:
    """Position in the map frame (metres) and heading (radians, counter-clockwise from east)."""

    x_m: float
    y_m: float
    theta_rad: float


@dataclass(frozen=True, slots=True)
class Motion:
    """A commanded velocity: metres per second forward, radians per second to the left."""

    v_mps: float = 0.0
    w_radps: float = 0.0


STAND = Motion()


@dataclass(frozen=True, slots=True)
class DriveLimits:
    """What a kind's drive can do, and the distances it keeps."""

    max_speed_mps: float = 1.5
    max_acceleration_mps2: float = 0.8
    max_turn_rate_radps: float = 1.2
    footprint_radius_m: float = 0.45
    obstacle_margin_m: float = 0.5
    reaction_s: float = 0.2

    @property
    def deceleration_mps2(self) -> float:
        """Deceleration that braking is planned with; the rest is held in reserve."""
        return 0.75 * self.max_acceleration_mps2


def slewed(wanted: Motion, last: Motion, limits: DriveLimits, dt_s: float) -> Motion:
    """The wanted motion as near as the acceleration limit allows after `last`."""
    step_mps = limits.max_acceleration_mps2 * dt_s
    v_mps = min(max(wanted.v_mps, last.v_mps - step_mps), last.v_mps + step_mps)
    w_max = limits.max_turn_rate_radps
    return Motion(v_mps, min(max(wanted.w_radps, -w_max), w_max))


def speed_to_stop_in(distance_m: float, limits: DriveLimits, end_speed_mps: float = 0.0) -> float:
    """The highest speed from which `end_speed_mps` is reached within a distance, reaction included.

    Solves d = v·t_r + (v² - v_e²) / 2a for v.
    """
    if distance_m <= 0:
        return end_speed_mps
    a, t = limits.deceleration_mps2, limits.reaction_s
    at = a * t
    speed_mps: float = -at + (at * at + 2 * a * distance_m + end_speed_mps**2) ** 0.5
    return max(speed_mps, end_speed_mps)
