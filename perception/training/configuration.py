"""The YAML file that a model is reproduced from."""

from __future__ import annotations

from pathlib import Path

import msgspec

from perception.errors import PerceptionError


class TrainingError(PerceptionError):
    """Training cannot go on: what is wrong, and what to do."""


class Worlds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which pictures are drawn.

    Attributes:
        count: worlds of the split, drawn from its generators in turn.
        first_seed: of the first world; the others follow.
        render_size: width and height that pictures are drawn with before they are made small.
    """

    count: int
    first_seed: int
    views: int = 4
    render_size: tuple[int, int] = (640, 480)


class Cycle(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A stretch of training with a learning rate that falls from its peak along a cosine.

    Attributes:
        worlds: it learns from the first so many training worlds; 0: from all.
        size: height and width of the cut-outs it learns from, multiples of 32; None: whole
            pictures. A cut-out holds a thing more often than not, so a step teaches more for its
            time; whole pictures at the end teach what is usual around them.
        balanced: each role is drawn equally often.
    """

    steps: int
    peak: float
    floor: float = 0.02
    worlds: int = 0
    size: tuple[int, int] | None = None
    balanced: bool = False


class Architecture(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Widths of the five stages, blocks in the last four, and the width of neck and head."""

    widths: tuple[int, int, int, int, int] = (16, 24, 48, 80, 128)
    blocks: tuple[int, int, int, int] = (0, 1, 2, 1)
    neck: int = 40


class Configuration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that a model depends on.

    Attributes:
        input_size: height and width of the model's input, multiples of 32.
    """

    name: str
    seed: int
    input_size: tuple[int, int]
    train: Worlds
    validation: Worlds
    held_out: Worlds
    cycles: tuple[Cycle, ...]
    architecture: Architecture = Architecture()
    batch: int = 32
    weight_decay: float = 0.02
    average: float = 0.998
    box_weight: float = 2.5

    def cycle(self, step: int) -> tuple[Cycle, int]:
        """The cycle of a step, and the first step after it; the last one has no end."""
        end = 0
        for cycle in self.cycles:
            end += cycle.steps
            if step < end:
                return cycle, end
        return self.cycles[-1], end

    def worlds(self, split: str) -> Worlds:
        """The worlds of a split."""
        return {"train": self.train, "validation": self.validation, "held_out": self.held_out}[
            split
        ]


def load_configuration(path: Path) -> Configuration:
    """Read a configuration.

    Raises:
        TrainingError: it is missing or not of this form.
    """
    try:
        return msgspec.yaml.decode(path.read_bytes(), type=Configuration)
    except (OSError, msgspec.DecodeError) as error:
        raise TrainingError(f"{path}: {error}", "see docs/perception-training.md") from error
