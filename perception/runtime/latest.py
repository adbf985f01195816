"""A queue of one: a camera is faster than a detector, and only its latest frame is of use."""

from __future__ import annotations

from threading import Condition
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Latest(Generic[Item]):
    """Holds the newest item; those that nobody took in time are dropped and counted.

    Attributes:
        dropped: items that a newer one took the place of.
    """

    def __init__(self) -> None:
        self._item: Item | None = None
        self._closed = False
        self._changed = Condition()
        self.dropped = 0

    def put(self, item: Item) -> None:
        """Take in a newer item."""
        with self._changed:
            if self._item is not None:
                self.dropped += 1
            self._item = item
            self._changed.notify()

    def take(self, timeout_s: float | None = None) -> Item | None:
        """The newest item, once; None: none came in time, or the queue is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._item is not None or self._closed, timeout_s)
            item, self._item = self._item, None
            return item

    def close(self) -> None:
        """Nobody waits any longer."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
