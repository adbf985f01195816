"""Machine code is loaded before the manager is ready, and none while robots wait for a decision."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

WORK = """
import json, sys
from pathlib import Path
import msgspec
from fleet_manager.adapters.maps import load_campus, load_fleet
from fleet_manager.adapters.sim import world as simulation
from fleet_manager.adapters.sim.simulate import simulate
from fleet_manager.core.planning.machine_code import loaded
from fleet_manager.core.planning.warm_up import load_machine_code
from fleet_manager.core.programme import ProgrammeSpec, SiteSpec
from fleet_manager.core.scenario import NO_WORK, QUIET, TimedRequest
from fleet_manager.core.site import Site

folder = Path(sys.argv[1])
campus = load_campus(folder)
fleet = load_fleet(folder, campus)
load_machine_code(Site(campus, fleet))
before = loaded()
places = tuple(SiteSpec(place) for place in ("gate_a", "library", "hall_a", "gate_b", "clinic"))
night = ProgrammeSpec(id="night", name="night", timezone="UTC", sites=places, promise_s=400.0)
tasks = (
    TimedRequest(0.0, "clean", {"zone": "garden_a"}),
    TimedRequest(0.0, "inspect", {"assets": list(campus.assets)[:9]}),
    TimedRequest(0.02, "respond", {"place": "canteen"}, 8),
)
simulation.World._plan = lambda world, now_s: None  # planned in a process of its own
scenario = msgspec.structs.replace(QUIET, days=0.05, tasks=tasks, programmes=(night,))
simulate(campus, fleet, NO_WORK, scenario, 1)
print(json.dumps({"before": before, "after": loaded()}))
"""


def test_no_kernel_is_loaded_once_decisions_are_made(root: Path) -> None:
    """A process of its own, since other tests load kernels too; only then is the figure true."""
    done = subprocess.run(
        [sys.executable, "-c", WORK, str(root / "maps/canalside")],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    ends = {name.removeprefix("fleet_manager.core.planning.") for name in found["before"]}
    assert {"kernels.nearest", "coverage.order._improved", "patrol.bounds._ascend_window"} <= ends
    assert found["after"] == found["before"], done.stdout
