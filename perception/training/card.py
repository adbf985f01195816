"""Writes the cards of exported models, with thresholds and figures that have been measured."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import yaml

from perception.evaluate import measure
from perception.roles import Role
from perception.runtime.card import WEAK_SCORE
from perception.runtime.detector import Detector
from perception.scoring import RoleScore, mean_average_precision
from perception.training.configuration import Configuration
from perception.training.export import OPSET

LEAST_THRESHOLD, MOST_THRESHOLD = 0.15, 0.7
DOMAIN = (
    "simulation only: rendered campus scenes of perception.scenes, no photographs; measured on "
    "worlds of generators that it was not trained on"
)


def best_threshold(score: RoleScore) -> float:
    """The score at which precision and recall balance best (F1)."""
    recall, precision = score.curve()
    if not len(recall):
        return 0.4
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-9)
    ordered = np.sort(np.asarray(score.scores))[::-1]
    return float(np.clip(ordered[int(f1.argmax())], LEAST_THRESHOLD, MOST_THRESHOLD))


def recall_from(score: RoleScore, least: float = WEAK_SCORE) -> float:
    """Share of the things that detections of at least this score find."""
    found = np.asarray(score.right, bool) & (np.asarray(score.scores) >= least)
    return float(found.sum() / max(score.labelled, 1))


def write_card(
    model: Path,
    configuration: Configuration,
    validation: Sequence[Path],
    held_out: Sequence[Path],
    commands: tuple[str, str],
) -> Path:
    """Measure a model and write its card beside it; returns the card.

    Args:
        validation: pictures on which thresholds are chosen.
        held_out: pictures on which it is measured.
        commands: that measure on held-out pictures, and on pictures of validation.
    """
    path = model.with_suffix(".yaml")
    content: dict[str, object] = {
        "card_version": 1,
        "name": model.stem.replace("_", "-"),
        "model": model.name,
        "sha256": hashlib.sha256(model.read_bytes()).hexdigest(),
        "family": "yolov8",
        "input": {"size": list(configuration.input_size), "fit": "letterbox"},
        "classes": [role.value for role in Role],
        "roles": {role.value: role.value for role in Role},
        "thresholds": {"default": 0.4},
        "nms": {"iou": 0.6, "per_class": True, "most": 100},
        "opset": OPSET,
        "licence": "Apache-2.0",
        "training_domain": DOMAIN,
    }
    _write(path, content)
    chosen, _ = measure(Detector.load(path), validation, "validation")
    content["thresholds"] = {
        "default": 0.4,
        **{role.value: round(best_threshold(score), 3) for role, score in chosen.items()},
    }
    _write(path, content)
    scores, _ = measure(Detector.load(path), held_out, "held out")
    figures = {"map50": mean_average_precision(scores)}
    figures |= {f"ap50_{role.value}": each.average_precision for role, each in scores.items()}
    figures |= {f"recall_{role.value}": each.recall for role, each in scores.items()}
    figures["recall_person_from_0.1"] = recall_from(scores[Role.PERSON])
    metrics = {
        name: {"value": round(value, 3), "command": commands[0]} for name, value in figures.items()
    }
    metrics["map50_validation"] = {
        "value": round(mean_average_precision(chosen), 3),
        "command": commands[1],
    }
    content["metrics"] = metrics
    _write(path, content)
    return path


def _write(path: Path, content: dict[str, object]) -> None:
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=96)
    path.write_text("# Written by `python -m perception.training export`.\n" + text)
