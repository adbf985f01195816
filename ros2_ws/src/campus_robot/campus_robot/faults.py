"""The errors a robot reports: conditions while they last, refusals until the next order."""

from __future__ import annotations

from campus_robot.errors import ErrorType, Fault, Level, Refused

REFUSALS_KEPT = 8


class Faults:
    """Current errors, each with the time it began (seconds, robot's clock)."""

    def __init__(self) -> None:
        self._conditions: dict[ErrorType, Fault] = {}
        self._refusals: dict[tuple[str, ...], Fault] = {}

    def hold(
        self,
        present: bool,
        error_type: ErrorType,
        description: str,
        remedy: str,
        now_s: float,
        level: Level = Level.WARNING,
    ) -> None:
        """Reports a condition while it is present; its beginning and first text stay."""
        if not present:
            self._conditions.pop(error_type, None)
        elif error_type not in self._conditions:
            self._conditions[error_type] = Fault(error_type, description, remedy, now_s, level)

    def refuse(
        self, refused: Refused, now_s: float, order_id: str = "", order_update_id: int = 0
    ) -> None:
        """Reports a refusal; the same one again changes nothing."""
        fault = refused.as_fault(now_s, order_id, order_update_id)
        key = (fault.error_type, order_id, str(order_update_id), fault.action_id)
        self._refusals.setdefault(key, fault)
        while len(self._refusals) > REFUSALS_KEPT:
            del self._refusals[next(iter(self._refusals))]

    def order_accepted(self) -> None:
        """Refusals are reported until the next order is accepted."""
        self._refusals.clear()

    def current(self) -> tuple[Fault, ...]:
        """All errors to report, conditions first."""
        return (*self._conditions.values(), *self._refusals.values())
