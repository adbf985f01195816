"""A worker's process whose jobs do what their kind says: answer, fail, die, sleep."""

from __future__ import annotations

import os
import time
from typing import Any

from fleet_manager.app.planning_process import serve
from fleet_manager.core.errors import CampusFleetError
from fleet_manager.core.planning.jobs import PlanningJob


def run(job: PlanningJob) -> Any:
    """Answers with its process and twice its input."""
    match job.kind:
        case "fail":
            raise CampusFleetError("there are no robots", "add one")
        case "die":
            os._exit(9)
        case "print":
            print("a solver's chatter", flush=True)
        case "sleep":
            time.sleep(job.input)
    return os.getpid(), job.input * 2


if __name__ == "__main__":
    serve(run)
