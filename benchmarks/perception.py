"""What perception costs a robot's computer: milliseconds and CPU of each frame, by stage.

`python -m benchmarks.perception [--json] [--quick]`. A frame of 640 × 480 goes through detectors in
float and int8: those in perception/models, or, while there are none, networks of the same form with
random weights. Beside ours, on the same frames in the same run: a bare `session.run` of the same
model with our options (the limit: what is above it is not the model), and sessions with
onnxruntime's own default options. CPU is of the whole process, all threads.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from threading import Thread
from typing import Any

import numpy as np
import onnxruntime as ort

from benchmarks.peers.detector_network import write_int8, write_network
from perception.runtime.card import load_card
from perception.runtime.detector import Detections, Detector
from perception.runtime.frame import Frame
from perception.runtime.preprocess import Preprocessor

ROOT = Path(__file__).resolve().parent.parent
MODELS = ROOT / "perception" / "models"
TARGETS_MS = {"float": 7.0, "int8": 5.0}
SPEED_UP_TARGET = 1.4
OUTSIDE_TARGET = 0.15
PACED_TARGET = 1.3
HZ = 5.0
ROBOTS = (1, 2, 4, 8)

Json = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quick", action="store_true", help="fewer frames")
    options = parser.parse_args(arguments)
    frames, seconds = (60, 3.0) if options.quick else (600, 20.0)
    rows: list[Json] = []
    with tempfile.TemporaryDirectory() as folder:
        cards = models(Path(folder))
        found = {}
        for precision, card in cards.items():
            found[precision] = stages(precision, card, frames)
            rows += found[precision]
        rows.append(speed_up(found))
        for precision, card in cards.items():
            rows += paced(precision, card, seconds)
            rows += hosts(precision, card, seconds / 2)
    result: Json = {
        "benchmark": "perception",
        "commit": commit(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, onnxruntime {ort.__version__}",
        "models": [load_card(card).card.name for card in cards.values()]
        if MODELS in {card.parent for card in cards.values()}
        else ["random weights"],
        "rows": rows,
    }
    if options.json:
        print(json.dumps(result, indent=2))
    else:
        for row in rows:
            beside = ", ".join(f"{name} {value:.3g}" for name, value in row["peers"].items())
            met = {True: "met", False: "missed", None: ""}[row["met"]]
            target = "" if row["target"] is None else f" (target {row['target']:g}, {met})"
            print(
                f"{row['case']}, {row['metric']}: {row['ours']:.3g} {row['unit']}{target}; {beside}"
            )
    return 1 if any(row["met"] is False for row in rows) else 0


def models(folder: Path) -> dict[str, Path]:
    """Cards by precision: the shipped models', or those of networks written now."""
    shipped = {
        "int8" if "int8" in path.stem else "float": path for path in sorted(MODELS.glob("*.yaml"))
    }
    if set(shipped) == {"float", "int8"}:
        return shipped
    card = write_network(folder)
    return {"float": card, "int8": write_int8(card)}


def picture(seed: int) -> Frame:
    """A frame of smooth noise, as unlike another as pictures are."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (15, 20, 3), dtype=np.uint8)
    return Frame(np.ascontiguousarray(np.kron(coarse, np.ones((32, 32, 1), np.uint8))))


class Bare:
    """A session alone, on an input that is ready."""

    def __init__(self, card: Path, options: ort.SessionOptions | None) -> None:
        loaded = load_card(card)
        providers = ["CPUExecutionProvider"]
        path = str(loaded.model_path)
        self.session = (
            ort.InferenceSession(path, options, providers=providers)
            if options
            else ort.InferenceSession(path, providers=providers)
        )
        self.name = self.session.get_inputs()[0].name
        tensor, _ = Preprocessor(loaded.card.input)(picture(0))
        self.tensor = tensor.copy()

    def __call__(self) -> object:
        """One inference."""
        return self.session.run(None, {self.name: self.tensor})


def peers(card: Path) -> dict[str, Bare]:
    """The same model without us: with our options, and as onnxruntime opens it."""
    from perception.runtime.session import session_options

    return {
        "session.run": Bare(card, session_options()),
        "onnxruntime defaults": Bare(card, None),
    }


def stages(precision: str, card: Path, frames: int) -> list[Json]:
    """Median milliseconds of each stage, saturated, ours and peers in turn."""
    detector = Detector.load(card, ["CPUExecutionProvider"])
    pictures = [picture(seed) for seed in range(8)]
    others = peers(card)
    ours: list[Detections] = []
    theirs: dict[str, list[float]] = {name: [] for name in others}
    for number in range(frames):
        ours.append(detector(pictures[number % len(pictures)]))
        for name, other in others.items():
            theirs[name].append(timed(other))
    bare = {name: median(values) for name, values in theirs.items()}
    total = median(each.times.total_ms for each in ours)
    outside = median(
        (each.times.preprocess_ms + each.times.decode_ms) / each.times.total_ms for each in ours
    )
    case = f"a frame of 640 x 480, {precision}"
    rows = [
        row(case, "all stages, median", "ms", total, bare, TARGETS_MS[precision]),
        row(case, "share outside the model", "", outside, {}, OUTSIDE_TARGET),
    ]
    for stage in ("preprocess", "inference", "decode"):
        value = median(getattr(each.times, f"{stage}_ms") for each in ours)
        rows.append(row(case, stage, "ms", value, bare if stage == "inference" else {}, None))
    return rows


def speed_up(found: dict[str, list[Json]]) -> Json:
    """How much faster int8's inference is than float's."""
    times = {
        precision: next(each["ours"] for each in rows if each["metric"] == "inference")
        for precision, rows in found.items()
    }
    ratio = times["float"] / times["int8"]
    line = row("int8", "speed-up over float", "", ratio, {}, SPEED_UP_TARGET)
    return {**line, "better": "higher", "met": ratio >= SPEED_UP_TARGET}


def paced(precision: str, card: Path, seconds: float) -> list[Json]:
    """CPU of a frame at 5 Hz, and how much more that is than without pauses."""
    detector = Detector.load(card, ["CPUExecutionProvider"])
    frame = picture(0)
    calls: dict[str, Callable[[], object]] = {"ours": lambda: detector(frame), **peers(card)}
    slow, ratio = {}, {}
    for name, call in calls.items():
        call()
        slow[name] = cpu_ms(call, seconds, 1 / HZ)
        ratio[name] = slow[name] / cpu_ms(call, seconds / 4, 0.0)
    case = f"a frame at 5 Hz, {precision}"
    return [
        split(case, "CPU", "ms", slow, None),
        split(case, "CPU over that without pauses", "", ratio, PACED_TARGET),
    ]


def hosts(precision: str, card: Path, seconds: float) -> list[Json]:
    """Robots that share a host, each at 5 Hz in its own thread: CPU and delay of a frame."""
    rows = []
    for robots in ROBOTS:
        detectors = [Detector.load(card, ["CPUExecutionProvider"]) for _ in range(robots)]
        taken: list[float] = []
        before_s = time.process_time()
        threads = [
            Thread(target=robot, args=(each, number / robots / HZ, seconds, taken))
            for number, each in enumerate(detectors)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        spent_ms = (time.process_time() - before_s) * 1e3 / len(taken)
        case = f"{robots} robots on a host, {precision}"
        rows.append(row(case, "CPU of a frame", "ms", spent_ms, {}, None))
        rows.append(row(case, "p95 of a frame", "ms", float(np.quantile(taken, 0.95)), {}, None))
    return rows


def robot(detector: Detector, offset_s: float, seconds: float, taken: list[float]) -> None:
    """Frames at 5 Hz; notes the milliseconds of each."""
    frame, due_s = picture(1), time.monotonic() + offset_s
    for _ in range(max(3, round(seconds * HZ))):
        time.sleep(max(0.0, due_s - time.monotonic()))
        due_s += 1 / HZ
        taken.append(timed(lambda: detector(frame)))


def timed(call: Callable[[], object]) -> float:
    """Milliseconds of a call."""
    began_s = time.perf_counter()
    call()
    return (time.perf_counter() - began_s) * 1e3


def cpu_ms(call: Callable[[], object], seconds: float, period_s: float) -> float:
    """CPU milliseconds of the process for each call, over a time with a call each period."""
    ends_s = time.monotonic() + seconds
    due_s, count, before_s = time.monotonic(), 0, time.process_time()
    while (now_s := time.monotonic()) < ends_s:
        time.sleep(max(0.0, due_s - now_s))
        due_s += period_s
        call()
        count += 1
    return (time.process_time() - before_s) * 1e3 / count


def split(case: str, metric: str, unit: str, figures: dict[str, float], target: Any) -> Json:
    """A row of figures among which "ours" is."""
    others = {name: value for name, value in figures.items() if name != "ours"}
    return row(case, metric, unit, figures["ours"], others, target)


def row(
    case: str, metric: str, unit: str, ours: float, others: dict[str, float], target: float | None
) -> Json:
    """A row of the benchmark's table; the ratio is to the best peer."""
    return {
        "case": case,
        "metric": metric,
        "unit": unit,
        "better": "lower",
        "ours": ours,
        "peers": others,
        "ratio": ours / min(others.values()) if others else None,
        "target": target,
        "met": None if target is None else ours <= target,
    }


def commit() -> str:
    """The commit that is measured."""
    command = ["git", "rev-parse", "--short", "HEAD"]
    found = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)
    return found.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
