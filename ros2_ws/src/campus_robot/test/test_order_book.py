"""The order book accepts what fits and refuses the rest, each with its own error type."""

from __future__ import annotations

import dataclasses

import pytest
from robot_world import ALL_SKILLS, action, order

from campus_robot.errors import ErrorType, Refused
from campus_robot.order import Order
from campus_robot.order_book import OrderBook, Situation, Verdict

HERE = Situation(0.0, 0.0, highest_epoch=1, map_version=("test", "v1"))
LINE = [(0.0, 0.0), (5.0, 0.0), (10.0, 0.0), (15.0, 0.0)]


@pytest.fixture
def book() -> OrderBook:
    return OrderBook("r1", ALL_SKILLS)


def refusal(book: OrderBook, offered: Order, situation: Situation = HERE) -> Refused:
    before = (book.order, book.active, dict(book.nodes))
    with pytest.raises(Refused) as caught:
        book.offer(offered, situation)
    assert (book.order, book.active, dict(book.nodes)) == before
    assert caught.value.description
    assert caught.value.remedy
    return caught.value


def test_new_order_is_held(book: OrderBook) -> None:
    assert book.offer(order(LINE, released=2), HERE) is Verdict.NEW
    assert book.active
    assert book.base_end_sequence_id == 2
    assert book.has_horizon


def test_repeat_changes_nothing(book: OrderBook) -> None:
    book.offer(order(LINE), HERE)
    assert book.offer(order(LINE), HERE) is Verdict.REPEATED
    book.end()
    assert book.offer(order(LINE), HERE) is Verdict.REPEATED
    assert not book.active


def test_update_extends_the_base(book: OrderBook) -> None:
    book.offer(order(LINE, released=2), HERE)
    assert book.offer(order(LINE, update=1, released=4), HERE) is Verdict.UPDATE
    assert book.base_end_sequence_id == 6
    assert not book.has_horizon


def test_update_may_leave_out_what_was_passed(book: OrderBook) -> None:
    book.offer(order(LINE, released=3), HERE)
    book.reach(book.nodes[2])
    assert book.offer(order(LINE[2:], first=4, update=1), HERE) is Verdict.UPDATE


def test_update_replaces_the_horizon(book: OrderBook) -> None:
    book.offer(order(LINE, released=2), HERE)
    book.offer(order([*LINE[:2], (5.0, 5.0)], update=1), HERE)
    assert sorted(book.nodes) == [0, 2, 4]
    assert book.nodes[4].y_m == 5.0


def test_wrong_robot(book: OrderBook) -> None:
    assert refusal(book, order(LINE, robot="r2")).error_type is ErrorType.WRONG_ROBOT


def test_epoch_stale(book: OrderBook) -> None:
    late = dataclasses.replace(HERE, highest_epoch=2)
    assert refusal(book, order(LINE), late).error_type is ErrorType.EPOCH_STALE


def test_older_update_is_stale(book: OrderBook) -> None:
    book.offer(order(LINE, update=3), HERE)
    assert refusal(book, order(LINE, update=2)).error_type is ErrorType.ORDER_STALE


def test_update_of_an_ended_order_is_stale(book: OrderBook) -> None:
    book.offer(order(LINE), HERE)
    book.end()
    assert refusal(book, order(LINE, update=1)).error_type is ErrorType.ORDER_STALE


def test_order_of_an_earlier_life_is_stale() -> None:
    book = OrderBook("r1", ALL_SKILLS, ("o1",))
    assert refusal(book, order(LINE)).error_type is ErrorType.ORDER_STALE


def test_map_mismatch(book: OrderBook) -> None:
    offered = order(LINE, map_version="v2")
    assert refusal(book, offered).error_type is ErrorType.MAP_MISMATCH


def test_update_on_another_map_is_a_mismatch(book: OrderBook) -> None:
    book.offer(order(LINE), HERE)
    offered = dataclasses.replace(order(LINE, update=1), map_id="elsewhere")
    assert refusal(book, offered).error_type is ErrorType.MAP_MISMATCH


def test_update_may_come_before_its_map_version_is_announced(book: OrderBook) -> None:
    book.offer(order(LINE), HERE)
    book.offer(order(LINE, update=1, map_version="v2"), HERE)
    assert book.order is not None
    assert book.order.map_version == "v2"


def test_node_out_of_reach(book: OrderBook) -> None:
    away = dataclasses.replace(HERE, x_m=-0.51)
    refused = refusal(book, order(LINE), away)
    assert refused.error_type is ErrorType.NODE_UNREACHABLE
    assert refused.node_id == "n0"


def test_conflict_while_another_order_is_active(book: OrderBook) -> None:
    book.offer(order(LINE), HERE)
    assert refusal(book, order(LINE, order_id="o2")).error_type is ErrorType.ORDER_CONFLICT
    book.end()
    assert book.offer(order(LINE, order_id="o2"), HERE) is Verdict.NEW


def test_not_allowed_says_why(book: OrderBook) -> None:
    stopped = dataclasses.replace(HERE, not_allowed_because="an emergency stop is latched")
    refused = refusal(book, order(LINE), stopped)
    assert refused.error_type is ErrorType.NOT_ALLOWED
    assert "emergency stop" in refused.description


def broken(**changes: object) -> Order:
    return dataclasses.replace(order(LINE), **changes)  # type: ignore[arg-type]


GOOD = order(LINE)


@pytest.mark.parametrize(
    "offered",
    [
        broken(nodes=(), edges=()),
        broken(order_id=""),
        broken(edges=GOOD.edges[1:]),
        broken(nodes=(GOOD.nodes[1], GOOD.nodes[0], *GOOD.nodes[2:])),
        broken(edges=(GOOD.edges[1], GOOD.edges[0], GOOD.edges[2])),
        broken(nodes=(dataclasses.replace(GOOD.nodes[0], released=False), *GOOD.nodes[1:])),
        broken(edges=(dataclasses.replace(GOOD.edges[0], released=False), *GOOD.edges[1:])),
        broken(edges=(dataclasses.replace(GOOD.edges[0], width_m=0.0), *GOOD.edges[1:])),
        broken(nodes=(dataclasses.replace(GOOD.nodes[0], x_m=float("nan")), *GOOD.nodes[1:])),
        order(LINE, first=1),
        order(LINE, released=0),
        order(LINE, actions={0: (action("a"),), 1: (action("a"),)}),
    ],
)
def test_what_does_not_fit_together_is_invalid(book: OrderBook, offered: Order) -> None:
    assert refusal(book, offered).error_type is ErrorType.ORDER_INVALID


def test_released_after_unreleased_is_invalid(book: OrderBook) -> None:
    good = order(LINE, released=2)
    nodes = (*good.nodes[:3], dataclasses.replace(good.nodes[3], released=True))
    edges = (*good.edges[:2], dataclasses.replace(good.edges[2], released=True))
    offered = dataclasses.replace(good, nodes=nodes, edges=edges)
    assert refusal(book, offered).error_type is ErrorType.ORDER_INVALID


def test_update_that_begins_earlier_is_invalid(book: OrderBook) -> None:
    book.offer(order(LINE[1:], first=2), dataclasses.replace(HERE, x_m=5.0))
    assert refusal(book, order(LINE, update=1)).error_type is ErrorType.ORDER_INVALID


def test_shortened_base_is_refused(book: OrderBook) -> None:
    book.offer(order(LINE, released=3), HERE)
    assert refusal(book, order(LINE, update=1, released=2)).error_type is ErrorType.BASE_CHANGED


def test_other_node_in_the_base_is_refused(book: OrderBook) -> None:
    book.offer(order(LINE, released=3), HERE)
    good = order(LINE, update=1)
    nodes = list(good.nodes)
    nodes[1] = dataclasses.replace(nodes[1], node_id="elsewhere")
    edges = list(good.edges)
    edges[0] = dataclasses.replace(edges[0], end_node_id="elsewhere")
    edges[1] = dataclasses.replace(edges[1], start_node_id="elsewhere")
    offered = dataclasses.replace(good, nodes=tuple(nodes), edges=tuple(edges))
    assert refusal(book, offered).error_type is ErrorType.BASE_CHANGED


def test_left_out_node_of_the_undriven_base_is_refused(book: OrderBook) -> None:
    book.offer(order(LINE, released=3), HERE)
    offered = order(LINE[2:], first=4, update=1)
    assert refusal(book, offered).error_type is ErrorType.BASE_CHANGED


def test_removed_action_of_the_base_is_refused_an_added_one_is_taken(book: OrderBook) -> None:
    book.offer(order(LINE, actions={1: (action("a"),)}), HERE)
    assert refusal(book, order(LINE, update=1)).error_type is ErrorType.BASE_CHANGED
    more = order(LINE, update=1, actions={1: (action("a"), action("b"))})
    assert book.offer(more, HERE) is Verdict.UPDATE


def test_unknown_action(book: OrderBook) -> None:
    refused = refusal(book, order(LINE, actions={1: (action("a", "dance"),)}))
    assert refused.error_type is ErrorType.UNKNOWN_ACTION
    assert (refused.action_id, refused.node_id) == ("a", "n1")


def test_missing_skill() -> None:
    book = OrderBook("r1", frozenset({"go_to"}))
    patrol = action("a", "patrol_point", dwell_s="0", place='"gate"')
    refused = refusal(book, order(LINE, actions={0: (patrol,)}))
    assert refused.error_type is ErrorType.MISSING_SKILL


CLEAN = {"zone_id": '"z"', "path": "[[0,0],[1,0]]", "brush_width_m": "0.6", "from_m": "0"}
INSPECT = {"asset_id": '"x"', "asset_kind": '"exit"', "x_m": "1", "y_m": "2", "dwell_s": "1"}


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        ("go_to_point", {}),
        ("go_to_point", {"dwell_s": "-1"}),
        ("go_to_point", {"dwell_s": "true"}),
        ("go_to_point", {"dwell_s": "NaN"}),
        ("go_to_point", {"dwell_s": "one"}),
        ("go_to_point", {"dwell_s": "1", "speed": "2"}),
        ("patrol_point", {"dwell_s": "1", "place": "3"}),
        ("clean_zone", {**CLEAN, "path": "[[0,0]]"}),
        ("clean_zone", {**CLEAN, "path": '[[0,0],["a",1]]'}),
        ("clean_zone", {**CLEAN, "brush_width_m": "0"}),
        ("clean_zone", {**CLEAN, "from_m": "-0.1"}),
        ("inspect_asset", {**INSPECT, "x_m": '"1"'}),
        ("charge", {"target_soc": "1.1", "interruptible_soc": "0.5"}),
    ],
)
def test_invalid_parameter(book: OrderBook, kind: str, parameters: dict[str, str]) -> None:
    bad = dataclasses.replace(action("a", kind), parameters=parameters)
    refused = refusal(book, order(LINE, actions={1: (bad,)}))
    assert refused.error_type is ErrorType.INVALID_PARAMETER
    assert refused.action_id == "a"


def test_an_order_whose_cancel_came_first_is_refused(book: OrderBook) -> None:
    offered = order(LINE)
    book.never(offered.order_id)
    assert refusal(book, offered).error_type is ErrorType.ORDER_STALE


def test_update_on_the_map_that_was_published_meanwhile_keeps_the_base(book: OrderBook) -> None:
    book.offer(order(LINE), HERE)
    published = dataclasses.replace(HERE, map_version=(HERE.map_version[0], "v2"))
    book.offer(order(LINE, update=1, map_version="v2"), published)
    assert book.order is not None
    assert book.order.map_version == "v2"
    moved = order([LINE[0], (9.0, 9.0)], update=2, map_version="v3")
    assert refusal(book, moved, published).error_type is ErrorType.BASE_CHANGED
