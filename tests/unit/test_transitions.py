"""Every state × every event of the state machines, as they are written down for people."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from enum import StrEnum

import pytest

from fleet_manager.core.emergency import STOP_TRANSITIONS, StopStatus, StopTrigger
from fleet_manager.core.errors import WrongState
from fleet_manager.core.incident import INCIDENT_TRANSITIONS, IncidentStatus, IncidentTrigger
from fleet_manager.core.passage import (
    CONDITION_TRANSITIONS,
    SESSION_TRANSITIONS,
    Condition,
    ConditionTrigger,
    SessionStatus,
    SessionTrigger,
)
from fleet_manager.core.robot import ROBOT_TRANSITIONS, RobotStatus, RobotTrigger
from fleet_manager.core.task import ENDED, TASK_TRANSITIONS, TaskStatus, TaskTrigger
from fleet_manager.core.transitions import next_state

# Rows: states; columns: triggers in the order given; "-": refused.
TASK = """
              assign  start    delay   block   recover  release interrupt resume  complete  fail   cancel   kill   skip
queued        standby -        -       -       -        -       standby   -       -         failed canceled killed skipped
standby       -       underway delayed blocked -        queued  standby   queued  completed failed canceled killed skipped
underway      -       -        delayed blocked -        queued  standby   -       completed failed canceled killed -
delayed       -       -        -       blocked underway queued  standby   -       completed failed canceled killed -
blocked       -       -        delayed -       underway queued  standby   -       completed failed canceled killed -
completed     -       -        -       -       -        -       -         -       -         -      -        -      -
failed        -       -        -       -       -        -       -         -       -         -      -        -      -
canceled      -       -        -       -       -        -       -         -       -         -      -        -      -
killed        -       -        -       -       -        -       -         -       -         -      -        -      -
skipped       -       -        -       -       -        -       -         -       -         -      -        -      -
"""  # noqa: E501

ROBOT = """
              come_online go_silent begin_work end_work begin_charging end_charging fail  mend
uninitialized idle        -         -          -        -              -            -     -
offline       idle        -         -          -        -              -            -     -
idle          -           offline   working    -        charging       -            error -
working       -           offline   -          idle     charging       -            error -
charging      -           offline   working    -        -              idle         error -
error         -           offline   -          -        -              -            -     idle
"""

INCIDENT = """
              acknowledge  assign   resolve  mark_false_alarm
raised        acknowledged assigned resolved false_alarm
acknowledged  -            assigned resolved false_alarm
assigned      -            assigned resolved false_alarm
resolved      -            -        -        -
false_alarm   -            -        -        -
"""

SESSION = """
              call      open close     hold ride   fail   recover   release
waiting       requested -    -         -    -      -      -         released
requested     -         open -         -    riding failed -         released
open          -         -    requested open riding failed -         released
riding        -         open -         -    -      failed -         released
failed        -         -    -         -    -      -      requested released
released      -         -    -         -    -      -      -         -
"""

CONDITION = """
              fail         recover
working       out_of_order -
out_of_order  out_of_order working
"""

STOP = """
              tell      confirm   release   clear
told          told      confirmed releasing -
confirmed     confirmed -         releasing over
releasing     told      -         releasing over
over          -         -         -         -
"""

Table = Mapping[StrEnum, Mapping[StrEnum, StrEnum]]
MACHINES: list[tuple[str, type[StrEnum], type[StrEnum], Table]] = [
    (TASK, TaskStatus, TaskTrigger, TASK_TRANSITIONS),
    (ROBOT, RobotStatus, RobotTrigger, ROBOT_TRANSITIONS),
    (INCIDENT, IncidentStatus, IncidentTrigger, INCIDENT_TRANSITIONS),
    (SESSION, SessionStatus, SessionTrigger, SESSION_TRANSITIONS),
    (STOP, StopStatus, StopTrigger, STOP_TRANSITIONS),
    (CONDITION, Condition, ConditionTrigger, CONDITION_TRANSITIONS),
]


def cells() -> list[object]:
    """State, trigger and what is written for them, of every machine."""
    found: list[object] = []
    for text, states, triggers, table in MACHINES:
        header, *rows = text.strip("\n").splitlines()
        columns = header.split()
        assert set(columns) == set(triggers), "a trigger without a column"
        assert [row.split()[0] for row in rows] == list(states), "a state without a row"
        for row in rows:
            state, *following = row.split()
            for column, written in zip(columns, following, strict=True):
                case = (table, states(state), triggers(column), written)
                found.append(pytest.param(*case, id=f"{states.__name__}-{state}-{column}"))
    return found


@pytest.mark.parametrize(("table", "state", "trigger", "written"), cells())
def test_each_state_with_each_trigger(
    table: Table,
    state: StrEnum,
    trigger: StrEnum,
    written: str,
) -> None:
    if written == "-":
        with pytest.raises(WrongState, match=f"it is {state}|is {state}"):
            next_state(table, state, trigger, "it")
    else:
        assert next_state(table, state, trigger, "it") == written


def test_no_way_leads_out_of_an_end_and_every_state_has_a_way_to_one() -> None:
    for start in TaskStatus:
        reached = {start}
        for _ in TaskStatus:
            reached |= set(itertools.chain(*(TASK_TRANSITIONS[each].values() for each in reached)))
        assert reached & ENDED, f"{start} never ends"


def test_a_session_can_be_released_from_every_state_and_never_comes_back() -> None:
    for start in SessionStatus:
        ways = SESSION_TRANSITIONS[start]
        if start is SessionStatus.RELEASED:
            assert not ways
        else:
            assert ways[SessionTrigger.RELEASE] is SessionStatus.RELEASED
