"""What log lines tell, and what they keep to themselves."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from fleet_manager.app.logs import set_up_logs


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


def test_a_failure_names_its_lines_and_not_the_values_in_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    set_up_logs(as_json=True)
    badge = "badge 4711"
    try:
        raise ValueError(len(badge))
    except ValueError:
        logging.getLogger("gate").exception("not let in")
    line = capsys.readouterr().err
    told = json.loads(line)
    assert told["exception"][0]["exc_type"] == "ValueError"
    assert told["exception"][0]["frames"][0]["name"].startswith("test_a_failure")
    assert "4711" not in line
