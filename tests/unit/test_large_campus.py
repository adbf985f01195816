"""A campus of 10,000 waypoints is read, checked and compiled in less than five seconds."""

from __future__ import annotations

import json
import time
from pathlib import Path

from benchmarks.large_campus import large_document, large_fleet
from fleet_manager.adapters.maps import load_campus, validate
from fleet_manager.core.planning.compiled import CompiledCampus

WITHIN_S = 5.0


def test_a_campus_of_ten_thousand_waypoints(root: Path, tmp_path: Path) -> None:
    file = tmp_path / "campus.geojson"
    file.write_text(json.dumps(large_document()), encoding="utf-8")
    load_campus(root / "maps/canalside")  # what is loaded once a process
    began_s = time.process_time()
    campus = load_campus(file)
    fleet = large_fleet(campus)
    findings = validate(campus, fleet)
    arrays = CompiledCampus(campus)
    taken_s = time.process_time() - began_s
    assert findings == []
    assert len(arrays.ids) >= 10_000
    assert len(campus.passages) > 20
    assert taken_s < WITHIN_S
