"""The supervisory emergency stop: latched, kept over restarts, released by a named person."""

from __future__ import annotations

from campus_robot.errors import ErrorType, Refused
from campus_robot.memory import Memory


class EmergencyStop:
    """The latch of one robot. It does not replace the robot's own certified safety function."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    @property
    def latched(self) -> bool:
        """Whether the robot must stand."""
        return self._memory.stop_latched

    @property
    def by(self) -> str:
        """Who or what set it; "" when not latched."""
        return self._memory.stop_by

    @property
    def reason(self) -> str:
        """Why it was set; "" when not latched or not given."""
        return self._memory.stop_reason

    def latch(self, by: str, reason: str) -> None:
        """Latches the stop; the first one who did stays named."""
        if not self.latched:
            self._memory.stop_latched = True
            self._memory.stop_by = by
            self._memory.stop_reason = reason
            self._memory.save(durable=True)

    def release(self, by: str) -> None:
        """Releases the latch. Raises Refused (invalid_parameter) when no person is named."""
        if not by.strip():
            raise Refused(
                ErrorType.INVALID_PARAMETER,
                "release_stop names nobody",
                "send the name of the person who releases in the parameter by",
            )
        if self.latched:
            self._memory.stop_latched = False
            self._memory.stop_by = self._memory.stop_reason = ""
            self._memory.save(durable=True)
