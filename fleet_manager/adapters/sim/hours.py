"""How long places go without a visit within the hours of the programmes that they belong to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from fleet_manager.core import events as e
from fleet_manager.core import programme_events as p
from fleet_manager.core.state import FleetState


@dataclass(frozen=True, slots=True)
class Idleness:
    """Of a place.

    Attributes:
        worst_s: longest time without a visit.
        squares_s2: sum of the squares of the times between visits.
        span_s: for so long it was looked at.
    """

    worst_s: float
    squares_s2: float
    span_s: float

    @property
    def average_s(self) -> float:
        """How long ago it was visited at a random time."""
        return self.squares_s2 / (2 * self.span_s) if self.span_s > 0.0 else 0.0


@dataclass(slots=True)
class Hours:
    """A place while any of its programmes runs; each time begins anew, as if it was just visited.

    So a place has the whole time of its promise until it has to be visited first.

    Attributes:
        running: ids of the programmes.
    """

    running: set[str] = field(default_factory=set)
    _begun_s: float = 0.0
    _last_s: float = 0.0
    _closed: Idleness = Idleness(0.0, 0.0, 0.0)

    def begin(self, programme: str, now_s: float) -> None:
        """A programme runs from now on."""
        if not self.running:
            self._begun_s = self._last_s = now_s
        self.running.add(programme)

    def end(self, programme: str, now_s: float) -> None:
        """A programme does not run any more."""
        if self.running == {programme}:
            self._closed = self.idleness(now_s)
        self.running.discard(programme)

    def visited(self, now_s: float) -> None:
        """A robot that can patrol has come."""
        if self.running:
            self._closed = self._with_gap(now_s, 0.0)
            self._last_s = now_s

    def idleness(self, now_s: float) -> Idleness:
        """Until now, with the gap that is open."""
        return self._with_gap(now_s, now_s - self._begun_s) if self.running else self._closed

    def _with_gap(self, now_s: float, span_s: float) -> Idleness:
        gap_s, before = now_s - self._last_s, self._closed
        squares_s2 = before.squares_s2 + gap_s * gap_s
        return Idleness(max(before.worst_s, gap_s), squares_s2, before.span_s + span_s)


@dataclass
class ProgrammeHours:
    """The places of all programmes that have run."""

    places: dict[str, Hours] = field(default_factory=dict)
    _sites: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def decided(self, state: FleetState, event: e.Event, now_s: float) -> Iterable[str]:
        """Follow an event; gives the places of a programme that begins to run."""
        if isinstance(event, p.ProgrammeMoved | p.ProgrammeDeleted):
            identifier = event.programme_id
        elif isinstance(event, p.ProgrammeSaved):
            identifier = event.spec.id
        else:
            return ()
        for site in self._sites.pop(identifier, ()):
            self.places[site].end(identifier, now_s)
        programme = state.programmes.get(identifier)
        if programme is None or not programme.running:
            return ()
        found = tuple(site.waypoint for site in programme.sites)
        for site in found:
            self.places.setdefault(site, Hours()).begin(identifier, now_s)
        self._sites[identifier] = found
        return found
