"""A model card: what a model is, how it is fed and read, and what has been measured of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct, field

from perception.roles import Role
from perception.runtime.card_file import Lines, read_card_file

FORM = "docs/perception.md"
WEAK_SCORE = 0.1
"""Detections from here up are decoded: tracks live on them, and people are hidden by them."""

Positive = Annotated[int, Meta(gt=0, le=8192)]
Unit = Annotated[float, Meta(ge=0.0, le=1.0)]
Triple = tuple[float, float, float]


class Family(StrEnum):
    """How outputs are read; the shapes are B batch, A anchors, Q queries, nc classes."""

    YOLOV8 = "yolov8"
    """[B,4+nc,A]: pixel cxcywh, scores; NMS (YOLOv8, v9, 11, 12)."""
    YOLOV5 = "yolov5"
    """[B,A,5+nc]: pixel cxcywh, objectness, class scores; NMS (YOLOv5, v7, YOLOX with grid)."""
    YOLOX = "yolox"
    """[B,A,5+nc]: as YOLOX's head gives it, offsets and logarithms to be put on its grid; NMS."""
    END_TO_END = "end_to_end"
    """[B,300,6]: pixel xyxy, score, class (YOLOv10, YOLO26, exports with NMS in them)."""
    RTDETR_ULTRALYTICS = "rtdetr_ultralytics"
    """[B,Q,6]: cxcywh in parts of the input, score, class; older [B,Q,4+nc]: class scores."""
    DETR = "detr"
    """Boxes [B,Q,4], cxcywh in parts of the input, and logits [B,Q,nc] (RF-DETR, D-FINE)."""
    RTDETR = "rtdetr"
    """Labels, boxes, scores, with an input `orig_target_sizes` (RT-DETR, D-FINE)."""
    YOLO_SEGMENTATION = "yolo_segmentation"
    """[B,4+nc+32,A] or [B,300,38], each with prototypes [B,32,h,w]."""
    NANODET = "nanodet"
    """[B,A,nc+4(reg_max+1)]: class scores and distributions of distances; NMS (NanoDet-Plus)."""


class Fit(StrEnum):
    """How a frame gets the size of the input."""

    LETTERBOX = "letterbox"
    """Kept in proportion, in the middle (Ultralytics)."""
    LETTERBOX_CORNER = "letterbox_corner"
    """Kept in proportion, in the top left corner (YOLOX)."""
    STRETCH = "stretch"


class Layout(StrEnum):
    """Order of the input's dimensions."""

    NCHW = "nchw"
    NHWC = "nhwc"


class Colour(StrEnum):
    """Order of the input's channels."""

    RGB = "rgb"
    BGR = "bgr"


class Dtype(StrEnum):
    """Type of the input's numbers."""

    FLOAT32 = "float32"
    FLOAT16 = "float16"
    UINT8 = "uint8"


class InputCard(Struct, frozen=True, forbid_unknown_fields=True):
    """What a model is fed: (pixel * scale - mean) / std, a value a channel.

    Attributes:
        size: height and width in pixels.
        name: of the input that takes the picture; "": the only one, or the one with four
            dimensions.
        pad: value of the pixels beside a letterboxed picture.
    """

    size: tuple[Positive, Positive]
    fit: Fit
    name: str = ""
    layout: Layout = Layout.NCHW
    colour: Colour = Colour.RGB
    scale: Annotated[float, Meta(gt=0.0)] = 1 / 255
    mean: Triple = (0.0, 0.0, 0.0)
    std: Triple = (1.0, 1.0, 1.0)
    dtype: Dtype = Dtype.FLOAT32
    pad: Annotated[int, Meta(ge=0, le=255)] = 114


class NmsCard(Struct, frozen=True, forbid_unknown_fields=True):
    """Non-maximum suppression, for families that need it."""

    iou: Unit = 0.6
    per_class: bool = True
    most: Annotated[int, Meta(gt=0, le=3000)] = 100


class GridCard(Struct, frozen=True, forbid_unknown_fields=True):
    """What families with a grid have to know beside the shape.

    Attributes:
        strides: pixels of the input between cells, a level each. None: the family's own.
        reg_max: last bin of NanoDet's distributions.
        cell_offset: where in its cell an anchor lies; NanoDet-Plus 0, NanoDet 0.5.
    """

    strides: tuple[Positive, ...] | None = None
    reg_max: Positive = 7
    cell_offset: Unit = 0.0


class Measured(Struct, frozen=True, forbid_unknown_fields=True):
    """A measured figure, and the command that measures it."""

    value: float
    command: Annotated[str, Meta(min_length=1)]


class PersonRecall(Struct, frozen=True, forbid_unknown_fields=True):
    """Which share of people the model finds at a score; without it pictures show no detail."""

    value: Unit
    score: Unit
    command: Annotated[str, Meta(min_length=1)]


class Card(Struct, frozen=True, forbid_unknown_fields=True):
    """A model card, checked.

    Attributes:
        model: the model's file, beside the card.
        family: None: the model's metadata or its shapes must say it.
        classes: the model's classes in its order.
        roles: what a class means to the campus; a class without a role is left out.
        thresholds: least scores by class; `default` for the others.
        class_offset: outputs before that of the first class (some RF-DETR exports: 1).
        unused_logits: outputs behind that of the last class (RF-DETR's "no object").
    """

    card_version: Annotated[int, Meta(ge=1, le=1)]
    name: Annotated[str, Meta(min_length=1)]
    model: Annotated[str, Meta(min_length=1)]
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    input: InputCard
    classes: Annotated[tuple[str, ...], Meta(min_length=1)]
    roles: dict[str, Role]
    thresholds: dict[str, Unit]
    licence: Annotated[str, Meta(min_length=1)]
    training_domain: Annotated[str, Meta(min_length=1)]
    family: Family | None = None
    nms: NmsCard = NmsCard()
    grid: GridCard = GridCard()
    class_offset: Annotated[int, Meta(ge=0)] = 0
    unused_logits: Annotated[int, Meta(ge=0)] = 0
    opset: int | None = None
    person_recall: PersonRecall | None = None
    metrics: dict[str, Measured] = field(default_factory=dict)

    def threshold(self, name: str) -> float:
        """Least score at which something of a class counts as seen."""
        return self.thresholds.get(name, self.thresholds["default"])

    @property
    def outputs_per_box(self) -> int:
        """How many class scores the model gives for a box."""
        return self.class_offset + len(self.classes) + self.unused_logits


@dataclass(frozen=True)
class LoadedCard:
    """A card with its place."""

    card: Card
    lines: Lines
    model_path: Path


def load_card(path: Path) -> LoadedCard:
    """Read and check a model card.

    Raises:
        CardError: it cannot be used; the message names the line.
    """
    read = read_card_file(path, Card, FORM)
    card, lines = read.values, read.lines
    for number, name in enumerate(card.classes):
        if name in card.classes[:number]:
            raise lines.error(["classes", number], f"class {name} is there twice", "name each once")
        if name == "default":
            raise lines.error(["classes", number], "no class can be named default", "rename it")
    for section, names in (("roles", set(card.roles)), ("thresholds", set(card.thresholds))):
        known = {*card.classes, "default"} if section == "thresholds" else set(card.classes)
        for name in sorted(names - known):
            remedy = f"the classes are {', '.join(card.classes[:20])}"
            raise lines.error([section, name], f"the model has no class {name}", remedy)
    if "default" not in card.thresholds:
        raise lines.error(["thresholds"], "no default", "give default: 0.4 or what was measured")
    if min(card.input.std) <= 0:
        raise lines.error(["input", "std"], "std must be above 0", "give 1 where there is none")
    if card.input.dtype is Dtype.UINT8 and not _takes_bytes(card.input):
        problem = "a model of bytes is fed pixels as they are"
        raise lines.error(["input", "dtype"], problem, "give scale: 1, no mean and no std")
    return LoadedCard(card, lines, _model_path(card, lines))


def _takes_bytes(asked: InputCard) -> bool:
    return asked.scale == 1 and asked.mean == (0, 0, 0) and asked.std == (1, 1, 1)


def _model_path(card: Card, lines: Lines) -> Path:
    if Path(card.model).name != card.model or card.model in {".", ".."}:
        remedy = "put the model beside its card and give its name"
        raise lines.error(["model"], f"{card.model} is not a file beside the card", remedy)
    return lines.path.parent / card.model
