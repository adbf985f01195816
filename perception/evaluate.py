"""Measures a model on labelled pictures: `python -m perception.evaluate CARD --held-out FILES`.

Pictures are .npz files: `images` [n, height, width, 3] bytes, and `labels` [m, 8]: picture, number
of the role (in the order of perception.roles.Role), left, top, right, bottom in pixels, the visible
share, visible pixels. Prints average precision by role, recall by size, the gap between pictures
like those of the training and others, and latency by stage.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track

from perception.errors import PerceptionError, PicturesUnreadable
from perception.roles import Role
from perception.runtime.detector import Detections, Detector, StageTimes
from perception.runtime.frame import Frame
from perception.scoring import (
    RoleScore,
    Truth,
    mean_average_precision,
    score_pictures,
    size_of,
)

Json = dict[str, Any]

LEAST_VISIBLE = 0.25
LEAST_SIZE_PX = 6.0
"""In the model's input; what is smaller or less visible neither counts nor costs."""


def read_pictures(path: Path) -> Iterator[tuple[Frame, list[Truth]]]:
    """The labelled pictures of a file, one after the other.

    Raises:
        PicturesUnreadable: it is no such file.
    """
    roles = list(Role)
    try:
        with np.load(path, allow_pickle=False) as content:
            images, labels = content["images"], content["labels"]
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise PicturesUnreadable(
            f"{path} holds no labelled pictures: {error}", "draw them with perception.training"
        ) from error
    for number, image in enumerate(images):
        truths = []
        for row in labels[labels[:, 0] == number]:
            left, top, right, bottom = row[2:6].tolist()
            size = size_of((left, top, right, bottom))
            clear = row[6] >= LEAST_VISIBLE and size >= LEAST_SIZE_PX
            narrow = min(right - left, bottom - top) < 3
            role = roles[int(row[1])]
            truths.append(Truth(role, (left, top, right, bottom), size, bool(clear) and not narrow))
        yield Frame(np.ascontiguousarray(image)), truths


def measure(
    detector: Detector, paths: Sequence[Path], title: str, *, quiet: bool = False
) -> tuple[dict[Role, RoleScore], list[StageTimes]]:
    """Scores by role and times of each picture."""
    times: list[StageTimes] = []

    def seen() -> Iterator[tuple[Detections, list[Truth]]]:
        console = Console(stderr=True)
        for path in track(paths, title, console=console, disable=quiet):
            for frame, truths in read_pictures(path):
                found = detector(frame)
                times.append(found.times)
                yield found, truths

    return score_pictures(seen()), times


def document(scores: dict[Role, RoleScore]) -> Json:
    """Scores as JSON; NaN is null."""
    roles = {
        role.value: {
            "ap50": _number(score.average_precision),
            "recall": _number(score.recall),
            "labelled": score.labelled,
            "recall_by_size": score.recall_by_size(),
        }
        for role, score in sorted(scores.items())
    }
    return {"map50": _number(mean_average_precision(scores)), "roles": roles}


def latency(times: Sequence[StageTimes]) -> Json:
    """Median and 95th percentile of each stage, in milliseconds."""
    stages = {
        "preprocess": [each.preprocess_ms for each in times],
        "inference": [each.inference_ms for each in times],
        "decode": [each.decode_ms for each in times],
        "total": [each.total_ms for each in times],
    }
    return {
        name: {"median_ms": float(np.median(values)), "p95_ms": float(np.quantile(values, 0.95))}
        for name, values in stages.items()
        if values
    }


def plot(folder: Path, held_out: dict[Role, RoleScore]) -> list[Path]:
    """Pictures of precision over recall and of recall over size; returns their paths."""
    from matplotlib.figure import Figure

    folder.mkdir(parents=True, exist_ok=True)
    curves, sizes = Figure(figsize=(7, 5)), Figure(figsize=(7, 5))
    precision_axes, size_axes = curves.subplots(), sizes.subplots()
    for role, score in sorted(held_out.items()):
        if not score.labelled:
            continue
        recall, precision = score.curve()
        precision_axes.plot(recall, precision, label=f"{role.value} {score.average_precision:.2f}")
        rows = score.recall_by_size()
        size_axes.plot(
            [row["from_px"] for row in rows],
            [row["recall"] for row in rows],
            marker="o",
            label=role.value,
        )
    precision_axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1), ylim=(0, 1.02))
    size_axes.set(xlabel="size in the model's input from (px)", ylabel="recall", ylim=(0, 1.02))
    paths = []
    for figure, axes, name in (
        (curves, precision_axes, "precision_recall.png"),
        (sizes, size_axes, "recall_by_size.png"),
    ):
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8)
        paths.append(folder / name)
        figure.savefig(paths[-1], dpi=120, bbox_inches="tight")
    return paths


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 2 where card, model or pictures cannot be used."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("card", type=Path, help="the model's card")
    parser.add_argument("--held-out", type=Path, nargs="+", required=True, metavar="NPZ")
    parser.add_argument("--validation", type=Path, nargs="+", default=[], metavar="NPZ")
    parser.add_argument("--plots", type=Path, help="folder for pictures of the figures")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    try:
        detector = Detector.load(options.card)
        held_out, times = measure(detector, options.held_out, "held out", quiet=options.json)
        result: Json = {
            "model": detector.card.name,
            "sha256": detector.card.sha256,
            "provider": detector.provider,
            "held_out": document(held_out),
            "latency": latency(times),
        }
        if options.validation:
            scores, _ = measure(detector, options.validation, "validation", quiet=options.json)
            result["validation"] = document(scores)
            gap = mean_average_precision(scores) - mean_average_precision(held_out)
            result["gap"] = _number(gap)
    except PerceptionError as error:
        print(f"{error}; {error.remedy}", file=sys.stderr)
        return 2
    if options.plots:
        result["plots"] = [str(path) for path in plot(options.plots, held_out)]
    if options.json:
        print(json.dumps(result, indent=2))
    else:
        _print(result)
    return 0


def _print(result: Json) -> None:
    print(f"{result['model']} on {result['provider']}: mAP50 {_text(result['held_out']['map50'])}")
    for role, row in result["held_out"]["roles"].items():
        if row["labelled"]:
            figures = f"AP50 {_text(row['ap50'])}, recall {_text(row['recall'])}"
            print(f"  {role}: {figures} of {row['labelled']}")
    if "gap" in result:
        print(f"validation less held out: {_text(result['gap'])}")
    for stage, figures in result["latency"].items():
        print(f"  {stage}: {figures['median_ms']:.2f} ms (p95 {figures['p95_ms']:.2f})")


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(value, 4)


def _text(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


if __name__ == "__main__":
    sys.exit(main())
