"""What waits between the ROS thread and the event loop: bounded both ways, the latest wins."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from fleet_manager.core.order import InstantAction

KEYS_AT_MOST = 10_000
T = TypeVar("T")

# A robot remembers this many instant actions (RobotState.acknowledged_action_ids).
INSTANT_ACTIONS_A_MESSAGE = 64


class Latest(Generic[T]):
    """The latest value of each key; taking empties it. Safe between threads.

    Bounded by its keys, which are the robots of the fleet, or by `KEYS_AT_MOST` where any key will
    do. An overwritten value is counted, not kept: every value says all there is to know (see
    `RosLink`).
    """

    def __init__(self, keys: Iterable[str] | None) -> None:
        self._keys = None if keys is None else frozenset(keys)
        self._lock = threading.Lock()
        self._values: dict[str, T] = {}
        self.overwritten = 0

    def put(self, key: str, value: T) -> bool:
        """Leave a value; returns whether the box was empty before.

        Raises:
            KeyError: it is none of the keys, or they are too many.
        """
        if self._keys is not None and key not in self._keys:
            raise KeyError(key)
        with self._lock:
            if len(self._values) >= KEYS_AT_MOST and key not in self._values:
                raise KeyError(key)
            was_empty = not self._values
            # Taken out first: the order in which values are taken is that of their arrival.
            if self._values.pop(key, None) is not None:
                self.overwritten += 1
            self._values[key] = value
        return was_empty

    def take(self) -> list[T]:
        """What has come since the last time, in the order of its arrival."""
        with self._lock:
            values = list(self._values.values())
            self._values.clear()
        return values


@dataclass(slots=True)
class _Pending:
    robot: str
    action: InstantAction
    sent_s: float | None = None


class Unacknowledged:
    """Instant actions that robots have not acknowledged yet. Safe between threads."""

    def __init__(self, repeat_s: float) -> None:
        self._repeat_s = repeat_s
        self._lock = threading.Lock()
        self._pending: dict[str, _Pending] = {}

    def __len__(self) -> int:
        return len(self._pending)

    def add(self, robot: str, action: InstantAction) -> None:
        """Have an action sent until it is acknowledged; one that waits already stays as it is."""
        with self._lock:
            self._pending.setdefault(action.action_id, _Pending(robot, action))

    def settle(self, action_ids: Iterable[str]) -> None:
        """Stop repeating these."""
        with self._lock:
            for action_id in action_ids:
                self._pending.pop(action_id, None)

    def due(self, now_s: float) -> dict[str, list[InstantAction]]:
        """Actions to send now, by robot, oldest first; they are due again after the repeat time.

        A robot gets as many at a time as it can remember; the others wait.
        """
        found: dict[str, list[InstantAction]] = {}
        waiting: Counter[str] = Counter()
        with self._lock:
            for pending in self._pending.values():
                waiting[pending.robot] += 1
                if waiting[pending.robot] > INSTANT_ACTIONS_A_MESSAGE:
                    continue
                sent_s = pending.sent_s
                # A clock that was set back makes everything due.
                if sent_s is None or not 0.0 <= now_s - sent_s < self._repeat_s:
                    pending.sent_s = now_s
                    found.setdefault(pending.robot, []).append(pending.action)
        return found
