"""Writes the read models of tasks and incidents anew from the log."""

from __future__ import annotations

from fleet_manager.app.gate import Command, Event, Gate, State
from fleet_manager.ports import Batch, EventStore

EVENTS_A_TRANSACTION = 1000


async def write_read_models(gate: Gate[State, Command, Event], store: EventStore) -> None:
    """Write for each task and incident what the log says of it.

    Raises:
        StoreError: the log cannot be read, or nothing can be written.
    """
    state = gate.initial()
    events: list[Event] = []
    async for record in store.replay():
        event = gate.decode(record)
        gate.apply(state, event)
        events.append(event)
        if len(events) == EVENTS_A_TRANSACTION:
            await _write(gate, store, state, events)
            events = []
    await _write(gate, store, state, events)


async def _write(
    gate: Gate[State, Command, Event], store: EventStore, state: State, events: list[Event]
) -> None:
    batch = Batch(
        tasks=list(gate.task_rows(state, events)), incidents=list(gate.incident_rows(state, events))
    )
    if batch:
        await store.commit(batch)
