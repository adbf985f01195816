"""What is wrong with the manager now, for /readyz, the API and the metrics."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that is wrong.

    Attributes:
        code: for programs: "database_full".
        since_s: fleet time, Unix seconds.
        problem: for people.
        remedy: what to do; a clause without a full stop.
        stops: no command is decided while it lasts.
    """

    code: str
    since_s: float
    problem: str
    remedy: str
    stops: bool


class Health:
    """The conditions of now; none: all is well."""

    def __init__(self) -> None:
        self._conditions: dict[str, Condition] = {}

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Those that stop the manager first, then oldest first."""
        return tuple(sorted(self._conditions.values(), key=lambda each: not each.stops))

    @property
    def stopped_by(self) -> Condition | None:
        """Why no command is decided; None: commands are."""
        return next((each for each in self.conditions if each.stops), None)

    def __contains__(self, code: object) -> bool:
        return code in self._conditions

    def begin(
        self, code: str, now_s: float, problem: str, remedy: str, *, stops: bool = False
    ) -> bool:
        """Note that something is wrong; returns whether that is new."""
        before = self._conditions.get(code)
        since_s = now_s if before is None else before.since_s
        self._conditions[code] = Condition(code, since_s, problem, remedy, stops)
        return before is None

    def end(self, code: str) -> Condition | None:
        """Note that it is right again; returns what it was."""
        return self._conditions.pop(code, None)
