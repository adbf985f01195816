"""Another number of robots than the fleet's file has: of its kinds, with docks while they last."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from fleet_manager.core.campus import Campus, Waypoint
from fleet_manager.core.config import FleetConfig, Policy, RobotSpec
from fleet_manager.core.errors import InvalidRequest
from fleet_manager.core.planning.charging import docks_needed

UNREACHED_M = 1e6


def resized(
    fleet: FleetConfig, campus: Campus, wanted: int | Mapping[str, int] | None
) -> FleetConfig:
    """The fleet with as many robots as wanted.

    Those of the file come first; the others are named on from them and get the free docks that lie
    furthest from robots of their kind.

    Args:
        wanted: in all, in the shares of the file; or by kind; None: as in the file.

    Raises:
        InvalidRequest: no robots, an unknown kind, or more robots than docks and bays are for.
    """
    if wanted is None:
        return fleet
    counts = _shares(fleet, wanted) if isinstance(wanted, int) else dict(wanted)
    _check(fleet, campus, counts)
    robots: dict[str, RobotSpec] = {}
    for kind, count in counts.items():
        own = [each for each in fleet.robots.values() if each.kind == kind][:count]
        robots |= {each.name: each for each in own}
    free = {dock.id: dock for dock in campus.docks}
    for each in robots.values():
        free.pop(each.home, None)
    added = 1
    while added:
        added = 0
        for kind, count in counts.items():
            own = [each for each in robots.values() if each.kind == kind]
            if len(own) < count:
                home = free.pop(_furthest(campus, own, free)).id if free else ""
                name = _name(kind, robots)
                robots[name] = RobotSpec(name, kind, home)
                added += 1
    return replace(fleet, robots=robots)


def with_policy(fleet: FleetConfig, changes: Mapping[str, float]) -> FleetConfig:
    """The fleet run by another policy.

    Raises:
        InvalidRequest: a field that policies do not have, or charges that do not rise.
    """
    known = Policy.__dataclass_fields__
    unknown = sorted(set(changes) - known.keys())
    if unknown:
        raise InvalidRequest(
            f"a policy has no {', '.join(unknown)}", f"its fields are {', '.join(known)}"
        )
    policy = replace(fleet.policy, **changes)
    if not 0.0 <= policy.reserve < policy.charge_below < policy.charge_to <= 1.0:
        raise InvalidRequest(
            f"reserve {policy.reserve:g}, charge_below {policy.charge_below:g} and charge_to "
            f"{policy.charge_to:g} do not rise from 0 to 1",
            "choose reserve < charge_below < charge_to",
        )
    return replace(fleet, policy=policy)


def _shares(fleet: FleetConfig, count: int) -> dict[str, int]:
    """How many of each kind, by largest remainder."""
    own = [each.kind for each in fleet.robots.values()]
    kinds = list(dict.fromkeys(own))
    exact = {kind: count * own.count(kind) / len(own) for kind in kinds}
    shares = {kind: math.floor(each) for kind, each in exact.items()}
    left = count - sum(shares.values())
    for kind in sorted(kinds, key=lambda each: shares[each] - exact[each])[:left]:
        shares[kind] += 1
    return shares


def _check(fleet: FleetConfig, campus: Campus, counts: Mapping[str, int]) -> None:
    unknown = sorted(set(counts) - set(fleet.kinds))
    if unknown:
        raise InvalidRequest(
            f"the fleet has no kind {', '.join(unknown)}", f"kinds are {', '.join(fleet.kinds)}"
        )
    total = sum(counts.values())
    if total < 1 or min(counts.values()) < 0:
        raise InvalidRequest(f"{total} robots cannot be simulated", "choose one or more")
    needed = docks_needed(
        fleet.kinds[kind].battery for kind, count in counts.items() for _ in range(count)
    )
    if needed > len(campus.docks) or total >= len(campus.bays):
        raise InvalidRequest(
            f"{total} robots need {needed} docks and more bays than robots, but {campus.name} has "
            f"{len(campus.docks)} docks and {len(campus.bays)} bays with them",
            "choose fewer robots, or draw more docks and bays",
        )


def _furthest(campus: Campus, own: list[RobotSpec], free: Mapping[str, Waypoint]) -> str:
    homes = [campus.waypoint(each.home) for each in own if each.home]

    def nearest_m(dock: Waypoint) -> float:
        return min((math.dist(dock.xy, each.xy) for each in homes), default=UNREACHED_M)

    return max(free, key=lambda each: nearest_m(free[each]))


def _name(kind: str, robots: Mapping[str, RobotSpec]) -> str:
    number = 1
    while f"{kind}_{number}" in robots:
        number += 1
    return f"{kind}_{number}"
