"""A decision in the making: events so far, and the state as they leave it."""

from __future__ import annotations

from fleet_manager.core.emergency_changes import apply
from fleet_manager.core.events import Event
from fleet_manager.core.site import Site
from fleet_manager.core.state import FleetState


class Draft:
    """Collects events and applies each to a copy of the state, which later events build on.

    Attributes:
        now_s: when it is decided, fleet time, Unix seconds.
        events: decided so far.
        wishes: level at which a robot that stands would enter a passage, by robot and passage.
    """

    def __init__(self, state: FleetState, now_s: float) -> None:
        self._state = state
        self.now_s = now_s
        self.events: list[Event] = []
        self.wishes: dict[tuple[str, str], str] = {}

    @property
    def state(self) -> FleetState:
        """The state after the events; to be read only, and asked for anew after `emit`."""
        return self._state

    @property
    def site(self) -> Site:
        """Campus and fleet."""
        return self._state.site

    def emit(self, event: Event) -> None:
        """Decide an event.

        Raises:
            WrongState: it is not possible in this state.
        """
        if not self.events:
            self._state = self._state.copy()
        apply(event, self._state)
        self.events.append(event)
