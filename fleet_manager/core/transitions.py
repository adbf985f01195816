"""State machines as tables: what is not in a table is an error, never ignored."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from fleet_manager.core.errors import WrongState

S = TypeVar("S", bound=StrEnum)
T = TypeVar("T", bound=StrEnum)


def next_state(table: Mapping[S, Mapping[T, S]], state: S, trigger: T, what: str) -> S:
    """The state that a trigger leads to.

    Args:
        what: has the state, for the error: "task patrol-3".

    Raises:
        WrongState: the table has no such transition.
    """
    following = table[state].get(trigger)
    if following is None:
        possible = ", ".join(sorted(table[state])) or "nothing: this is its end"
        raise WrongState(f"{what} is {state}: {trigger} is not possible", f"possible: {possible}")
    return following
