"""What a model takes and gives, and what comes of decoding it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from perception.runtime.boxes import Floats

Shape = tuple[int | None, ...]
"""None: any size."""
TARGET_SIZES = "orig_target_sizes"


@dataclass(frozen=True)
class Tensor:
    """An input or output: its shape and its type, such as "tensor(float)"."""

    shape: Shape
    dtype: str = "tensor(float)"

    def __str__(self) -> str:
        return f"[{','.join('?' if each is None else str(each) for each in self.shape)}]"


@dataclass(frozen=True)
class Signature:
    """Inputs and outputs by name, in the model's order, and its metadata."""

    inputs: Mapping[str, Tensor]
    outputs: Mapping[str, Tensor]
    metadata: Mapping[str, str] = field(default_factory=dict)

    def described(self) -> str:
        """Its outputs, for an error."""
        return ", ".join(f"{name} {tensor}" for name, tensor in self.outputs.items())


@dataclass(frozen=True)
class Masks:
    """Masks of n boxes as n × m coefficients of m × h × w prototypes over the model's input."""

    coefficients: Floats
    prototypes: Floats


@dataclass(frozen=True)
class Decoded:
    """What was found: n × 4 boxes in pixels of the model's input, n scores, n classes."""

    boxes: Floats
    scores: Floats
    classes: NDArray[np.int64]
    masks: Masks | None = None

    def take(self, kept: NDArray[np.intp] | NDArray[np.bool_]) -> Decoded:
        """Those of an index or a mask."""
        masks = self.masks
        if masks is not None:
            masks = Masks(masks.coefficients[kept], masks.prototypes)
        return Decoded(self.boxes[kept], self.scores[kept], self.classes[kept], masks)


def matches(size: int | None, wanted: int) -> bool:
    """Whether a dimension is of a size, or may be."""
    return size is None or size == wanted
