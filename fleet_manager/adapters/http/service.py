"""What the routes work with: loop, robots' link, map, history; and who asks, how often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Protocol

import msgspec
from fastapi import Depends, Header, Request
from starlette.requests import HTTPConnection

from fleet_manager.adapters.http.access_gate import Asking
from fleet_manager.app.accounts.records import Unauthenticated
from fleet_manager.app.limits import check_limits
from fleet_manager.app.loop import FleetLoop
from fleet_manager.app.map_publishing import MapPublisher
from fleet_manager.app.past import Past
from fleet_manager.app.permissions import Caller
from fleet_manager.app.waiting import WaitingTally
from fleet_manager.core.campus import Campus
from fleet_manager.core.commands import Command
from fleet_manager.core.events import Event
from fleet_manager.core.state import FleetState
from fleet_manager.core.task import Task
from fleet_manager.ports import History, MapHistory, MediaStore, ZoneCondition

Loop = FleetLoop[FleetState, Command, Event]


class Signal(Protocol):
    """An event that is set or not."""

    def is_set(self) -> bool:
        """Whether it has happened."""


class Link(Protocol):
    """What the API reads of the robots' link."""

    @property
    def conditions(self) -> Mapping[str, ZoneCondition]:
        """How clean zones are, by zone id."""

    @property
    def counters(self) -> Mapping[str, int]:
        """What was received, refused and sent since the start."""

    @property
    def ended(self) -> Signal:
        """Set when nothing is heard or sent any more."""


@dataclass(frozen=True)
class Service:
    """What the routes work with.

    Attributes:
        history: tasks and incidents of the database; None: only what is in memory.
        publisher: reads and checks maps that are to be published; None: none can be.
        maps: what was published; None: nothing is kept.
        caller: who asks; None: nobody who is known.
        media: pictures of incidents; None: none are kept.
        past: periods that are over; None: nothing is kept.
        waiting: how long robots have waited where; None: nobody counts it.
    """

    loop: Loop
    link: Link
    history: History | None
    publisher: MapPublisher | None = None
    maps: MapHistory | None = None
    caller: Caller | None = None
    media: MediaStore | None = None
    past: Past | None = None
    waiting: WaitingTally | None = None

    @property
    def campus(self) -> Campus:
        """The map in use; asked for anew after every await."""
        return self.loop.state.site.campus

    @property
    def state(self) -> FleetState:
        """The fleet as it is now; asked for anew after every await."""
        return self.loop.state

    @property
    def now_s(self) -> float:
        """Fleet time, Unix seconds."""
        return self.loop.clock.now_s()

    async def submit(
        self, command: Command, actor: str, command_id: str | None = None
    ) -> tuple[Event, ...]:
        """Have a command decided; returns what it was decided into.

        A person asks in the name of the account, whoever the command says it is from; a machine
        may ask for people whom the manager does not know.

        Args:
            command: what is asked for.
            actor: in whose name a machine asks; "": its own.
            command_id: by which a repetition is recognised.

        Raises:
            Forbidden: it reaches robots that the caller may not command.
            CampusFleetError: it was refused or could not be written.
        """
        caller = self.caller
        if caller is None:
            raise Unauthenticated("nobody is logged in", "log in at /app/")
        check_limits(self.state, command, caller)
        command = _in_the_name_of(caller, command)
        if command_id is not None:
            command_id = f"{caller.actor}:{command_id}"
        said = caller.actor if caller.person or not actor else f"{caller.actor} for {actor}"
        outcome = await self.loop.submit(command, actor=said, command_id=command_id)
        return outcome.events

    async def task(self, identifier: str) -> Task:
        """A task of the present or the past.

        Raises:
            Unknown: there is none of this id.
        """
        if identifier not in self.state.tasks and self.history is not None:
            row = await self.history.task(identifier)
            if row is not None:
                return msgspec.json.decode(row.document, type=Task)
        return self.state.task(identifier)


def _in_the_name_of(caller: Caller, command: Command) -> Command:
    """A command that says who asks."""
    for name in ("by", "requester"):
        if hasattr(command, name) and (caller.person or not getattr(command, name)):
            return msgspec.structs.replace(command, **{name: caller.actor})
    return command


def asking_of(connection: HTTPConnection) -> Asking:
    """Who asks, as the gate has found out."""
    asking: Asking = connection.state.asking
    return asking


def service_of(connection: HTTPConnection) -> Service:
    """The service of the application that was asked, for who asks."""
    service: Service = connection.app.state.service
    return replace(service, caller=asking_of(connection).caller)


def command_id_of(
    request: Request,
    key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            min_length=1,
            max_length=200,
            description="The same key again gives the first answer and does nothing more.",
        ),
    ] = None,
) -> str | None:
    """By which a repeated request is recognised: its path and the key of who asks."""
    return None if key is None else f"{request.url.path}:{key}"


Serving = Annotated[Service, Depends(service_of)]
CommandId = Annotated[str | None, Depends(command_id_of)]
Caused = Annotated[Asking, Depends(asking_of)]

__all__ = ["Caused", "CommandId", "Link", "Loop", "Service", "Serving", "service_of"]
