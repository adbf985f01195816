"""Every threat of docs/security.md names a test, and the test is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.compile(r"`([\w/.]+\.py)::(test_\w+)`")


def test_every_threat_names_a_test_that_exists() -> None:
    lines = (ROOT / "docs" / "security.md").read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if line.startswith("| ") and not line.startswith("| threat")]
    assert len(rows) > 20
    for row in rows:
        found = NAMED.search(row)
        assert found is not None, f"no test is named: {row}"
        file, name = found.groups()
        assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8"), f"{file}: no {name}"
