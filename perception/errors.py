"""Every error that perception raises on purpose, in one tree.

PerceptionError             message (what is wrong, where), remedy (what to do)
├── CardError               a model card that cannot be used; names file and line
├── ModelError              a model that cannot be used
│   ├── ModelDamaged        missing, truncated, not ONNX, or not the file that the card was made for
│   ├── ModelUnsupported    sound, but of an opset or with operators that this runtime has not got
│   ├── ModelMismatch       its inputs, outputs or number of classes are not what the card says
│   ├── FamilyUnclear       nothing says how its outputs are to be read
│   └── BadOutput           outputs that are not finite, or not of the shape they had
├── ProviderUnavailable     none of the execution providers asked for is on this computer
├── FrameError              an image that is no picture
├── PicturesUnreadable      a file of labelled pictures that cannot be read
├── GeometryError           a calibration or pose that cannot be
└── EgressRefused           a picture that must not leave the robot as it is
"""

from __future__ import annotations

from pathlib import Path


class PerceptionError(Exception):
    """Something a person can understand and mend.

    Attributes:
        remedy: what to do about it; a clause without a full stop.
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


class CardError(PerceptionError):
    """A model card that cannot be used.

    Attributes:
        path: the card.
        line: where in it, counted from 1.
    """

    def __init__(self, path: Path, line: int, problem: str, remedy: str = "") -> None:
        super().__init__(f"{path}:{line}: {problem}", remedy)
        self.path = path
        self.line = line


class ModelError(PerceptionError):
    """A model that cannot be used."""


class ModelDamaged(ModelError):
    """A model file that is missing, truncated, not ONNX, or not the one of the card."""


class ModelUnsupported(ModelError):
    """A model whose opset or operators this runtime has not got."""


class ModelMismatch(ModelError):
    """A model whose inputs, outputs or classes are not what its card says."""


class FamilyUnclear(ModelError):
    """A model of which nothing says how its outputs are to be read."""


class BadOutput(ModelError):
    """Outputs that are not finite, or not of the shape that they had when the model was loaded."""


class ProviderUnavailable(PerceptionError):
    """None of the execution providers asked for is on this computer."""


class FrameError(PerceptionError):
    """An image that is no picture of height × width × 3 bytes."""


class PicturesUnreadable(PerceptionError):
    """A file of labelled pictures that cannot be read."""


class GeometryError(PerceptionError):
    """A calibration or pose that cannot be."""


class EgressRefused(PerceptionError):
    """A picture that must not leave the robot as it is."""
