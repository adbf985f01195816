"""Checks that every robot can get everywhere it may be sent, and out of everybody's way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components

from fleet_manager.adapters.maps.checks.finding import Finding, limited, some
from fleet_manager.adapters.maps.checks.survey import Ints, Survey
from fleet_manager.core.campus import Role, ZonePurpose

Bools = npt.NDArray[np.bool_]


@dataclass
class Network:
    """The lanes that some kinds of robots may drive, and what of it hangs together.

    Bays are no part of the streets: robots rest in them, so that no way may lead through one.

    Attributes:
        kinds: robots that may drive the same lanes.
        starts: index of the waypoint at which each lane begins.
        ends: index of the waypoint at which each lane ends.
        is_bay: of each waypoint.
        reported: waypoints that a finding names as cut off, by id.
    """

    kinds: tuple[str, ...]
    starts: Ints
    ends: Ints
    is_bay: Bools
    reported: set[str] = field(default_factory=set)

    @cached_property
    def used(self) -> Bools:
        """Waypoints at which a lane begins or ends."""
        used = np.zeros(len(self.is_bay), dtype=bool)
        used[self.starts] = used[self.ends] = True
        return used

    @cached_property
    def streets(self) -> Bools:
        """Waypoints that are no bays and have a lane."""
        return self.used & ~self.is_bay

    @cached_property
    def main(self) -> Bools:
        """The largest part of the streets in which one gets from anywhere to anywhere."""
        label = self._components(self._street, "strong")
        if not self.streets.any():
            return self.streets
        sizes = np.bincount(label[self.streets])
        main: Bools = self.streets & (label == int(sizes.argmax()))
        return main

    @cached_property
    def reached(self) -> Bools:
        """Street waypoints to which a way leads from the main part."""
        return self._spread(self.starts[self._street], self.ends[self._street])

    @cached_property
    def returning(self) -> Bools:
        """Street waypoints from which a way leads to the main part."""
        return self._spread(self.ends[self._street], self.starts[self._street])

    @cached_property
    def bay_in(self) -> Bools:
        """Bays that a lane of the main part leads into."""
        return self._marked(self.ends[self.main[self.starts]]) & self.is_bay

    @cached_property
    def bay_out(self) -> Bools:
        """Bays that a lane leads out of to the main part."""
        return self._marked(self.starts[self.main[self.ends]]) & self.is_bay

    @cached_property
    def served(self) -> Bools:
        """Waypoints that robots can get to and away from."""
        return self.main | (self.bay_in & self.bay_out)

    @cached_property
    def through_bays(self) -> Bools:
        """Waypoints that hang together with the main part if ways may lead through bays."""
        every = np.ones(len(self.starts), dtype=bool)
        label = self._components(every, "strong")
        return np.isin(label, np.unique(label[self.main]))

    def groups(self) -> Iterator[tuple[Ints, bool, bool]]:
        """Parts of the streets beside the main one, with whether robots get there and back."""
        left = self.streets & ~self.main
        inner = self._street & left[self.starts] & left[self.ends]
        state = self.reached.astype(int) + 2 * self.returning.astype(int)
        inner &= state[self.starts] == state[self.ends]
        label = self._components(inner, "weak")
        for each in np.unique(label[left]):
            members = np.flatnonzero(left & (label == each))
            yield members, bool(self.reached[members[0]]), bool(self.returning[members[0]])

    @cached_property
    def _street(self) -> Bools:
        return ~self.is_bay[self.starts] & ~self.is_bay[self.ends]

    def _components(self, lanes: Bools, connection: Literal["weak", "strong"]) -> Ints:
        size = len(self.is_bay)
        starts, ends = self.starts[lanes], self.ends[lanes]
        matrix = csr_array((np.ones(len(starts)), (starts, ends)), shape=(size, size))
        _, label = connected_components(matrix, directed=True, connection=connection)
        return label.astype(np.int64)

    def _spread(self, starts: Ints, ends: Ints) -> Bools:
        """Waypoints that lanes lead to from the main part, over any number of lanes."""
        if not self.main.any():
            return self.main
        size = len(self.is_bay)
        matrix = csr_array((np.ones(len(starts)), (starts, ends)), shape=(size, size))
        first = int(self.main.argmax())
        found = breadth_first_order(matrix, first, return_predecessors=False)
        return self._marked(np.asarray(found, dtype=np.int64))

    def _marked(self, indices: Ints) -> Bools:
        marked = np.zeros(len(self.is_bay), dtype=bool)
        marked[indices] = True
        return marked


def networks(survey: Survey) -> list[Network]:
    """One for all kinds of robots that may drive the same lanes."""
    campus = survey.campus
    index = {identifier: number for number, identifier in enumerate(campus.waypoints)}
    lanes = list(campus.lanes.values())
    starts = np.array([index[lane.start] for lane in lanes], dtype=np.int64)
    ends = np.array([index[lane.end] for lane in lanes], dtype=np.int64)
    is_bay = np.array([each.is_bay for each in campus.waypoints.values()], dtype=bool)
    admitted: dict[bytes, tuple[list[str], Bools]] = {}
    for kind in survey.fleet.kinds:
        mask = np.array([lane.admits(kind) for lane in lanes], dtype=bool)
        admitted.setdefault(mask.tobytes(), ([], mask))[0].append(kind)
    return [
        Network(tuple(kinds), starts[mask], ends[mask], is_bay) for kinds, mask in admitted.values()
    ]


def check_reach(survey: Survey) -> Iterator[Finding]:
    """Whether each kind of robot can drive from any place to any other past those who rest.

    A map is *well-formed* (Čáp, Vokřínek and Kleiner 2015) if between any two bays there is a
    way that enters no third bay: then robots that rest in bays never block the others.
    """
    every = networks(survey)
    yield from _levels_without_way_in(survey, every)
    found: dict[Finding, list[str]] = {}
    for network in every:
        for finding in [*limited(_parts(survey, network)), *limited(_bays(survey, network))]:
            found.setdefault(finding, []).extend(network.kinds)
        for finding in _spare_bays(survey, network):
            found.setdefault(finding, []).extend(network.kinds)
    for finding, kinds in found.items():
        yield _for_kinds(survey, finding, kinds)
    yield from limited(_lonely(survey, every))
    yield from limited(_work(survey, every))


def _for_kinds(survey: Survey, finding: Finding, kinds: list[str]) -> Finding:
    who = " and ".join([", ".join(kinds[:-1]), kinds[-1]] if len(kinds) > 1 else kinds)
    problem = finding.problem.replace(_ROBOTS, f"{who} robots")
    return replace(finding, problem=problem, kind=survey.named(kinds))


_ROBOTS = "{robots}"


def _levels_without_way_in(survey: Survey, every: list[Network]) -> Iterator[Finding]:
    """Levels with waypoints that no lane of any kind joins to another level."""
    campus = survey.campus
    counts = Counter(each.level for each in campus.waypoints.values())
    joined: set[str] = set()
    for lane in campus.lanes.values():
        if lane.level != lane.end_level:
            joined |= {lane.level, lane.end_level}
    # On the level with the most waypoints robots are; it needs no way in.
    for level, number in counts.items():
        if len(counts) < 2 or level in joined or level == counts.most_common(1)[0][0]:
            continue
        members = {each.id for each in campus.waypoints.values() if each.level == level}
        for network in every:
            network.reported |= members
        yield Finding(
            "level_reach",
            level,
            f"no lift and no ramp leads to level {level} with its {number} waypoints",
            "join it to another level by a lift or a ramp, or take its waypoints out",
            features=tuple(sorted(members)[:20]),
            level=level,
        )


def _parts(survey: Survey, network: Network) -> Iterator[Finding]:
    """Streets to which robots do not get, and traps from which they do not get back."""
    waypoints = list(survey.campus.waypoints.values())
    home = some(waypoints[index].id for index in np.flatnonzero(network.main))
    for members, reached, returning in network.groups():
        ids = {waypoints[index].id for index in members}
        bays = {waypoints[index].id for index in _only_bays_of(network, members)}
        if ids <= network.reported:
            continue
        network.reported |= ids | bays
        lost = _lost(survey, ids | bays)
        beside = f" (with {some(bays)})" if bays else ""
        if reached:
            check, problem = "trap", f"get from {home} to {some(ids)}{beside} but not back"
        elif returning:
            check, problem = "connected", f"cannot get from {home} to {some(ids)}{beside}"
        else:
            check = "connected"
            problem = f"cannot drive from {some(ids)}{beside} to {home} and back"
        subject = waypoints[min(members, key=lambda index: waypoints[index].id)]
        yield Finding(
            check,
            subject.id,
            f"{_ROBOTS} {problem}{lost}",
            "draw the lanes that are missing, or let these kinds use those that are there",
            features=tuple(sorted((ids | bays) - {subject.id})[:20]),
        ).at(subject.level, subject.xy)


def _only_bays_of(network: Network, members: Ints) -> Ints:
    """Bays that are joined to these waypoints and not to the main part in both directions."""
    inside = np.zeros(len(network.is_bay), dtype=bool)
    inside[members] = True
    touched = np.zeros(len(network.is_bay), dtype=bool)
    touched[network.ends[inside[network.starts]]] = True
    touched[network.starts[inside[network.ends]]] = True
    return np.flatnonzero(touched & network.is_bay & ~network.served)


def _lost(survey: Survey, ids: set[str]) -> str:
    """What is out of reach with some waypoints, in words."""
    campus = survey.campus
    assets = sum(each.access in ids for each in campus.assets.values())
    zones = sum(each.access in ids for each in campus.zones.values())
    counts = [f"{n} {noun}" for n, noun in ((assets, "assets"), (zones, "zones")) if n]
    return f"; {' and '.join(counts)} are out of reach with it" if counts else ""


def _bays(survey: Survey, network: Network) -> Iterator[Finding]:
    """Bays that robots cannot get into or out of, or only through another bay."""
    waypoints = list(survey.campus.waypoints.values())
    for index in np.flatnonzero(network.is_bay & network.used & ~network.served):
        bay = waypoints[index]
        if bay.id in network.reported:
            continue
        network.reported.add(bay.id)
        noun = "dock" if bay.role is Role.DOCK else "bay"
        if network.through_bays[index]:
            others = {
                waypoints[each].id
                for each in np.flatnonzero(network.is_bay & _neighbours(network, int(index)))
            }
            yield Finding(
                "well_formed",
                bay.id,
                f"{_ROBOTS} get between the {noun} {bay.id} and the other bays only through "
                f"{some(others) or 'another bay'}, where a robot may rest",
                "join it to a street by a lane in both directions",
                features=tuple(sorted(others)),
            ).at(bay.level, bay.xy)
            continue
        leads_in, leads_out = network.bay_in[index], network.bay_out[index]
        way = "into" if leads_out else "out of" if leads_in else "into or out of"
        yield Finding(
            "bay_reachable",
            bay.id,
            f"{_ROBOTS} cannot get {way} the {noun} {bay.id}{_lost(survey, {bay.id})}",
            "join it to a street by a lane in both directions",
        ).at(bay.level, bay.xy)


def _neighbours(network: Network, index: int) -> Bools:
    found = np.zeros(len(network.is_bay), dtype=bool)
    found[network.ends[network.starts == index]] = True
    found[network.starts[network.ends == index]] = True
    return found


def _spare_bays(survey: Survey, network: Network) -> Iterator[Finding]:
    """One bay more than robots: two of them can only change places by way of a third bay."""
    robots = sum(each.kind in network.kinds for each in survey.fleet.robots.values())
    bays = int((network.served & network.is_bay).sum())
    if 0 < bays <= robots:
        yield Finding(
            "spare_bay",
            survey.campus.id,
            f"{robots} {_ROBOTS} share {bays} bays; to change places they need one to spare",
            f"draw {robots + 1 - bays} more bays",
        )


def _lonely(survey: Survey, every: list[Network]) -> Iterator[Finding]:
    """Waypoints without any lane that a kind of the fleet may drive."""
    reported = set().union(*(network.reported for network in every))
    used = np.any([network.used for network in every], axis=0)
    for waypoint, is_used in zip(survey.campus.waypoints.values(), used, strict=True):
        if not is_used and waypoint.id not in reported:
            for network in every:
                network.reported.add(waypoint.id)
            bay = " of the bay" if waypoint.is_bay else ""
            yield Finding(
                "bay_reachable" if waypoint.is_bay else "connected",
                waypoint.id,
                f"no lane for robots of the fleet leads into or out{bay} {waypoint.id}"
                f"{_lost(survey, {waypoint.id})}",
                "join it to a street by a lane in both directions, or take it out",
            ).at(waypoint.level, waypoint.xy)


@dataclass(frozen=True, slots=True)
class _Work:
    """Something that is done from a waypoint by robots with a skill."""

    check: str
    subject: str
    doing: str
    access: str
    skills: frozenset[str]


def _work(survey: Survey, every: list[Network]) -> Iterator[Finding]:
    """Work to which no robot that can do it gets; what is cut off altogether is known by now."""
    index = {identifier: number for number, identifier in enumerate(survey.campus.waypoints)}
    unable: set[str] = set()
    for work in _works(survey):
        able = {name for name, kind in survey.fleet.kinds.items() if kind.skills & work.skills}
        if not able:
            unable.add(work.doing)
            continue
        able_networks = [network for network in every if able & set(network.kinds)]
        if any(
            network.served[index[work.access]] or work.access in network.reported
            for network in able_networks
        ):
            continue
        access = survey.campus.waypoints[work.access]
        yield Finding(
            work.check,
            work.subject,
            f"{' and '.join(sorted(able))} robots {work.doing}, but none of them gets to "
            f"{work.access}, from where {work.subject} is reached",
            "let one of these kinds use the lanes there, or name another access",
            features=(work.access,),
            kind=survey.named(sorted(able)),
        ).at(access.level, access.xy)
    for doing in sorted(unable):
        yield Finding(
            "skills",
            survey.campus.id,
            f"no kind of the fleet can {doing}, though the map asks for it",
            "add a kind with this skill to fleet.yaml",
        )


def _works(survey: Survey) -> Iterator[_Work]:
    campus = survey.campus
    for asset in campus.assets.values():
        yield _Work("asset_reach", asset.id, "inspect", asset.access, frozenset({"inspect"}))
    for zone in campus.zones.values():
        if zone.access is not None and zone.purpose is ZonePurpose.CLEAN:
            yield _Work("zone_reach", zone.id, "clean", zone.access, frozenset({"clean"}))
    places = frozenset({"go_to", "patrol", "respond"})
    for waypoint in campus.waypoints.values():
        if waypoint.name is not None:
            yield _Work("place_reach", waypoint.id, "go to places", waypoint.id, places)


def check_bases(survey: Survey) -> Iterator[Finding]:
    """Whether robots may stop where they rest and work."""
    campus = survey.campus
    stops = {bay.id: f"the bay {bay.id}" for bay in campus.bays}
    for asset in campus.assets.values():
        stops.setdefault(asset.access, f"{asset.access}, from which {asset.id} is inspected,")
    for zone in campus.zones.values():
        if zone.access is not None:
            stops.setdefault(zone.access, f"{zone.access}, from which {zone.id} is worked,")
    for identifier, subject in stops.items():
        if not campus.may_end_base(identifier):
            waypoint = campus.waypoints[identifier]
            yield Finding(
                "may_stop",
                identifier,
                f"no robot may stop at {subject}: it is a {waypoint.role} "
                "or lies in a keep-clear area",
                "move it or the area",
            ).at(waypoint.level, waypoint.xy)
