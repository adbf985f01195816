"""The training loop: resumable at any step, with an average of the weights for use."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from perception.scenes.scene import ROLES
from perception.training.batches import Batches
from perception.training.configuration import Configuration, Cycle
from perception.training.network import Detector, all_centres
from perception.training.objective import losses

KEEP_EVERY_STEPS = 50


@dataclass(frozen=True)
class Progress:
    """How far training is."""

    step: int
    steps: int
    class_loss: float
    box_loss: float
    rate: float


def rate_at(step: int, cycles: tuple[Cycle, ...], warm_up: int = 60) -> float:
    """The learning rate of a step."""
    for cycle in cycles:
        if step < cycle.steps:
            way = step / cycle.steps
            shape = cycle.floor + (1 - cycle.floor) * 0.5 * (1 + math.cos(math.pi * way))
            return cycle.peak * shape * min(1.0, (step + 1) / warm_up)
        step -= cycle.steps
    return cycles[-1].peak * cycles[-1].floor


class Trainer:
    """Weights, their average and the optimiser, at a step."""

    def __init__(self, configuration: Configuration, folder: Path) -> None:
        torch.manual_seed(configuration.seed)
        self.configuration, self.path = configuration, folder / "checkpoint.pt"
        layout = torch.channels_last
        self.network = Detector(configuration.architecture, len(ROLES)).to(memory_format=layout)
        self.average = copy.deepcopy(self.network).eval()
        decayed = [p for p in self.network.parameters() if p.ndim > 1]
        others = [p for p in self.network.parameters() if p.ndim <= 1]
        self.optimiser = torch.optim.AdamW(
            [
                {"params": decayed, "weight_decay": configuration.weight_decay},
                {"params": others, "weight_decay": 0.0},
            ],
            lr=1e-3,
        )
        self.step = 0
        if self.path.exists():
            self._resume()

    def _resume(self) -> None:
        content: dict[str, Any] = torch.load(self.path, weights_only=True)
        self.network.load_state_dict(content["network"])
        self.average.load_state_dict(content["average"])
        self.optimiser.load_state_dict(content["optimiser"])
        self.step = content["step"]

    def keep(self) -> None:
        """Write the checkpoint; a crash leaves the one before it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        made = self.path.with_suffix(".part")
        content = {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
        }
        torch.save(content, made)
        made.rename(self.path)

    def run(self, batches: Batches, tell: Callable[[Progress], None], until: int) -> None:
        """Train up to a step, keeping a checkpoint now and then."""
        centres, strides = all_centres(batches.size, torch.device("cpu"))
        steps = min(until, sum(cycle.steps for cycle in self.configuration.cycles))
        self.network.train()
        while self.step < steps:
            rate = rate_at(self.step, self.configuration.cycles)
            for group in self.optimiser.param_groups:
                group["lr"] = rate
            images, truth = batches.batch(self.step)
            pixels = images.contiguous(memory_format=torch.channels_last).float() / 255
            logits, boxes = self.network(pixels)
            class_loss, box_loss = losses(logits, boxes, truth, centres, strides)
            self.optimiser.zero_grad(set_to_none=True)
            (class_loss + self.configuration.box_weight * box_loss).backward()
            torch.nn.utils.clip_grad_norm_(self.network.parameters(), 10.0)
            self.optimiser.step()
            self.step += 1
            self._average_in()
            tell(Progress(self.step, steps, class_loss.item(), box_loss.item(), rate))
            if self.step % KEEP_EVERY_STEPS == 0 or self.step == steps:
                self.keep()

    @torch.no_grad()
    def _average_in(self) -> None:
        share = min(self.configuration.average, (1 + self.step) / (10 + self.step))
        ours = self.network.state_dict()
        for name, value in self.average.state_dict().items():
            if value.dtype.is_floating_point:
                value.mul_(share).add_(ours[name], alpha=1 - share)
            else:
                value.copy_(ours[name])
