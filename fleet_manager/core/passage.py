"""A door, lift or crossing in use: who has asked for it, whether it is open, whether it works."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class SessionStatus(StrEnum):
    """How far a robot has come with a passage that it asked for."""

    WAITING = "waiting"
    REQUESTED = "requested"
    OPEN = "open"
    RIDING = "riding"
    FAILED = "failed"
    RELEASED = "released"


class SessionTrigger(StrEnum):
    """What changes the status of a session."""

    CALL = "call"
    OPEN = "open"
    CLOSE = "close"
    HOLD = "hold"
    RIDE = "ride"
    FAIL = "fail"
    RECOVER = "recover"
    RELEASE = "release"


_RELEASE = {SessionTrigger.RELEASE: SessionStatus.RELEASED}
_FAIL = {SessionTrigger.FAIL: SessionStatus.FAILED}

SESSION_TRANSITIONS: dict[SessionStatus, dict[SessionTrigger, SessionStatus]] = {
    SessionStatus.WAITING: {**_RELEASE, SessionTrigger.CALL: SessionStatus.REQUESTED},
    SessionStatus.REQUESTED: {
        **_RELEASE,
        **_FAIL,
        SessionTrigger.OPEN: SessionStatus.OPEN,
        SessionTrigger.RIDE: SessionStatus.RIDING,
    },
    SessionStatus.OPEN: {
        **_RELEASE,
        **_FAIL,
        SessionTrigger.CLOSE: SessionStatus.REQUESTED,
        SessionTrigger.HOLD: SessionStatus.OPEN,
        SessionTrigger.RIDE: SessionStatus.RIDING,
    },
    SessionStatus.RIDING: {**_RELEASE, **_FAIL, SessionTrigger.OPEN: SessionStatus.OPEN},
    SessionStatus.FAILED: {**_RELEASE, SessionTrigger.RECOVER: SessionStatus.REQUESTED},
    SessionStatus.RELEASED: {},
}
"""`waiting`: behind another robot. `requested`: the passage is asked to be open at the session's
level. `riding`: the robot is in the lift, which is asked to be open at another level. `failed`: the
passage is out of order; it goes on being asked, and that it opens tells that it works again."""


class Condition(StrEnum):
    """Whether a passage can be counted on."""

    WORKING = "working"
    OUT_OF_ORDER = "out_of_order"


class ConditionTrigger(StrEnum):
    """What changes the condition of a passage."""

    FAIL = "fail"
    RECOVER = "recover"


CONDITION_TRANSITIONS: dict[Condition, dict[ConditionTrigger, Condition]] = {
    Condition.WORKING: {ConditionTrigger.FAIL: Condition.OUT_OF_ORDER},
    Condition.OUT_OF_ORDER: {
        ConditionTrigger.FAIL: Condition.OUT_OF_ORDER,
        ConditionTrigger.RECOVER: Condition.WORKING,
    },
}
"""A passage that did not open in time may report later that it is out of order: it fails again."""


class PassageSession(Struct, frozen=True):
    """One robot's use of a passage, from the request to the release.

    Attributes:
        id: unique in the fleet for ever.
        level: at which the passage is to be open.
        since_s: of the status, Unix seconds.
        held: the robot's base leads, or has led, into it; released once it does no more.
    """

    id: str
    robot: str
    level: str
    since_s: float
    status: SessionStatus = SessionStatus.WAITING
    held: bool = False


class PassageRecord(Struct, frozen=True):
    """What is in the log of a passage that is used or out of order.

    Attributes:
        sessions: in the order of asking; the passage serves the first.
        since_s: when it fell out of order, Unix seconds; 0 while it works.
        reason: why it is out of order, for people.
        reported: it said so itself; else it did not do what it was asked.
    """

    id: str
    sessions: tuple[PassageSession, ...] = ()
    condition: Condition = Condition.WORKING
    since_s: float = 0.0
    reason: str = ""
    reported: bool = False

    @property
    def out_of_order(self) -> bool:
        """Whether ways lead round it."""
        return self.condition is Condition.OUT_OF_ORDER

    @property
    def head(self) -> PassageSession | None:
        """The session that the passage serves."""
        return self.sessions[0] if self.sessions else None

    def of(self, robot: str) -> PassageSession | None:
        """The session of a robot, or None."""
        return next((each for each in self.sessions if each.robot == robot), None)

    def is_open_to(self, robot: str, level: str) -> bool:
        """Whether it is open to a robot on a level."""
        head = self.head
        return (
            head is not None
            and head.robot == robot
            and head.level == level
            and head.status is SessionStatus.OPEN
            and not self.out_of_order
        )

    def may_enter(self, robot: str, level: str) -> bool:
        """Whether a base may lead into it: once a session, as long as others wait."""
        head = self.head
        again = head is not None and head.held and len(self.sessions) > 1
        return self.is_open_to(robot, level) and not again


class PassageStatus(StrEnum):
    """What a passage says of itself; the constants of campus_msgs/PassageState."""

    CLOSED = "closed"
    OPENING = "opening"
    OPEN = "open"
    CLOSING = "closing"
    MOVING = "moving"
    OUT_OF_ORDER = "out_of_order"


class PassageReport(Struct, frozen=True):
    """What a passage, or the gateway to its building, says of it; telemetry, not in the log.

    Attributes:
        level: at which it is; of a lift, the last one passed while it moves.
        session_id: that it serves; "" for none.
        robot: of that session.
        stamp_s: when it was true, Unix seconds.
    """

    passage: str
    status: PassageStatus
    level: str
    session_id: str = ""
    robot: str = ""
    stamp_s: float = 0.0

    def serves(self, session: PassageSession) -> bool:
        """Whether it is open for a session at the session's level."""
        return (
            self.status is PassageStatus.OPEN
            and self.session_id == session.id
            and self.level == session.level
        )


class PassageAction(StrEnum):
    """What a passage is asked for; the constants of campus_msgs/PassageRequest."""

    OPEN = "open"
    RELEASE = "release"


class PassageRequest(Struct, frozen=True):
    """What a passage is to be for a session: open at a level and held so, or free again.

    It is a state that is wanted, not a step: the same request again changes nothing.
    """

    passage: str
    session_id: str
    robot: str
    level: str
    action: PassageAction
