"""What the manager counts, for Prometheus."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from fleet_manager.adapters.http.service import Service
from fleet_manager.core.robot import RobotStatus
from fleet_manager.core.task import ENDED, TaskStatus

PREFIX = "campus_fleet"
GAUGES = frozenset({"inbox_waiting", "tick_late_s_max", "link_instant_actions_waiting"})


def counters(service: Service) -> dict[str, float]:
    """What loop and link count; the link's have the prefix `link_`."""
    link = {f"link_{name}": float(value) for name, value in service.link.counters.items()}
    return {**service.loop.counters, **link}


def registry_of(service: Service) -> CollectorRegistry:
    """A registry of this manager alone."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_FleetCollector(service))
    return registry


class _FleetCollector(Collector):
    """Reads the counters when it is asked."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterator[Metric]:
        """All metrics at this moment."""
        service = self._service
        for name, value in sorted(counters(service).items()):
            metric = f"{PREFIX}_{re.sub(r'[^a-zA-Z0-9_]', '_', name)}"
            family = GaugeMetricFamily if name in GAUGES else CounterMetricFamily
            yield family(metric, name.replace("_", " "), value=value)
        yield GaugeMetricFamily(f"{PREFIX}_speed", "fleet time per time", service.loop.speed)
        yield GaugeMetricFamily(
            f"{PREFIX}_manager_epoch", "epoch of this manager", service.loop.manager_epoch
        )
        yield self._conditions()
        yield self._robots()
        yield self._tasks()

    def _conditions(self) -> Metric:
        family = GaugeMetricFamily(
            f"{PREFIX}_condition", "what is wrong with the manager", labels=["code", "stops"]
        )
        for each in self._service.loop.health.conditions:
            family.add_metric([each.code, str(each.stops).lower()], 1)
        return family

    def _robots(self) -> Metric:
        family = GaugeMetricFamily(f"{PREFIX}_robots", "robots by status", labels=["status"])
        found = Counter(each.status for each in self._service.state.robots.values())
        for status in RobotStatus:
            family.add_metric([status.value], found[status])
        return family

    def _tasks(self) -> Metric:
        family = GaugeMetricFamily(
            f"{PREFIX}_open_tasks", "tasks that have not ended, by status", labels=["status"]
        )
        found = Counter(each.status for each in self._service.state.tasks.values())
        for status in TaskStatus:
            if status not in ENDED:
                family.add_metric([status.value], found[status])
        return family
