"""A closure: lanes, zones or passages that nobody, or some kinds, may use, or only slowly."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from msgspec import Struct

from fleet_manager.core.recurrence import Recurrence


class ClosureStatus(StrEnum):
    """Whether a closure is in force."""

    SCHEDULED = "scheduled"
    ACTIVE = "active"
    ENDED = "ended"
    REMOVED = "removed"


class ClosureTrigger(StrEnum):
    """What changes the status of a closure."""

    BEGIN = "begin"
    REST = "rest"
    RENEW = "renew"
    END = "end"
    REMOVE = "remove"


CLOSURE_TRANSITIONS: dict[ClosureStatus, dict[ClosureTrigger, ClosureStatus]] = {
    ClosureStatus.SCHEDULED: {
        ClosureTrigger.BEGIN: ClosureStatus.ACTIVE,
        ClosureTrigger.RENEW: ClosureStatus.SCHEDULED,
        ClosureTrigger.END: ClosureStatus.ENDED,
        ClosureTrigger.REMOVE: ClosureStatus.REMOVED,
    },
    ClosureStatus.ACTIVE: {
        ClosureTrigger.REST: ClosureStatus.SCHEDULED,
        ClosureTrigger.RENEW: ClosureStatus.ACTIVE,
        ClosureTrigger.END: ClosureStatus.ENDED,
        ClosureTrigger.REMOVE: ClosureStatus.REMOVED,
    },
    ClosureStatus.ENDED: {},
    ClosureStatus.REMOVED: {},
}
"""`rest`: between two occurrences; `renew`: on from one occurrence into, or past, the next.

Other times for a closure (`ClosureChanged`) lead along the same table."""

OVER = frozenset(status for status, following in CLOSURE_TRANSITIONS.items() if not following)

TRIGGER_TO = {
    (ClosureStatus.SCHEDULED, ClosureStatus.ACTIVE): ClosureTrigger.BEGIN,
    (ClosureStatus.SCHEDULED, ClosureStatus.SCHEDULED): ClosureTrigger.RENEW,
    (ClosureStatus.SCHEDULED, ClosureStatus.ENDED): ClosureTrigger.END,
    (ClosureStatus.ACTIVE, ClosureStatus.SCHEDULED): ClosureTrigger.REST,
    (ClosureStatus.ACTIVE, ClosureStatus.ACTIVE): ClosureTrigger.RENEW,
    (ClosureStatus.ACTIVE, ClosureStatus.ENDED): ClosureTrigger.END,
}
"""By which trigger time leads from one status to another."""


class Window(Struct, frozen=True):
    """When a closure is in force; without anything: from now on, until it is removed.

    Attributes:
        from_s, until_s: once, Unix seconds; None: from the beginning, for ever.
        recurrence: again and again, each time for `duration_s`; then the two above are None.
        duration_s: real seconds, also where the clocks change within them.
    """

    from_s: float | None = None
    until_s: float | None = None
    recurrence: Recurrence | None = None
    duration_s: float = 0.0

    def at(self, now_s: float) -> tuple[ClosureStatus, float | None]:
        """Status at a time, and when it changes next (both Unix seconds; None: never)."""
        if self.recurrence is not None:
            begin_s = self.recurrence.after(now_s - self.duration_s)
            if begin_s is None:
                return ClosureStatus.ENDED, None
            if begin_s <= now_s:
                return ClosureStatus.ACTIVE, begin_s + self.duration_s
            return ClosureStatus.SCHEDULED, begin_s
        if self.until_s is not None and self.until_s <= now_s:
            return ClosureStatus.ENDED, None
        if self.from_s is not None and self.from_s > now_s:
            return ClosureStatus.SCHEDULED, self.from_s
        return ClosureStatus.ACTIVE, self.until_s


class Obstacle(Struct, frozen=True):
    """Something that stands on the lanes for a while, as a disc.

    Attributes:
        x_m, y_m: of its middle, map frame.
        what: for people: "van", "seen by security_2".
        stays_s: so long after it was seen it is believed to be there.
    """

    x_m: float
    y_m: float
    level: str
    radius_m: float
    what: str = ""
    stays_s: float = 600.0


class Closure(Struct, frozen=True):
    """What is closed or slowed, for whom, when and why.

    Attributes:
        lanes: ids of the map's lanes (`Lane.feature_id`), both directions of each.
        zones, passages: ids; the lanes that run through them are meant.
        kinds: of robots that it concerns; None: all.
        speed_limit_mps: while it is in force; None: closed.
        changes_s: when time changes its status next, Unix seconds; None: never.
        ended_by: who removed it.
        obstacle: because of which it is; None: it was decided.
    """

    id: str
    lanes: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    passages: tuple[str, ...] = ()
    kinds: tuple[str, ...] | None = None
    speed_limit_mps: float | None = None
    window: Window = Window()
    reason: str = ""
    by: str = ""
    created_s: float = 0.0
    status: ClosureStatus = ClosureStatus.ACTIVE
    since_s: float = 0.0
    changes_s: float | None = None
    ended_by: str = ""
    obstacle: Obstacle | None = None

    @property
    def active(self) -> bool:
        """Whether it is in force."""
        return self.status is ClosureStatus.ACTIVE

    @property
    def over(self) -> bool:
        """Whether it never comes into force again."""
        return self.status in OVER

    @property
    def seen_s(self) -> float | None:
        """When its obstacle was seen last, Unix seconds; None: it has none."""
        if self.obstacle is None or self.window.until_s is None:
            return None
        return self.window.until_s - self.obstacle.stays_s

    def concerns(self, kind: str) -> bool:
        """Whether robots of a kind have to keep to it."""
        return self.kinds is None or kind in self.kinds

    def told(self, timezone: str) -> str:
        """One clause for people: "closure-3: bridge works, until 14:00"."""
        parts = [self.reason or "without a reason given"]
        if self.changes_s is not None:
            until = datetime.fromtimestamp(self.changes_s, ZoneInfo(timezone))
            parts.append(f"until {until:%Y-%m-%d %H:%M}")
        return f"{self.id}: {', '.join(parts)}"
