"""How events about doors, lifts and crossings change the state."""

from __future__ import annotations

from msgspec.structs import replace

from fleet_manager.core import events as e
from fleet_manager.core.map_changes import apply, restrict
from fleet_manager.core.passage import (
    CONDITION_TRANSITIONS,
    SESSION_TRANSITIONS,
    ConditionTrigger,
    PassageRecord,
    PassageSession,
    SessionStatus,
    SessionTrigger,
)
from fleet_manager.core.state import FleetState
from fleet_manager.core.transitions import next_state

__all__ = ["apply"]

_SERVED = (SessionStatus.REQUESTED, SessionStatus.OPEN, SessionStatus.RIDING)


@apply.register
def _(event: e.PassageRequested, state: FleetState) -> None:
    state.session_number = event.number
    record = state.passages.get(event.passage) or PassageRecord(event.passage)
    session = PassageSession(event.session_id, event.robot, event.level, event.time_s)
    state.passages[event.passage] = replace(record, sessions=(*record.sessions, session))


@apply.register
def _(event: e.SessionMoved, state: FleetState) -> None:
    record = state.passages[event.passage]
    sessions = tuple(
        _moved(each, event.trigger, event.time_s, event.level)
        if each.id == event.session_id
        else each
        for each in record.sessions
    )
    left = tuple(each for each in sessions if each.status is not SessionStatus.RELEASED)
    _keep(state, replace(record, sessions=left))


def _moved(
    session: PassageSession, trigger: SessionTrigger, time_s: float, level: str = ""
) -> PassageSession:
    status = next_state(SESSION_TRANSITIONS, session.status, trigger, f"session {session.id}")
    held = session.held or trigger is SessionTrigger.HOLD
    return replace(session, status=status, since_s=time_s, level=level or session.level, held=held)


def _keep(state: FleetState, record: PassageRecord) -> None:
    """A passage that works and that nobody uses needs no record."""
    if record.sessions or record.out_of_order:
        state.passages[record.id] = record
    else:
        state.passages.pop(record.id, None)


@apply.register
def _(event: e.PassageFailed, state: FleetState) -> None:
    record = state.passages.get(event.passage) or PassageRecord(event.passage)
    failed = next_state(
        CONDITION_TRANSITIONS, record.condition, ConditionTrigger.FAIL, f"passage {record.id}"
    )
    sessions = record.sessions
    if sessions and sessions[0].status in _SERVED:
        sessions = (_moved(sessions[0], SessionTrigger.FAIL, event.time_s), *sessions[1:])
    state.passages[event.passage] = replace(
        record,
        condition=failed,
        since_s=record.since_s or event.time_s,
        reason=event.reason,
        reported=event.reported,
        sessions=sessions,
    )
    restrict(state)


@apply.register
def _(event: e.PassageRecovered, state: FleetState) -> None:
    record = state.passages[event.passage]
    condition = next_state(
        CONDITION_TRANSITIONS, record.condition, ConditionTrigger.RECOVER, f"passage {record.id}"
    )
    sessions = record.sessions
    if sessions and sessions[0].status is SessionStatus.FAILED:
        sessions = (_moved(sessions[0], SessionTrigger.RECOVER, event.time_s), *sessions[1:])
    _keep(state, PassageRecord(record.id, sessions, condition))
    restrict(state)
