"""Checks that every robot can get everywhere it may be sent, and out of everybody's way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import networkx as nx

from fleet_manager.adapters.maps.finding import Finding
from fleet_manager.core.campus import Campus


def check_reach(campus: Campus, kind: str) -> Iterator[Finding]:
    """Whether a kind of robot can drive from any place to any other past those who rest.

    A map is *well-formed* (Čáp, Vokřínek and Kleiner 2015) if between any two bays there is a
    way that enters no third bay: then robots that rest in bays never block the others.
    """
    graph = campus.graph_for(kind)
    bays = [bay.id for bay in campus.bays]
    streets = graph.subgraph([each for each in graph if not campus.waypoints[each].is_bay])
    parts = sorted(nx.strongly_connected_components(streets), key=lambda part: -len(part))
    main = parts[0] if parts else set()
    for part in parts[1:]:
        yield Finding(
            "connected",
            min(part),
            f"{kind} robots cannot drive from {_some(part)} to {_some(main)} and back",
            "draw the lanes that are missing, or let this kind use those that are there",
        )
    for bay in bays:
        out = any(campus.lane_between(bay, each).admits(kind) for each in graph.successors(bay))
        leads_out = any(each in main for each in graph.successors(bay))
        leads_in = any(each in main for each in graph.predecessors(bay))
        if leads_out and leads_in:
            continue
        way = "into" if leads_out else "out of" if leads_in else "into or out of"
        through = " without entering another bay" if out else ""
        yield Finding(
            "bay_reachable",
            bay,
            f"{kind} robots cannot get {way} {bay}{through}",
            "join it to a street by a lane in both directions",
        )


def check_bases(campus: Campus) -> Iterator[Finding]:
    """Whether robots may stop where they rest and work."""
    stops = {bay.id: f"the bay {bay.id}" for bay in campus.bays}
    for asset in campus.assets.values():
        stops.setdefault(asset.access, f"{asset.access}, from which {asset.id} is inspected,")
    for zone in campus.zones.values():
        if zone.access is not None:
            stops.setdefault(zone.access, f"{zone.access}, from which {zone.id} is worked,")
    for waypoint, subject in stops.items():
        if not campus.may_end_base(waypoint):
            yield Finding(
                "may_stop",
                waypoint,
                f"no robot may stop at {subject}: it is a {campus.waypoints[waypoint].role} "
                "or lies in a keep-clear area",
                "move it or the area",
            )


def _some(part: Iterable[str]) -> str:
    names = sorted(part)
    return ", ".join(names[:3]) + (f" and {len(names) - 3} others" if len(names) > 3 else "")
