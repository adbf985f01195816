"""`fleet map` against a manager that runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from fleet_manager.adapters.maps import load_campus
from fleet_manager.cli_map import app
from tests.api.conftest import Served
from tests.api.manager import CANALSIDE
from tests.contract.ledger import START_S


@pytest.fixture
def fleet_map(served: Served) -> Any:
    """Runs `fleet map …` against the manager; its output as JSON."""

    def run(*arguments: str, code: int = 0) -> Any:
        result = CliRunner().invoke(app, [*arguments, "--url", served[0], "--json"])
        assert result.exit_code == code, result.output
        return json.loads(result.stdout) if code == 0 else result.output

    return run


def test_lanes_and_zones_are_closed_listed_and_opened(fleet_map: Any) -> None:
    closed = fleet_map("close", "plaza_a_west", "lane_bridge_1_0", "--reason", "fair")
    assert (closed["zones"], closed["lanes"]) == (["plaza_a_west"], ["lane_bridge_1_0"])
    slowed = fleet_map("limit", "lane_bridge_1_1", "--speed", "0.4", "--kind", "cleaning")
    assert (slowed["speed_limit_mps"], slowed["kinds"]) == (0.4, ["cleaning"])
    ids = [closed["id"], slowed["id"]]
    assert {each["id"] for each in fleet_map("closures")} == set(ids)
    assert fleet_map("open", *ids) == {"removed": ids}
    assert fleet_map("closures") == []


def test_a_closure_comes_again_and_again(fleet_map: Any) -> None:
    rule = "FREQ=DAILY;BYHOUR=22;BYMINUTE=0;BYSECOND=0"
    added = fleet_map("close", "lane_bridge_1_0", "--every", rule, "--for", "2h")
    assert (added["rrule"], added["duration_s"]) == (rule, 7200.0)
    fleet_map("open", added["id"])


def test_a_closure_for_a_while_counts_by_the_clock_of_the_fleet(fleet_map: Any) -> None:
    added = fleet_map("close", "lane_bridge_1_0", "--for", "2h")
    assert added["until_s"] == pytest.approx(START_S + 7200.0, abs=60.0)
    later = fleet_map("close", "lane_bridge_1_1", "--from", "2027-03-01 08:00", "--for", "90m")
    assert later["until_s"] - later["from_s"] == 5400.0
    fleet_map("open", added["id"], later["id"])


@pytest.mark.parametrize(
    ("options", "code", "word"),
    [
        (("nowhere",), 1, "nowhere"),
        (("lane_bridge_1_0", "--for", "soon"), 2, "2h"),
        (("lane_bridge_1_0", "--from", "tomorrow"), 2, "2027-03-01 08:00"),
        (("lane_bridge_1_0", "--for", "2h", "--until", "2027-03-01 08:00"), 2, "give one"),
        (("lane_bridge_1_0", "--every", "FREQ=DAILY"), 2, "--every needs --for"),
        (("lane_bridge_1_0", "--until", "2001-01-01 00:00"), 1, "over already"),
    ],
)
def test_what_cannot_be_closed_ends_with_one_line(
    fleet_map: Any, options: tuple[str, ...], code: int, word: str
) -> None:
    said = fleet_map("close", *options, code=code)
    assert word in said
    assert said.count("\n") == 1
    assert fleet_map("closures") == []


def test_the_weather_is_said_and_shown(fleet_map: Any) -> None:
    assert fleet_map("weather", "ice", "wind")["conditions"] == ["ice", "wind"]
    assert fleet_map("weather")["conditions"] == ["ice", "wind"]
    assert fleet_map("weather", "none")["conditions"] == []


def test_a_closure_is_extended(fleet_map: Any) -> None:
    once = fleet_map("close", "lane_bridge_1_0", "--for", "1h")["id"]
    assert fleet_map("extend", once, "--for", "3h")["until_s"] > START_S + 2.5 * 3600
    extended = fleet_map("extend", once, "--until", "2027-03-01 08:00", "--reason", "gas")
    assert extended["until_s"] == 1_803_859_200.0  # 00:00 of that day in UTC
    assert extended["reason"] == "gas"
    assert fleet_map("extend", once, "--for-ever")["until_s"] is None
    rule = "FREQ=DAILY;BYHOUR=22;BYMINUTE=0;BYSECOND=0"
    nightly = fleet_map("close", "lane_bridge_1_1", "--every", rule, "--for", "2h")["id"]
    assert fleet_map("extend", nightly, "--for", "3h")["duration_s"] == 3 * 3600
    assert fleet_map("extend", nightly, "--until", "2027-03-01")["until"] == "2027-03-01"
    assert "nothing" in fleet_map("extend", once, code=2)
    assert "give one" in fleet_map("extend", once, "--for", "1h", "--for-ever", code=2)
    assert "closure-99" in fleet_map("extend", "closure-99", "--for", "1h", code=1)
    fleet_map("open", once, nightly)


def test_publishing_may_take_longer_than_other_questions(
    fleet_map: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited_s: dict[str, float] = {}
    request = httpx.request

    def noted(method: str, url: str, **how: Any) -> httpx.Response:
        waited_s[method] = how["timeout"]
        return request(method, url, **how)

    monkeypatch.setattr(httpx, "request", noted)
    fleet_map("publish", str(CANALSIDE), "--check")
    assert waited_s["POST"] > 5 * waited_s["GET"]


def test_a_map_is_published_and_listed(fleet_map: Any, tmp_path: Path) -> None:
    assert fleet_map("publish", str(CANALSIDE), "--note", "as drawn")["number"] == 1
    document = json.loads((CANALSIDE / "campus.geojson").read_text())
    document["campus"]["note"] = "Drawn anew."
    (tmp_path / "campus.geojson").write_text(json.dumps(document))
    second = fleet_map("publish", str(tmp_path), "--by", "planner")
    newest = fleet_map("versions")[0]
    assert (newest["version"], newest["by"]) == (second["version"], "planner")


def test_an_obstacle_is_reported_and_opened_again(fleet_map: Any) -> None:
    (x0, y0), (x1, y1) = load_campus(CANALSIDE).lanes["lane_bridge_1_0"].points[:2]
    place = (f"{(x0 + x1) / 2:.1f}", f"{(y0 + y1) / 2:.1f}")
    answer = fleet_map("obstacle", *place, "--radius", "1.2", "--what", "van", "--for", "2h")
    assert answer["obstacle"]["what"] == "van"
    assert answer["until_s"] > START_S + 1.9 * 3600
    assert fleet_map("open", answer["id"]) == {"removed": [answer["id"]]}
