"""What robots have to be told: kept until a robot says that it has it, told again at a restart."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from fleet_manager.app.gate import InstantActionFor
from fleet_manager.core.order import InstantAction, InstantActionType, Order
from fleet_manager.core.report import RobotReport
from fleet_manager.ports import Batch, OutboxEntry, OutboxKind, RobotLink


class Outbox:
    """The entries that are not settled, as they stand in the database.

    An order is settled when the robot reports its end, an instant action when it is acknowledged.
    Telling twice does no harm: robots drop what they have seen.
    """

    def __init__(self, link: RobotLink) -> None:
        self._link = link
        self._orders: dict[str, tuple[str, int]] = {}
        self._instant_actions: dict[str, set[str]] = {}

    def restore(self, entries: Iterable[OutboxEntry]) -> None:
        """Take over what the database holds, and tell it (again)."""
        self._orders.clear()
        self._instant_actions.clear()
        for entry in entries:
            self._remember(entry)
            self._tell(entry)

    def put(self, message: Order | InstantActionFor, batch: Batch) -> None:
        """Have a message written with a batch; it is told once the batch is committed."""
        if isinstance(message, Order):
            entry = OutboxEntry(
                _order_key(message.robot), OutboxKind.ORDER, message.robot, _json(message)
            )
        else:
            key = _instant_action_key(message.action.action_id)
            document = _json(message.action)
            entry = OutboxEntry(key, OutboxKind.INSTANT_ACTION, message.robot, document)
            if message.action.action_type is InstantActionType.CANCEL_ORDER:
                self._take_back(message.robot, message.action.parameters["order_id"], batch)
        batch.outbox.append(entry)

    def _take_back(self, robot: str, order_id: str, batch: Batch) -> None:
        """An order that is cancelled is never told again: who starts anew would drive it."""
        key = _order_key(robot)
        for entry in [each for each in batch.outbox if each.key == key]:
            if msgspec.json.decode(entry.document, type=Order).order_id == order_id:
                batch.outbox.remove(entry)
        if self._orders.get(robot, ("", 0))[0] == order_id:
            batch.settled.append(key)

    def settle(self, report: RobotReport, batch: Batch) -> None:
        """Have a batch drop what a robot reports to have."""
        waiting = self._instant_actions.get(report.robot, set())
        if waiting:
            settled = waiting.intersection(report.acknowledged_action_ids)
            batch.settled += [_instant_action_key(identifier) for identifier in sorted(settled)]
        ended = (report.order_id, report.order_update_id)
        if not report.order_active and self._orders.get(report.robot) == ended:
            batch.settled.append(_order_key(report.robot))

    def committed(self, batch: Batch) -> None:
        """Tell what a committed batch holds."""
        for key in batch.settled:
            self._forget(key)
        for entry in batch.outbox:
            self._remember(entry)
            self._tell(entry)

    def _remember(self, entry: OutboxEntry) -> None:
        if entry.kind is OutboxKind.ORDER:
            order = msgspec.json.decode(entry.document, type=Order)
            self._orders[entry.robot] = (order.order_id, order.order_update_id)
        else:
            identifier = entry.key.partition("/")[2]
            self._instant_actions.setdefault(entry.robot, set()).add(identifier)

    def _forget(self, key: str) -> None:
        kind, _, name = key.partition("/")
        if kind == OutboxKind.ORDER:
            self._orders.pop(name, None)
        else:
            self._link.settle_instant_actions([name])
            for waiting in self._instant_actions.values():
                waiting.discard(name)

    def _tell(self, entry: OutboxEntry) -> None:
        """Both ways from the stored form, so that a restart tells what was told before."""
        if entry.kind is OutboxKind.ORDER:
            self._link.send_order(msgspec.json.decode(entry.document, type=Order))
        else:
            action = msgspec.json.decode(entry.document, type=InstantAction)
            self._link.send_instant_action(entry.robot, action)


def _order_key(robot: str) -> str:
    return f"{OutboxKind.ORDER}/{robot}"


def _instant_action_key(action_id: str) -> str:
    return f"{OutboxKind.INSTANT_ACTION}/{action_id}"


def _json(message: Order | InstantAction) -> str:
    return msgspec.json.encode(message).decode()
