"""The process of one what-if: takes the question on its standard input, tells progress and result.

The question is a pickle behind its length; what is told is JSON, a line each: `progress` (0 to 1),
then `result`, or `problem` and `remedy`. It gives way to everything else on the machine, and ends
with who asked, whose pipe then closes.
"""

from __future__ import annotations

import json
import os
import pickle
import signal
import struct
import sys
import threading
from collections.abc import Callable
from typing import Any, BinaryIO, TextIO

from fleet_manager.adapters.sim.study import NICER, Study
from fleet_manager.adapters.sim.what_if import what_if
from fleet_manager.core.errors import CampusFleetError

LENGTH = struct.Struct(">I")
TOLD_EVERY = 0.002

Json = dict[str, Any]


def main() -> None:
    """Answer one question."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(NICER)
    tells = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no answer
    source = sys.stdin.buffer
    (length,) = LENGTH.unpack(source.read(LENGTH.size))
    question = pickle.loads(source.read(length))
    threading.Thread(target=_end_with_asker, args=(source,), daemon=True).start()
    _tell(tells, answered(question, _told_at_times(tells)))


def answered(question: Json, progress: Callable[[float], None]) -> Json:
    """The last line that is told."""
    study = Study(question["document"], question["fleet"], {"": question["standing"]})
    try:
        scenarios = (question["first"], question["second"])
        return {"result": what_if(study, *scenarios, question["seeds"], progress=progress)}
    except CampusFleetError as error:
        return {"problem": str(error), "remedy": error.remedy}


def _told_at_times(tells: TextIO) -> Callable[[float], None]:
    """Tells progress, but not every step of it."""
    told = -1.0

    def progress(part: float) -> None:
        nonlocal told
        if part - told >= TOLD_EVERY or part >= 1.0:
            told = part
            _tell(tells, {"progress": round(part, 4)})

    return progress


def _tell(tells: TextIO, what: Json) -> None:
    tells.write(json.dumps(what, ensure_ascii=False) + "\n")
    tells.flush()


def _end_with_asker(source: BinaryIO) -> None:
    source.read()
    os._exit(0)


if __name__ == "__main__":
    main()
