"""The conditions a robot reports as errors while they last: blocked, lost, low, silent."""

from __future__ import annotations

from campus_robot.battery import Battery
from campus_robot.behaviours import Outcome
from campus_robot.configuration import RobotConfiguration
from campus_robot.errors import ErrorType, Level
from campus_robot.faults import Faults
from campus_robot.localization import Localizer
from campus_robot.watchdog import HEARTBEAT_TIMEOUT_S, NEEDED_TO_DRIVE, Watchdog

OFF_ROUTE_TOLERANCE_M = 0.05


class Conditions:
    """Keeps the faults of one robot up to date; times are seconds of its clock."""

    def __init__(self, configuration: RobotConfiguration, faults: Faults) -> None:
        self._configuration = configuration
        self._faults = faults
        self._stopped_since_s: float | None = None

    def watch(
        self,
        now_s: float,
        localizer: Localizer,
        battery: Battery,
        watchdog: Watchdog,
        outcome: Outcome,
    ) -> None:
        """Looks at everything once per tick; `outcome` is what the robot wanted in it."""
        self._blocked(outcome, now_s)
        self._faults.hold(
            localizer.mean is not None and not localizer.localized,
            ErrorType.LOCALIZATION_LOST,
            f"position known to {localizer.stddev_m:.2f} m only",
            "it goes on when the localiser finds it again; else bring it to a known place",
            now_s,
        )
        self._faults.hold(
            battery.is_low(self._configuration.battery_reserve),
            ErrorType.BATTERY_LOW,
            f"state of charge {battery.state_of_charge:.2f}",
            "send it to a dock",
            now_s,
        )
        self._silence(watchdog, now_s)

    def off_route(self, beyond_m: float, now_s: float) -> None:
        """Reports how far the robot is beyond the edge of its lane, metres."""
        self._faults.hold(
            beyond_m > OFF_ROUTE_TOLERANCE_M,
            ErrorType.OFF_ROUTE,
            f"{beyond_m:.2f} m beyond the edge of the lane",
            "it steers back slowly; look whether something pushed it or the lane is too narrow",
            now_s,
        )

    def passage(self, passage: str, now_s: float) -> None:
        """Reports the passage that the robot waits for; "" for none."""
        self._faults.hold(
            bool(passage),
            ErrorType.PASSAGE_CLOSED,
            f"waits for {passage} to be open to it",
            "it goes on when the passage says that it is open; look after it where it does not",
            now_s,
        )

    def _blocked(self, outcome: Outcome, now_s: float) -> None:
        if not outcome.obstacle_stop:
            self._stopped_since_s = None
        elif self._stopped_since_s is None:
            self._stopped_since_s = now_s
        since_s = now_s if self._stopped_since_s is None else self._stopped_since_s
        self._faults.hold(
            now_s - since_s > self._configuration.patience_s,
            ErrorType.BLOCKED,
            f"something stands {outcome.obstacle_m:.1f} m ahead",
            "clear the way, or send the robot another way",
            now_s,
        )

    def _silence(self, watchdog: Watchdog, now_s: float) -> None:
        silent = watchdog.silent_sensors(now_s)
        self._faults.hold(
            bool(silent),
            ErrorType.SENSOR_FAULT,
            f"no messages from {', '.join(silent)}",
            "look after the sensor and its cable; the robot goes on when it is heard",
            now_s,
            Level.FATAL if any(name in NEEDED_TO_DRIVE for name in silent) else Level.WARNING,
        )
        self._faults.hold(
            watchdog.heartbeat_lost(now_s),
            ErrorType.HEARTBEAT_LOST,
            f"no heartbeat of the manager for {HEARTBEAT_TIMEOUT_S:.0f} s; "
            "the base is finished, then it stands",
            "look after the fleet manager and the network",
            now_s,
        )
