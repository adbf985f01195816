"""From frames to reports: who falls is told, in time and once, and what only looks so is not.

`python -m benchmarks.perception_events [--json] [--quick] [--seed N]`. Patrols at 1.2 m/s and 3 Hz
pass people who lie there and things that look like it from one place alone (static false positives,
which repeat from there frame after frame), with wrong single frames everywhere; robots stop at
times, also where something looks wrong. **The detector is simulated** (its recall and its errors a
frame are in this file): measured is what comes after it, ground projection, tracking, confirmation
and their rules, which are those of the robots. Beside them, on the same frames: telling every
frame, and k of n without a change of viewpoint.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import hypot
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track

from perception.camera import Camera, Mount, Pose, eye, pixel_of
from perception.confirmation import RULES, Confirmation, Rule
from perception.ground import moved, place_of
from perception.happening_score import Happening, HappeningFigures, Told, score_happenings
from perception.roles import Role
from perception.runtime.detector import Detection
from perception.tracking import Observation, Tracker

ROOT = Path(__file__).resolve().parent.parent
CAMERA = Camera(
    (480, 640), (457.0, 457.0), (320.0, 240.0), Mount(height_m=0.9, pitch_down_rad=0.12, x_m=0.3)
)
HZ, SPEED_MPS = 3.0, 1.2
VISIBLE_M = 8.0
RECALL = {"person_down": 0.6, "as person": 0.2}
"""Of a frame that shows somebody who lies there; in the rest of them nothing is found."""
WRONG_FRAMES = 0.02
"""Share of frames with a wrong detection somewhere."""
PHANTOM = 0.8
"""Share of the frames from its one place (within PHANTOM_M) in which a thing looks like it."""
PHANTOM_M = 0.25
FALLS_PER_HOUR, PHANTOMS_PER_HOUR, STOPS_PER_HOUR = 6.0, 30.0, 20.0
STOP_S = 4.0
HOURS = 100.0
QUICK_HOURS = 5.0
RECALL_TARGET, FALSE_ALARM_TARGET, DELAY_TARGET_S, ERROR_TARGET_M = 0.95, 0.1, 10.0, 1.0
NAME = "person_down"
EVERY_FRAME = {Role.PERSON_DOWN: Rule(1, 1, 0.0)}
WITHOUT_VIEWPOINT = {Role.PERSON_DOWN: Rule(4, 10, 1.2)}

Json = dict[str, Any]


@dataclass
class Hour:
    """A robot's hour along a straight way: who lies there, what looks so from where, stops."""

    fallen: list[tuple[float, float]]
    phantoms: list[tuple[float, float, float]]
    stops: list[float]

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> Hour:
        """At random; half of the stops are where something looks wrong."""
        length_m = SPEED_MPS * 3600
        fallen = [
            (float(x), float(rng.uniform(-2.5, 2.5)))
            for x in np.sort(rng.uniform(30, length_m - 30, rng.poisson(FALLS_PER_HOUR)))
        ]
        phantoms = []
        for x in rng.uniform(30, length_m - 30, rng.poisson(PHANTOMS_PER_HOUR)):
            seen_from_m = float(x - rng.uniform(3.0, VISIBLE_M))
            phantoms.append((float(x), float(rng.uniform(-2.5, 2.5)), seen_from_m))
        stops = rng.uniform(0, length_m, rng.poisson(STOPS_PER_HOUR / 2)).tolist()
        stops += [each[2] for each in phantoms if rng.random() < STOPS_PER_HOUR / 2 / 30]
        return cls(fallen, phantoms, sorted(stops))


@dataclass
class Way:
    """One way of telling, on the frames of all hours."""

    rules: dict[Role, Rule]
    reports: list[Told] = field(default_factory=list)
    confirmation: Confirmation = field(init=False)

    def __post_init__(self) -> None:
        self.confirmation = Confirmation(fixed=False, rules=self.rules)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quick", action="store_true", help="a few robot-hours")
    parser.add_argument("--seed", type=int, default=1, help="of everything random")
    options = parser.parse_args(arguments)
    hours = QUICK_HOURS if options.quick else HOURS
    figures = watch(int(hours), options.seed)
    rows = table(figures, hours)
    result: Json = {
        "benchmark": "perception_events",
        "commit": commit(),
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "detector": "simulated",
        "seed": options.seed,
        "rows": rows,
    }
    if options.json:
        print(json.dumps(result, indent=2))
    else:
        for each in rows:
            beside = ", ".join(f"{name} {value:.3g}" for name, value in each["peers"].items())
            met = {True: "met", False: "missed", None: ""}[each["met"]]
            target = "" if each["target"] is None else f" (target {each['target']:g}, {met})"
            ours = f"{each['ours']:.3g} {each['unit']}"
            print(f"{each['case']}, {each['metric']}: {ours}{target}; {beside}")
    return 1 if any(each["met"] is False for each in rows) else 0


def watch(hours: int, seed: int) -> dict[str, HappeningFigures]:
    """Figures of each way of telling, on the same frames."""
    ways = {
        "ours": Way(dict(RULES)),
        "every frame": Way(EVERY_FRAME),
        "k of n": Way(WITHOUT_VIEWPOINT),
    }
    happenings: list[Happening] = []
    for number in track(range(hours), "robot-hours", console=Console(stderr=True)):
        rng = np.random.default_rng([seed, number])
        happenings += patrol(Hour.drawn(rng), ways, number * 10_000.0, rng)
    return {
        name: score_happenings(
            happenings, [each for each in way.reports if each.name == NAME], float(hours)
        )[NAME]
        for name, way in ways.items()
    }


def patrol(
    hour: Hour, ways: dict[str, Way], begins_s: float, rng: np.random.Generator
) -> list[Happening]:
    """Drive through an hour; returns when who was visible."""
    tracker, along_m, stops, left_s = Tracker(), 0.0, list(hour.stops), 0.0
    for way in ways.values():
        way.__post_init__()
    visible: dict[tuple[float, float], list[float]] = {}
    for frame in range(round(3600 * HZ)):
        time_s = begins_s + frame / HZ
        if left_s > 0:
            left_s -= 1 / HZ
        else:
            along_m += SPEED_MPS / HZ
            if stops and along_m >= stops[0]:
                stops.pop(0)
                left_s = STOP_S
        pose = Pose(along_m, 0.0, 0.0)
        for place in hour.fallen:
            near = place[0] - along_m > 0 and hypot(place[0] - along_m, place[1]) <= VISIBLE_M
            if near and box_of(place, pose, rng, 0.0) is not None:
                visible.setdefault(place, []).append(time_s)
        observations = list(seen(hour, pose, rng))
        watcher = eye(CAMERA, pose)
        tracks = tracker.update(time_s, (float(watcher[0]), float(watcher[1])), observations)
        for way in ways.values():
            for told in way.confirmation.update(tracks, time_s):
                error = rng.normal(0, [0.05, 0.05, 0.01])
                known = Pose(
                    along_m + error[0], error[1], error[2], np.diag([0.0025, 0.0025, 1e-4])
                )
                there = moved(told.track.place(), pose, known)
                way.reports.append(Told(told.role.value, there.x_m, there.y_m, time_s))
    return [
        Happening(NAME, place[0], place[1], times[0], times[-1]) for place, times in visible.items()
    ]


def seen(hour: Hour, pose: Pose, rng: np.random.Generator) -> list[Observation]:
    """What the simulated detector makes of a frame."""
    found: list[tuple[Role, tuple[float, float]]] = []
    for place in hour.fallen:
        if place[0] - pose.x_m > 0 and hypot(place[0] - pose.x_m, place[1]) <= VISIBLE_M:
            chance = rng.random()
            if chance < RECALL["person_down"]:
                found.append((Role.PERSON_DOWN, place))
            elif chance < RECALL["person_down"] + RECALL["as person"]:
                found.append((Role.PERSON, place))
    for x_m, y_m, from_m in hour.phantoms:
        if abs(pose.x_m - from_m) <= PHANTOM_M and rng.random() < PHANTOM:
            found.append((Role.PERSON_DOWN, (x_m, y_m)))
    if rng.random() < WRONG_FRAMES:
        wrong = (pose.x_m + rng.uniform(2, 12), rng.uniform(-3, 3))
        found.append((Role.PERSON_DOWN, wrong))
    observations = []
    for role, place in found:
        box = box_of(place, pose, rng, 2.0)
        ground = place_of(CAMERA, pose, role, box) if box else None
        if box is not None and ground is not None:
            detection = Detection(role.value, role, float(rng.uniform(0.4, 0.9)), box, True)
            observations.append(Observation(detection, ground))
    return observations


def box_of(
    place: tuple[float, float], pose: Pose, rng: np.random.Generator, noise_px: float
) -> tuple[float, float, float, float] | None:
    """The box of somebody who lies at a place; None: out of view."""
    foot = pixel_of(CAMERA, pose, (place[0], place[1], 0.0))
    if foot is None or not (0 <= foot[0] < CAMERA.size[1] and 0 <= foot[1] < CAMERA.size[0]):
        return None
    x, y = foot + rng.normal(0, noise_px, 2)
    scale = CAMERA.focal_px[0] / hypot(place[0] - pose.x_m, place[1] - pose.y_m)
    return (float(x - 0.8 * scale), float(y - 0.35 * scale), float(x + 0.8 * scale), float(y))


def table(figures: dict[str, HappeningFigures], hours: float) -> list[Json]:
    """Rows of the benchmark."""
    documents = {name: each.document() for name, each in figures.items()}
    case = f"people who have fallen, {hours:g} robot-hours, detector simulated"
    wanted: list[tuple[str, str, str, str, float]] = [
        ("recall", "recall", "", "higher", RECALL_TARGET),
        ("false alarms", "false_alarms_per_robot_hour", "1/h", "lower", FALSE_ALARM_TARGET),
        ("longest delay from visible within 8 m", "delay_worst_s", "s", "lower", DELAY_TARGET_S),
        ("median delay", "delay_median_s", "s", "lower", DELAY_TARGET_S),
        ("median error of the place", "error_median_m", "m", "lower", ERROR_TARGET_M),
        ("greatest error of the place", "error_worst_m", "m", "lower", ERROR_TARGET_M),
    ]
    return [
        row(case, metric, unit, better, {name: each[key] for name, each in documents.items()}, bar)
        for metric, key, unit, better, bar in wanted
    ]


def row(
    case: str, metric: str, unit: str, better: str, figures: dict[str, float], target: float
) -> Json:
    """A row of the benchmark's table; the ratio is to the best peer."""
    ours = figures["ours"]
    peers = {name: value for name, value in figures.items() if name != "ours"}
    best = (min if better == "lower" else max)(peers.values())
    return {
        "case": case,
        "metric": metric,
        "unit": unit,
        "better": better,
        "ours": ours,
        "peers": peers,
        "ratio": ours / best if best else None,
        "target": target,
        "met": ours <= target if better == "lower" else ours >= target,
    }


def commit() -> str:
    """The commit that is measured."""
    command = ["git", "rev-parse", "--short", "HEAD"]
    found = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)
    return found.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
