"""Watches for robots that do not get on, and says what each of them waits for."""

from __future__ import annotations

from collections.abc import Mapping

from fleet_manager.adapters.sim.doing import Doing
from fleet_manager.adapters.sim.record import Record, Standstill
from fleet_manager.adapters.sim.robot import SimRobot
from fleet_manager.core.state import FleetState
from fleet_manager.core.traffic.standstill import Waiting, circles, waiting

LOOK_EVERY_S = 60.0
PATIENCE_S = 900.0
"""A robot that has waited for longer than this stands still."""


class Standstills:
    """Finds standstills while a simulation runs, and puts them down in its record."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._looked_s = record.start_s
        self._since_s: dict[str, float] = {}
        self._open: dict[tuple[str, ...], Standstill] = {}

    def watch(self, state: FleetState, robots: Mapping[str, SimRobot], now_s: float) -> None:
        """Look, if it is time to."""
        for name, robot in robots.items():
            if _stuck(state, robot):
                self._since_s.setdefault(name, now_s)
            else:
                self._since_s.pop(name, None)
        if now_s - self._looked_s < LOOK_EVERY_S:
            return
        self._looked_s = now_s
        waits = {name: each for name in self._since_s if (each := waiting(state, name))}
        found: dict[tuple[str, ...], bool] = {}
        for circle in circles(waits):
            if all(self._late(name, now_s) for name in circle):
                found[circle] = True
        circled = {name for circle in found for name in circle}
        for name in waits:
            if name not in circled and self._late(name, now_s):
                found[(name,)] = False
        self._settle(state, found, waits, now_s)

    def _late(self, name: str, now_s: float) -> bool:
        return now_s - self._since_s[name] > PATIENCE_S

    def _settle(
        self,
        state: FleetState,
        found: Mapping[tuple[str, ...], bool],
        waits: Mapping[str, Waiting],
        now_s: float,
    ) -> None:
        for names in [each for each in self._open if each not in found]:
            self._open.pop(names).until_s = now_s
        for names, circle in found.items():
            if names in self._open:
                continue
            standstill = Standstill(
                robots=names,
                since_s=max(self._since_s[name] for name in names),
                circle=circle,
                waits_for={name: _said(state, waits[name]) for name in names},
                tasks={name: state.robots[name].task_id or "" for name in names},
                blocked_by={name: waits[name].robots for name in names},
            )
            self._open[names] = standstill
            self._record.standstills.append(standstill)


def _said(state: FleetState, waits: Waiting) -> str:
    """What a robot waits for, with everyone who is in its way, and how these are."""
    others = [name for name in waits.robots if name not in waits.what]
    if not others:
        return waits.what
    told = ", ".join(f"{name} ({state.robots[name].status})" for name in others)
    return f"{waits.what}: {told} in the way"


def _stuck(state: FleetState, robot: SimRobot) -> bool:
    """Whether a robot has somewhere to go and does not drive or work."""
    if robot.silent or robot.doing in (Doing.DRIVING, Doing.WORKING):
        return False
    record = state.robots[robot.name]
    if record.movement is not None:
        return robot.doing is Doing.WAITING
    return record.task_id is not None
