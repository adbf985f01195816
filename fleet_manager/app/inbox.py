"""The bounded inbox of the loop: commands that wait to be decided."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from fleet_manager.core.errors import CampusFleetError

Command = TypeVar("Command")
Answer = TypeVar("Answer")


class Overloaded(CampusFleetError):
    """More is asked for than can be decided; ask again later."""


class Ending(CampusFleetError):
    """The fleet manager ends; nothing more is decided."""


@dataclass(slots=True, eq=False)
class Request(Generic[Command, Answer]):
    """A command on its way to a decision.

    Attributes:
        command: what is asked for.
        actor: who asks.
        command_id: by which a repetition is recognised; None: never repeated.
        answer: what came of it; None where nobody waits.
    """

    command: Command
    actor: str
    command_id: str | None = None
    answer: asyncio.Future[Answer] | None = field(default=None, repr=False)

    def resolve(self, answer: Answer) -> None:
        """Answer who waits; one who has gone away is no matter."""
        if self.answer is not None and not self.answer.done():
            self.answer.set_result(answer)

    def fail(self, error: BaseException) -> None:
        """Refuse with an error."""
        if self.answer is not None and not self.answer.done():
            self.answer.set_exception(error)


class Inbox(Generic[Command, Answer]):
    """Requests in the order in which they came, at most `capacity`."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._requests: deque[Request[Command, Answer]] = deque()
        self.refused = 0

    def __len__(self) -> int:
        return len(self._requests)

    def put(self, request: Request[Command, Answer]) -> None:
        """Take a request in.

        Raises:
            Overloaded: the inbox is full.
        """
        if len(self._requests) >= self._capacity:
            self.refused += 1
            raise Overloaded(
                f"{self._capacity} commands wait already", "wait a few seconds and ask again"
            )
        self._requests.append(request)

    def take(self, at_most: int) -> list[Request[Command, Answer]]:
        """The oldest requests."""
        return [self._requests.popleft() for _ in range(min(at_most, len(self._requests)))]

    def fail_all(self, error: BaseException) -> None:
        """Refuse everything that waits."""
        while self._requests:
            self._requests.popleft().fail(error)


def ending() -> Ending:
    """What who asks at the end is told."""
    return Ending("the fleet manager ends", "ask again when it runs again")
