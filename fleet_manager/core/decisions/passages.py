"""Doors, lifts and crossings: asked for, waited for, held, released; what fails, what works again.

A robot asks for the passage that its way waits for, first come first served. The session is kept
while the robot is in it or its way leads there, and it is in the log: a restart of the manager
changes nothing. What a passage is told follows from sessions and its last word
(`traffic.passages.requests`).
"""

from __future__ import annotations

from collections.abc import Container

from fleet_manager.core.campus import Waypoint
from fleet_manager.core.commands import RestorePassage
from fleet_manager.core.decisions.incidents import raise_once, resolve
from fleet_manager.core.draft import Draft
from fleet_manager.core.errors import WrongState
from fleet_manager.core.events import (
    PassageFailed,
    PassageRecovered,
    PassageRequested,
    SessionMoved,
)
from fleet_manager.core.incident import PASSAGE_FAILED
from fleet_manager.core.passage import (
    PassageRecord,
    PassageReport,
    PassageSession,
    PassageStatus,
    SessionStatus,
    SessionTrigger,
)
from fleet_manager.core.planning.availability import unavailable
from fleet_manager.core.robot import Movement
from fleet_manager.core.traffic.passages import (
    Entry,
    entries_ahead,
    first_barred,
    is_open,
    ridden_to,
)

UNUSED_S = 30.0
"""A passage that is open for a robot and that it does not enter goes to the next after this."""
_ASKED = (SessionStatus.REQUESTED, SessionStatus.RIDING)


def ask(draft: Draft, robot: str, movement: Movement) -> None:
    """Ask for the passage that a robot's way waits for, if it is one.

    What it has asked for and comes to later keeps its place, whoever stands before.
    """
    for passage, level in entries_ahead(draft.site.campus, movement):
        record = draft.state.passages.get(passage)
        if record is not None and record.of(robot) is not None:
            draft.wishes.setdefault((robot, passage), level)
    entry = first_barred(draft.state, robot, movement)
    if entry is not None:
        _ask(draft, robot, entry)


def ask_out(draft: Draft, robot: str) -> None:
    """Ask for the passage in which a robot stands without an order to be opened to it."""
    report = draft.state.telemetry.reports.get(robot)
    for identifier in draft.state.robot(robot).at[:2]:
        waypoint = draft.site.campus.waypoint(identifier)
        here = report is None or report.level == waypoint.level
        if waypoint.passage is not None and here:
            _ask(draft, robot, (waypoint.passage, waypoint.level))
            return


def _ask(draft: Draft, robot: str, entry: Entry) -> None:
    passage, level = entry
    draft.wishes.setdefault((robot, passage), level)
    record = draft.state.passages.get(passage)
    if record is not None and (record.out_of_order or record.of(robot) is not None):
        return
    number = draft.state.session_number + 1
    session = f"session-{draft.state.manager_epoch}-{number}"
    draft.emit(PassageRequested(passage, session, robot, level, draft.now_s, number))


def settle(draft: Draft, led: Container[str]) -> None:
    """Release what is not needed any more, call for who is next, send lifts on their way.

    Args:
        led: robots that have just been looked at: what these did not ask for again, they do not
            need.
    """
    for passage in list(draft.state.passages):
        gone = passage not in draft.site.campus.passages
        if gone and draft.state.passages[passage].out_of_order:
            _recover(draft, passage)
        record = draft.state.passages.get(passage, PassageRecord(passage))
        for session in record.sessions:
            why = _why_released(draft, draft.state.passages[passage], session, led)
            if why is not None:
                _move(draft, passage, session, SessionTrigger.RELEASE, reason=why)
        record = draft.state.passages.get(passage, PassageRecord(passage))
        if record.head is None or record.out_of_order:
            continue
        if record.head.status is SessionStatus.WAITING:
            _move(draft, passage, record.head, SessionTrigger.CALL)
        elif _is_newly_held(draft, record.head, passage):
            _move(draft, passage, record.head, SessionTrigger.HOLD)
        _ride(draft, passage)


def _is_newly_held(draft: Draft, session: PassageSession, passage: str) -> bool:
    opened = session.status is SessionStatus.OPEN and not session.held
    return opened and passage in draft.state.held[session.robot]


def _why_released(
    draft: Draft, record: PassageRecord, session: PassageSession, led: Container[str]
) -> str | None:
    """Why a session ends: "" when the robot is through; None: it goes on."""
    state, robot = draft.state, session.robot
    if session.status is SessionStatus.FAILED and robot in state.robots:
        return None
    if record.id not in draft.site.campus.passages:
        return "it is not on the map any more"
    if robot not in state.robots:
        return f"{robot} has left the fleet"
    if record.id in state.held[robot]:
        return None
    if session.held:
        return ""
    if robot in led and draft.wishes.get((robot, record.id)) != session.level:
        movement = state.robot(robot).movement
        ahead = () if movement is None else entries_ahead(draft.site.campus, movement)
        comes = (record.id, session.level) in ahead or _stands_aside(draft, robot)
        if unavailable(state, robot) or not comes:
            return ""
    is_head = record.head is not None and record.head.id == session.id
    unused = session.status is SessionStatus.OPEN and draft.now_s - session.since_s > UNUSED_S
    if is_head and unused and len(record.sessions) > 1:
        return f"{robot} does not use it, and others wait"
    return None


def _stands_aside(draft: Draft, robot: str) -> bool:
    """Whether a robot drives into a bay to wait there for what its task's way needs."""
    record = draft.state.robot(robot)
    movement = record.movement
    if movement is None or record.task_id is None or movement.task_id != record.task_id:
        return False
    return movement.complete and not movement.canceling


def _ride(draft: Draft, passage: str) -> None:
    """Ask a lift to carry the robot that has driven into it."""
    head = draft.state.passages[passage].head
    if head is None or head.status not in (SessionStatus.REQUESTED, SessionStatus.OPEN):
        return
    movement = draft.state.robot(head.robot).movement
    if movement is None or movement.canceling:
        return
    goes = ridden_to(draft.site.campus, movement)
    if goes is not None and goes[0] == passage and goes[1] != head.level:
        _move(draft, passage, head, SessionTrigger.RIDE, level=goes[1])


def _move(
    draft: Draft,
    passage: str,
    session: PassageSession,
    trigger: SessionTrigger,
    level: str = "",
    reason: str = "",
) -> None:
    draft.emit(SessionMoved(passage, session.id, trigger, draft.now_s, level, reason))


# --- what they say ---


def heard(draft: Draft, report: PassageReport) -> None:
    """Follow what a passage says; those that the map does not have are passed over."""
    if report.passage not in draft.site.campus.passages:
        return
    record = draft.state.passages.get(report.passage)
    if report.status is PassageStatus.OUT_OF_ORDER:
        if record is None or not record.out_of_order or not record.reported:
            _fail(draft, report.passage, "says that it is out of order", reported=True)
        return
    if record is None or record.head is None:
        if record is not None and record.reported:
            _recover(draft, report.passage)
        return
    if record.out_of_order and (record.reported or report.serves(record.head)):
        _recover(draft, report.passage)
    head = draft.state.passages[report.passage].head
    if head is None:
        return
    if head.status in _ASKED and report.serves(head):
        _move(draft, report.passage, head, SessionTrigger.OPEN)
    elif head.status is SessionStatus.OPEN and not report.serves(head):
        _move(draft, report.passage, head, SessionTrigger.CLOSE)


def watch(draft: Draft) -> None:
    """Passages that do not do what they are asked in time count as out of order."""
    state = draft.state
    for record in list(state.passages.values()):
        head = record.head
        passage = draft.site.campus.passages.get(record.id)
        if passage is None or head is None or head.status not in _ASKED:
            continue
        waited_s = draft.now_s - max(head.since_s, state.manager_started_s)
        if waited_s > passage.timeout_s:
            arrives = head.status is SessionStatus.RIDING
            what = "does not arrive" if arrives else "does not open"
            _fail(draft, record.id, f"{what}: {head.robot} has waited {waited_s:.0f} s")


def _fail(draft: Draft, passage: str, what: str, *, reported: bool = False) -> None:
    """Have people know, and ways lead round it."""
    draft.emit(PassageFailed(passage, draft.now_s, what, reported))
    state, name = draft.state, draft.site.campus.passage(passage).name
    record = state.passages[passage]
    robots = [session.robot for session in record.sessions if session.robot in state.robots]
    inside = [robot for robot in robots if _is_inside(draft, robot, passage)]
    title = f"{name} {what}"
    if inside:
        title = f"{inside[0]} is in {name}, which {what}"
    robot = next(iter(inside or robots), None)
    raise_once(
        draft,
        PASSAGE_FAILED,
        _cause(passage),
        2 if inside else 1,
        title,
        robot=robot,
        task_id=state.robot(robot).task_id if robot else None,
        place=passage,
        at=_place(draft, passage, record.head.level if record.head else None),
        note=_who_waits(draft, robots),
    )


def _is_inside(draft: Draft, robot: str, passage: str) -> bool:
    record, campus = draft.state.robot(robot), draft.site.campus
    movement = record.movement
    here = movement.nodes[movement.passed].waypoint if movement else next(iter(record.at), None)
    return here is not None and campus.waypoint(here).passage == passage


def _place(draft: Draft, passage: str, level: str | None) -> Waypoint | None:
    """A waypoint in a passage, on a level where there is one."""
    within = [each for each in draft.site.campus.waypoints.values() if each.passage == passage]
    return next((each for each in within if each.level == level), next(iter(within), None))


def _who_waits(draft: Draft, robots: list[str]) -> str:
    if not robots:
        return "nobody waits for it; ways lead round it"
    tasks = ((robot, draft.state.robot(robot).task_id) for robot in robots)
    named = [f"{robot} with {task}" if task else robot for robot, task in tasks]
    return f"waiting for it: {', '.join(named)}; ways lead round it"


def _recover(draft: Draft, passage: str, by: str = "") -> None:
    draft.emit(PassageRecovered(passage, draft.now_s, by))
    resolve(draft, _cause(passage), f"{by} says that it works" if by else "it works again")


def _cause(passage: str) -> str:
    return f"passage:{passage}"


def restore(draft: Draft, asked: RestorePassage) -> None:
    """Count a passage in again, as a person says that it works.

    Raises:
        UnknownFeature: there is no such passage.
        WrongState: it works.
    """
    passage = draft.site.campus.passage(asked.passage)
    record = draft.state.passages.get(passage.id)
    if record is None or not record.out_of_order:
        raise WrongState(f"{passage.name} works", "nothing has to be done")
    _recover(draft, passage.id, asked.by or "staff")


def waits_for(draft: Draft, robot: str) -> str | None:
    """What a robot waits for, for people, where it is a passage."""
    for record in draft.state.passages.values():
        session = record.of(robot)
        if session is None or is_open(draft.state, robot, (record.id, session.level)):
            continue
        name = draft.site.campus.passage(record.id).name
        if session.status is SessionStatus.WAITING and record.head is not None:
            return f"{name}, which {record.head.robot} uses"
        return f"{name} to open"
    return None
