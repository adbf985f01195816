"""Patrol programmes: added, changed, paused, resumed, deleted; opened and closed by time."""

from __future__ import annotations

from fleet_manager.core.decisions.incidents import raise_once, resolve
from fleet_manager.core.decisions.tasks import take_away
from fleet_manager.core.draft import Draft
from fleet_manager.core.errors import CampusFleetError, InvalidRequest, UnknownFeature, WrongState
from fleet_manager.core.planning.patrol.problem import CannotPatrol
from fleet_manager.core.programme import (
    AT_RISK,
    BROKEN,
    TROUBLE,
    ProgrammeStatus,
    ProgrammeTrigger,
    opening,
)
from fleet_manager.core.programme_commands import (
    DeleteProgramme,
    PauseProgramme,
    ResumeProgramme,
    SaveProgramme,
)
from fleet_manager.core.programme_events import ProgrammeDeleted, ProgrammeMoved, ProgrammeSaved
from fleet_manager.core.programme_sites import (
    check_numbers,
    check_promise,
    problem_of,
    resolved,
)
from fleet_manager.core.task import TaskStatus, TaskTrigger


def save(draft: Draft, asked: SaveProgramme) -> None:
    """Add or change a programme whose promise this fleet can keep.

    Raises:
        WrongState: it is to be added and exists.
        Unknown: it is to be changed and does not.
        InvalidRequest: it contradicts itself, or no fleet like this one can keep its promise.
        UnknownFeature: it names what is not on the map.
    """
    spec = asked.spec
    if asked.new and spec.id in draft.state.programmes:
        raise WrongState(f"programme {spec.id} exists", "change it, or choose another id")
    if asked.new is False:
        draft.state.programme(spec.id)
    try:
        sites = resolved(draft.site, spec)
        check_numbers(spec)
        check_promise(draft.site, spec, problem_of(draft.site, sites))
    except CannotPatrol as error:
        raise InvalidRequest(f"programme {spec.id}: {error}", error.remedy) from error
    except (InvalidRequest, UnknownFeature) as error:
        raise type(error)(f"programme {spec.id}: {error}", error.remedy) from error
    opens_s, closes_s = opening(spec, draft.now_s)
    if opens_s is None:
        raise InvalidRequest(
            f"programme {spec.id}: its window lies in the past and never comes again",
            "give a later end (until), or leave it out",
        )
    end_tasks(draft, spec.id, f"programme {spec.id} was changed", begun=True)
    _forget_incidents(draft, spec.id)
    draft.emit(ProgrammeSaved(spec, sites, draft.now_s, opens_s, closes_s, asked.by))


def delete(draft: Draft, asked: DeleteProgramme) -> None:
    """Remove a programme and cancel its tasks.

    Raises:
        Unknown: there is no such programme.
    """
    draft.state.programme(asked.programme_id)
    end_tasks(draft, asked.programme_id, f"programme {asked.programme_id} was deleted", begun=True)
    _forget_incidents(draft, asked.programme_id)
    draft.emit(ProgrammeDeleted(asked.programme_id, asked.by))


def pause(draft: Draft, asked: PauseProgramme) -> None:
    """Have a programme rest until it is resumed.

    Raises:
        Unknown: there is no such programme.
        WrongState: it is paused, or over.
    """
    programme = draft.state.programme(asked.programme_id)
    by = f" by {asked.by}" if asked.by else ""
    move = ProgrammeMoved(
        programme.id,
        ProgrammeTrigger.PAUSE,
        draft.now_s,
        programme.opens_s,
        programme.closes_s,
        asked.by,
    )
    draft.emit(move)
    end_tasks(draft, programme.id, f"programme {programme.id} was paused{by}", begun=True)
    _forget_incidents(draft, programme.id)


def resume(draft: Draft, asked: ResumeProgramme) -> None:
    """Let a paused programme patrol again, now or when its window opens.

    Raises:
        Unknown: there is no such programme.
        WrongState: it is not paused.
    """
    programme = draft.state.programme(asked.programme_id)
    opens_s, closes_s = opening(programme.spec, draft.now_s)
    draft.emit(
        ProgrammeMoved(
            programme.id, ProgrammeTrigger.RESUME, draft.now_s, opens_s, closes_s, asked.by
        )
    )
    open_and_close(draft, programme.id)


def end_tasks(draft: Draft, programme_id: str, reason: str, *, begun: bool) -> None:
    """Cancel the open tasks of a programme, those that have begun too or not."""
    for task in draft.state.open_tasks():
        waits = task.status in (TaskStatus.QUEUED, TaskStatus.STANDBY)
        if task.programme_id == programme_id and (begun or waits):
            take_away(draft, task.id, TaskTrigger.CANCEL, reason)


def _forget_incidents(draft: Draft, programme_id: str) -> None:
    for kind in (AT_RISK, BROKEN, TROUBLE):
        resolve(draft, cause_of(kind, programme_id), "the programme does not run any more")


def cause_of(kind: str, programme_id: str) -> str:
    """What an incident of a programme stands for."""
    return f"{kind}:{programme_id}"


def open_and_close(draft: Draft, programme_id: str) -> None:
    """Move a programme on where its window opens or closes."""
    programme = draft.state.programme(programme_id)
    now_s = draft.now_s
    if programme.status is ProgrammeStatus.WAITING:
        opens_s, closes_s = programme.opens_s, programme.closes_s
        if closes_s is not None and closes_s <= now_s:
            opens_s, closes_s = opening(programme.spec, now_s)
        if opens_s is None:
            draft.emit(ProgrammeMoved(programme.id, ProgrammeTrigger.END, now_s))
        elif opens_s <= now_s:
            draft.emit(
                ProgrammeMoved(programme.id, ProgrammeTrigger.OPEN, now_s, opens_s, closes_s)
            )
    elif programme.running and programme.closes_s is not None and programme.closes_s <= now_s:
        opens_s, closes_s = opening(programme.spec, now_s)
        trigger = ProgrammeTrigger.CLOSE if opens_s is not None else ProgrammeTrigger.END
        draft.emit(ProgrammeMoved(programme.id, trigger, now_s, opens_s, closes_s))
        end_tasks(draft, programme.id, f"the window of {programme.id} closed", begun=False)
        _forget_incidents(draft, programme.id)


def tell_trouble(draft: Draft, programme_id: str, error: CampusFleetError) -> None:
    """Have people know of what one programme cannot do; the others go on."""
    title = f"Programme {programme_id}: {error}"
    cause = cause_of(TROUBLE, programme_id)
    raise_once(draft, TROUBLE, cause, 1, title, note=error.remedy)
