"""Rules of what is an incident are read, and what is wrong with them is said with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet_manager.adapters.maps import load_campus, load_rules
from fleet_manager.core.campus import Campus
from fleet_manager.core.errors import MapFileError
from fleet_manager.core.safety_rules import DEFAULT_RULES, Response, Rule

RULES = """
people_evidence_days: 3
rules:
  - {detects: person, severity: 2, kind: intruder, hours: "22:00-06:00", zones: [plaza_a_west],
     respond: look}
  - {detects: person_down, severity: 3, respond: look}
"""


@pytest.fixture(scope="module")
def campus() -> Campus:
    return load_campus(Path(__file__).parents[2] / "maps" / "canalside")


def test_a_folder_without_rules_has_the_default_ones(campus: Campus, tmp_path: Path) -> None:
    assert load_rules(tmp_path, campus) is DEFAULT_RULES


def test_rules_are_read(campus: Campus, tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(RULES)
    found = load_rules(tmp_path, campus)
    assert found.people_evidence_days == 3
    assert [each.named for each in found.rules] == ["intruder", "person_down"]
    assert found.rules[0].respond is Response.LOOK


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("detects: person_down", "detects: ghost", 6, "no camera tells of 'ghost'"),
        ("severity: 3", "severity: 4", 6, "<= 3"),
        ("plaza_a_west", "atlantis", 4, "no zone or sector 'atlantis'"),
        ("22:00-06:00", "22-6", 4, "are no hours"),
        ("respond: look}\n  -", "respond: shoot}\n  -", 5, "shoot"),
        ("people_evidence_days: 3", "people_evidence_days: 0", 2, "> 0"),
        ("people_evidence_days", "people_days", 1, "people_days"),
        ("people_evidence_days: 3", "health_checks: {stations: [kiosk]}", 2, "no station 'kiosk'"),
        ('hours: "22:00-06:00", zones: [plaza_a_west],', "", 7, "never counts"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(
    old: str, new: str, line: int, says: str, campus: Campus, tmp_path: Path
) -> None:
    text = RULES.replace(old, new)
    if "never" in says:
        text += "  - {detects: person, severity: 1}\n"
    path = tmp_path / "rules.yaml"
    path.write_text(text)
    with pytest.raises(MapFileError) as refused:
        load_rules(path, campus)
    assert says in str(refused.value)
    assert abs(int(str(refused.value).removeprefix(f"{path}:").split(":")[0]) - line) <= 1


@pytest.mark.parametrize(
    ("hours", "local", "holds"),
    [
        ("22:00-06:00", 23, True),
        ("22:00-06:00", 5, True),
        ("22:00-06:00", 6, False),
        ("22:00-06:00", 12, False),
        ("08:00-18:00", 12, True),
        ("08:00-18:00", 18, False),
        (None, 3, True),
    ],
)
def test_hours_are_local_and_may_pass_midnight(hours: str | None, local: int, holds: bool) -> None:
    midnight_s = 1_799_942_400.0  # 2027-01-15 in Shanghai
    rule = Rule("person", 2, hours=hours)
    assert rule.holds_at(midnight_s + local * 3600.0, "Asia/Shanghai") is holds
