"""A manager that ends at any event of a log, and the next one that goes on from there.

The next one starts from what `snapshots` keeps and, beside it, from the log itself: both must
decide the same, and every task that was accepted must be where the state says.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from fleet_manager.app.fleet_gate import FleetGate
from fleet_manager.core.commands import StartManager, Tick
from fleet_manager.core.state import FleetState
from fleet_manager.ports import EventRecord


def ends_at_every_event(gate: FleetGate, records: Iterable[EventRecord]) -> int:
    """Start another manager after every event of a log; returns after how many.

    Raises:
        AssertionError: one went on otherwise; names the event.
    """
    state, count = gate.initial(), 0
    for record in records:
        gate.apply(state, gate.decode(record))
        told = [gate.thawed(gate.frozen(state)()), state]
        decided = [_takes_over(gate, each, record.time_s) for each in told]
        assert decided[0] == decided[1], f"after event {record.seq}"
        count += 1
    return count


def _takes_over(gate: FleetGate, state: FleetState, now_s: float) -> list[bytes]:
    """What a manager decides that starts from a state and then looks at the time."""
    state = state.copy()
    state.telemetry = type(state.telemetry)()
    decided = []
    for command in (StartManager(state.manager_epoch + 1), Tick()):
        events = gate.decide(state, command, now_s)
        for event in events:
            gate.apply(state, event)
        decided += [msgspec.json.encode(event) for event in events]
    _accepted_are_kept(state)
    return decided


def _accepted_are_kept(state: FleetState) -> None:
    """A task is with the robot that it says, and open or ended."""
    for task in state.tasks.values():
        has = [name for name, record in state.robots.items() if record.task_id == task.id]
        assert has == ([task.robot] if task.robot and not task.ended else []), task.id
        assert (task.id in state.open_ids) is not task.ended
