"""Whom a step waits for: robots that are there and have not yet answered its clock."""

from __future__ import annotations

from collections.abc import Iterable


class Attendance:
    """Which robots are there, and which have answered the clock of this step.

    A robot is there from the first word until it has been silent for `gone_after_s` of wall time
    while it was waited for. A late answer to an earlier clock counts as a word, not as the answer.

    Args:
        names: of all robots.
        gone_after_s: wall time.
    """

    def __init__(self, names: Iterable[str], gone_after_s: float) -> None:
        self.never_heard: set[str] = set(names)
        self.present: set[str] = set()
        self.missing: set[str] = set()
        self._gone_after_s = gone_after_s
        self._stamp_ns = 0
        self._heard_s: dict[str, float] = {}
        self._asked_s = 0.0

    def ask(self, stamp_ns: int, now_s: float) -> None:
        """A step begins: everyone who is there has to answer its clock."""
        self._stamp_ns, self._asked_s = stamp_ns, now_s
        self.missing = set(self.present)

    def heard(self, name: str, stamp_ns: int, now_s: float) -> bool:
        """A robot sent a command for a clock.

        Returns:
            Whether it is the answer to this step's clock.
        """
        self.never_heard.discard(name)
        self._heard_s[name] = now_s
        if stamp_ns == self._stamp_ns:
            self.present.add(name)
            self.missing.discard(name)
            return True
        if name not in self.present:
            self.present.add(name)
            self.missing.add(name)
        return False

    def leave(self, name: str) -> None:
        """A robot has gone."""
        self.present.discard(name)
        self.missing.discard(name)

    def dismiss_silent(self, now_s: float) -> set[str]:
        """Robots that have been waited for too long; they are gone from now on."""
        gone = {
            name
            for name in self.missing
            if now_s - max(self._heard_s.get(name, 0.0), self._asked_s) > self._gone_after_s
        }
        for name in gone:
            self.leave(name)
        return gone
