"""Whether a scenario fits a campus and its fleet: the fleet that it is run with, or why not."""

from __future__ import annotations

from fleet_manager.core.campus import Campus, Weather, each_of
from fleet_manager.core.config import FleetConfig
from fleet_manager.core.errors import CampusFleetError, InvalidRequest
from fleet_manager.core.fleet_size import resized, with_policy
from fleet_manager.core.requests import plan_phases
from fleet_manager.core.scenario import Scenario, check_scenario
from fleet_manager.core.site import Site


def fitted(scenario: Scenario, campus: Campus, fleet: FleetConfig) -> Site:
    """Campus and fleet as the scenario has them.

    Raises:
        InvalidRequest: the scenario contradicts itself, the map or the fleet; names the scenario.
        UnknownFeature: it names what is not on the map; names the scenario.
    """
    check_scenario(scenario)
    try:
        sized = with_policy(resized(fleet, campus, scenario.robots), scenario.policy)
        site = Site(campus, sized)
        _check_places(scenario, site)
    except CampusFleetError as error:
        raise type(error)(f"scenario {scenario.name!r}: {error}", error.remedy) from error
    return site


def _check_places(scenario: Scenario, site: Site) -> None:
    campus = site.campus
    for closure in scenario.closures:
        if not (closure.lanes or closure.zones or closure.passages):
            raise InvalidRequest("a closure names nothing", "name lanes, zones or passages")
        each_of(campus.lane, closure.lanes)
        each_of(campus.zone, closure.zones)
        each_of(campus.passage, closure.passages)
        unknown = sorted(set(closure.kinds or ()) - set(site.fleet.kinds))
        if unknown:
            raise InvalidRequest(
                f"the fleet has no kind {', '.join(unknown)}",
                f"kinds are {', '.join(site.fleet.kinds)}",
            )
    known = [each.value for each in Weather]
    for spell in scenario.weather:
        strange = sorted(set(spell.conditions) - set(known))
        if strange:
            raise InvalidRequest(
                f"no weather {', '.join(strange)}", f"weather is {', '.join(known)}"
            )
    for task in scenario.tasks:
        plan_phases(site, task.category, task.description)
