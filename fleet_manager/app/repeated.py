"""When doors, lifts and crossings are asked again: at once for what is new, then every second."""

from __future__ import annotations

from collections.abc import Sequence

from fleet_manager.core.passage import PassageRequest

REPEAT_S = 1.0


class Repeated:
    """Remembers when each request was sent last."""

    def __init__(self) -> None:
        self._sent_s: dict[PassageRequest, float] = {}

    def due(self, requests: Sequence[PassageRequest], now_s: float) -> list[PassageRequest]:
        """Of what is wanted now, what has to be sent now; the rest was sent a moment ago."""
        found = [each for each in requests if not self._is_fresh(each, now_s)]
        self._sent_s = {each: self._sent_s.get(each, now_s) for each in requests}
        self._sent_s.update(dict.fromkeys(found, now_s))
        return found

    def _is_fresh(self, request: PassageRequest, now_s: float) -> bool:
        """Sent less than a second ago; a clock that was set back makes everything due."""
        sent_s = self._sent_s.get(request)
        return sent_s is not None and 0.0 <= now_s - sent_s < REPEAT_S
