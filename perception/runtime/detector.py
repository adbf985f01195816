"""Runs a model on frames: what its card promises is checked once, its outputs every time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import cv2
import numpy as np
from numpy.typing import NDArray

from perception.errors import BadOutput, ModelDamaged, ModelMismatch
from perception.roles import Role
from perception.runtime.card import WEAK_SCORE, LoadedCard, load_card
from perception.runtime.decode import Decoded, Signature, Tensor, choose_family, reader_of
from perception.runtime.decode.signature import TARGET_SIZES, matches
from perception.runtime.frame import Frame
from perception.runtime.masks import frame_mask
from perception.runtime.model_file import read_model_file
from perception.runtime.preprocess import Preprocessor
from perception.runtime.session import FAILURES, PROVIDERS, open_session, signature_of

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, in pixels of the frame."""


@dataclass(frozen=True, slots=True)
class Detection:
    """One thing in one frame.

    Attributes:
        name: the model's class.
        seen: whether the score reaches the threshold of its class; the others are weak, from 0.1.
        mask: of segmentation models: true where the thing is, over its box in whole pixels.
    """

    name: str
    role: Role
    score: float
    box_px: Box
    seen: bool
    mask: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True)
class StageTimes:
    """How long a frame took, in milliseconds."""

    preprocess_ms: float
    inference_ms: float
    decode_ms: float

    @property
    def total_ms(self) -> float:
        """All stages."""
        return self.preprocess_ms + self.inference_ms + self.decode_ms


@dataclass(frozen=True, slots=True)
class Detections:
    """What a frame showed, highest score first, with the frame's own stamp and coordinate frame."""

    things: tuple[Detection, ...]
    stamp_ns: int
    frame_id: str
    frame_size: tuple[int, int]
    times: StageTimes

    @property
    def seen(self) -> tuple[Detection, ...]:
        """Those that reach the thresholds of their classes."""
        return tuple(each for each in self.things if each.seen)


class Detector:
    """A model with its card, on one camera. Not for two threads at once; make one for each:

    detectors of the same model share its session.

    Attributes:
        provider: the execution provider that is really used.
    """

    def __init__(
        self, card: LoadedCard, providers: Sequence[str] = PROVIDERS, threads: int = 1
    ) -> None:
        """Load and check the model.

        Raises:
            ModelDamaged, ModelUnsupported, ModelMismatch, FamilyUnclear, BadOutput: the model
                cannot be used, or not with this card.
            ProviderUnavailable: none of the providers is here.
        """
        cv2.setNumThreads(1)  # OpenCV's threads cost more than they save at this size
        self.card = card.card
        file = read_model_file(card.model_path)
        if file.sha256 != self.card.sha256:
            raise ModelDamaged(
                f"{file.path} is not the model of {card.lines.path}: its sha256 is {file.sha256}",
                "copy the model again, or write this sha256 and what was measured into the card",
            )
        if self.card.opset is not None and self.card.opset != file.opset:
            problem = f"the model has opset {file.opset}"
            raise card.lines.error(["opset"], problem, "correct it, or copy the model again")
        self._session = open_session(file, providers, threads)
        self.provider = self._session.get_providers()[0]
        self.signature = signature_of(self._session)
        self._input = _picture_input(self.signature, card)
        self.family = choose_family(self.signature, self.card)
        self._reader = reader_of(self.family)
        self._outputs = list(self._reader.find(self.signature, self.card))
        self._prepare = Preprocessor(self.card.input)
        self._roles = [self.card.roles.get(name) for name in self.card.classes]
        self._bars = np.asarray(
            [self.card.threshold(name) for name in self.card.classes], np.float32
        )
        self._least = min(WEAK_SCORE, float(self._bars.min()))
        self._fed = self._fixed_inputs()
        self._shapes: list[tuple[int, ...]] = []
        height, width = self.card.input.size
        self(Frame(np.full((max(height, 16), max(width, 16), 3), 114, np.uint8)))

    @classmethod
    def load(cls, card: Path, providers: Sequence[str] = PROVIDERS, threads: int = 1) -> Detector:
        """From the path of a card.

        Raises:
            CardError: the card cannot be used.
            PerceptionError: as the constructor's.
        """
        return cls(load_card(card), providers, threads)

    def __call__(self, frame: Frame) -> Detections:
        """What a frame shows.

        Raises:
            BadOutput: the model's numbers are not finite, or not of the shape they had.
        """
        began = perf_counter()
        tensor, placement = self._prepare(frame)
        prepared = perf_counter()
        outputs = self._run(tensor)
        inferred = perf_counter()
        found = self._decode(outputs)
        boxes = placement.to_frame(found.boxes)
        things = []
        for place in np.argsort(-found.scores, kind="stable").tolist():
            number = int(found.classes[place])
            role = self._roles[number]
            left, top, right, bottom = boxes[place].tolist()
            if role is None or right <= left or bottom <= top:
                continue
            box = (left, top, right, bottom)
            score = float(found.scores[place])
            mask = None
            if found.masks is not None:
                mask = frame_mask(found.masks, place, box, placement, self.card.input.size)
            seen = bool(found.scores[place] >= self._bars[number])
            name = self.card.classes[number]
            things.append(Detection(name, role, score, box, seen, mask))
        ended = perf_counter()
        times = StageTimes(
            (prepared - began) * 1e3, (inferred - prepared) * 1e3, (ended - inferred) * 1e3
        )
        return Detections(tuple(things), frame.stamp_ns, frame.frame_id, frame.size, times)

    def _run(self, tensor: NDArray[np.generic]) -> list[NDArray[np.float32]]:
        try:
            outputs = self._session.run(self._outputs, {self._input: tensor, **self._fed})
        except FAILURES as error:
            text = str(error).splitlines()[0]
            raise BadOutput(f"{self.card.name}: {text}", "check input.size in the card") from error
        shapes = [each.shape for each in outputs]
        if shapes != self._shapes:
            self._check_shapes(outputs)
            self._shapes = shapes
        for name, each in zip(self._outputs, outputs, strict=True):
            # A sum is finite only where all are (or huge numbers cancel nowhere): one quick pass.
            if not np.isfinite(each.sum(dtype=np.float64)) and not np.isfinite(each).all():
                raise BadOutput(
                    f"{self.card.name}: output {name} holds numbers that are not finite",
                    "check scale, mean, std and dtype in the card, or export in float32",
                )
        return [each if each.dtype != np.float16 else each.astype(np.float32) for each in outputs]

    def _check_shapes(self, outputs: Sequence[NDArray[np.generic]]) -> None:
        given = {
            name: Tensor(each.shape) for name, each in zip(self._outputs, outputs, strict=True)
        }
        try:
            self._reader.find(Signature(self.signature.inputs, given), self.card)
        except ModelMismatch as error:
            raise BadOutput(f"{self.card.name}: {error}", error.remedy) from error
        if any(each.shape[0] != 1 for each in outputs):
            raise BadOutput(f"{self.card.name}: more than one picture", "export with a batch of 1")

    def _decode(self, outputs: Sequence[NDArray[np.float32]]) -> Decoded:
        found = self._reader.read(outputs, self.card, self._least)
        if len(found.boxes) and not np.isfinite(found.boxes).all():
            raise BadOutput(f"{self.card.name}: boxes without end", "check family in the card")
        return found

    def _fixed_inputs(self) -> dict[str, NDArray[np.int64]]:
        """Inputs beside the picture: RT-DETR's size, of the input, as boxes are mapped here."""
        others = [name for name in self.signature.inputs if name != self._input]
        if not others:
            return {}
        if others != [TARGET_SIZES]:
            raise ModelMismatch(
                f"{self.card.name} has inputs that nothing is known of: {', '.join(others)}",
                "export it with the picture as its only input",
            )
        height, width = self.card.input.size
        return {TARGET_SIZES: np.asarray([[width, height]], np.int64)}


def _picture_input(signature: Signature, loaded: LoadedCard) -> str:
    """The name of the input that takes the picture, held to the card."""
    card, error = loaded.card, loaded.lines.error
    pictures = [name for name, tensor in signature.inputs.items() if len(tensor.shape) == 4]
    name = card.input.name or (pictures[0] if len(pictures) == 1 else "")
    if name not in pictures:
        remedy = f"the model's inputs are {', '.join(signature.inputs)}"
        raise error(["input", "name"], f"the model has no picture input {name}".rstrip(), remedy)
    tensor = signature.inputs[name]
    height, width = card.input.size
    wanted = (1, 3, height, width) if card.input.layout == "nchw" else (1, height, width, 3)
    if not all(matches(has, want) for has, want in zip(tensor.shape, wanted, strict=True)):
        problem = f"the model takes {tensor}, the card gives {Tensor(wanted)}"
        raise error(["input", "size"], problem, "correct size or layout")
    types = {"float32": "tensor(float)", "float16": "tensor(float16)", "uint8": "tensor(uint8)"}
    if tensor.dtype != types[card.input.dtype]:
        problem = f"the model takes {tensor.dtype}, the card gives {card.input.dtype}"
        raise error(["input", "dtype"], problem, "correct dtype")
    return name
