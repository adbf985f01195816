"""The bill of materials has every package of every lock file, with its hashes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def test_it_has_every_package_with_its_hashes(root: Path, tmp_path: Path) -> None:
    file = tmp_path / "sbom.json"
    for _ in range(2):
        before = file.read_bytes() if file.exists() else None
        subprocess.run([sys.executable, root / "scripts/sbom", file], check=True)
        assert before in (None, file.read_bytes()), "the same lock files give the same bytes"
    document = json.loads(file.read_text(encoding="utf-8"))
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.5")
    found = {each["purl"]: each for each in document["components"]}
    for lock in (root / "requirements").glob("*.txt"):
        pinned = [line for line in lock.read_text(encoding="utf-8").splitlines() if "==" in line]
        assert pinned
        for line in pinned:
            name, version = line.split(";")[0].rstrip(" \\").split("==")
            name = name.partition("[")[0].lower().replace("_", "-").replace(".", "-")
            each = found[f"pkg:pypi/{name}@{version.strip()}"]
            assert all(len(known["content"]) == 64 for known in each["hashes"])
            assert each["hashes"], f"{name} could be anything"
    react = next(each for purl, each in found.items() if purl.startswith("pkg:npm/react@"))
    assert react["scope"] == "required"
    assert {"pkg:pypi/pytest"} <= {purl.partition("@")[0] for purl in found}
    runtime = (root / "requirements/runtime.txt").read_text(encoding="utf-8")
    version = next(line for line in runtime.splitlines() if line.startswith("numpy==")).split()[0]
    assert found[f"pkg:pypi/numpy@{version.partition('==')[2]}"]["scope"] == "required"
