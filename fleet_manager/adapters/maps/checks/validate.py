"""Says whether a fleet can work on a campus: the checks beyond the form of the files."""

from __future__ import annotations

from fleet_manager.adapters.maps.checks.clearance import check_clearance
from fleet_manager.adapters.maps.checks.finding import Finding, Severity
from fleet_manager.adapters.maps.checks.passages import check_passages
from fleet_manager.adapters.maps.checks.placement import check_placement
from fleet_manager.adapters.maps.checks.reach import check_bases, check_reach
from fleet_manager.adapters.maps.checks.sanity import check_sanity
from fleet_manager.adapters.maps.checks.survey import Survey
from fleet_manager.adapters.maps.checks.zones import check_zones
from fleet_manager.core.campus import Campus
from fleet_manager.core.config import FleetConfig

_CHECKS = (
    check_sanity,
    check_reach,
    check_bases,
    check_clearance,
    check_passages,
    check_zones,
    check_placement,
)


def validate(campus: Campus, fleet: FleetConfig) -> list[Finding]:
    """Everything that would keep robots of a fleet from working on a campus, or endanger them.

    docs/map-format.md lists the checks. The result is empty if all is well; errors come before
    warnings.
    """
    survey = Survey(campus, fleet)
    findings = [finding for check in _CHECKS for finding in check(survey)]
    return sorted(findings, key=lambda each: each.severity is Severity.WARNING)
