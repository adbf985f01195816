"""What is told again at a restart: what still holds, and never an order that was cancelled."""

from __future__ import annotations

from typing import Any

from fleet_manager.app.gate import InstantActionFor
from fleet_manager.app.outbox import Outbox
from fleet_manager.core.order import InstantAction, InstantActionType, Order, OrderNode
from fleet_manager.ports import Batch, OutboxEntry


class Told:
    """A link that remembers what it sends."""

    def __init__(self) -> None:
        self.orders: list[str] = []
        self.actions: list[str] = []

    def send_order(self, order: Order) -> None:
        self.orders.append(order.order_id)

    def send_instant_action(self, _robot: str, action: InstantAction) -> None:
        self.actions.append(action.action_id)

    def settle_instant_actions(self, _ids: Any) -> None:
        return


def order(identifier: str) -> Order:
    node = OrderNode("a", 0, True, 1.0, 2.0, "ground")
    return Order("r1", identifier, 0, "test", "0", (node,), ())


def cancel(order_id: str) -> InstantActionFor:
    kind, parameters = InstantActionType.CANCEL_ORDER, {"order_id": order_id}
    return InstantActionFor("r1", InstantAction(f"cancel-{order_id}", kind, parameters))


class Database:
    """Keeps what batches say, as `rows.write` does: first what is settled, then what is new."""

    def __init__(self) -> None:
        self.entries: dict[str, OutboxEntry] = {}

    def write(self, outbox: Outbox, batch: Batch) -> None:
        for key in batch.settled:
            self.entries.pop(key, None)
        self.entries |= {each.key: each for each in batch.outbox}
        outbox.committed(batch)

    def told_at_a_restart(self) -> Told:
        told: Any = Told()
        Outbox(told).restore(self.entries.values())
        return told


def committed(database: Database, outbox: Outbox, *messages: Order | InstantActionFor) -> None:
    batch = Batch()
    for message in messages:
        outbox.put(message, batch)
    database.write(outbox, batch)


def test_a_cancelled_order_is_not_told_again() -> None:
    link: Any = Told()
    outbox, database = Outbox(link), Database()
    committed(database, outbox, order("o1"))
    assert database.told_at_a_restart().orders == ["o1"]
    committed(database, outbox, cancel("o1"))
    again = database.told_at_a_restart()
    assert (again.orders, again.actions) == ([], ["cancel-o1"])
    committed(database, outbox, order("o2"))
    committed(database, outbox, cancel("o1"))
    assert database.told_at_a_restart().orders == ["o2"], "only the order that is named"


def test_an_order_that_is_cancelled_in_the_transaction_that_made_it_is_never_told() -> None:
    link: Any = Told()
    outbox, database = Outbox(link), Database()
    committed(database, outbox, order("o1"), cancel("o1"), order("o2"))
    assert link.orders == ["o2"]
    assert database.told_at_a_restart().orders == ["o2"]
