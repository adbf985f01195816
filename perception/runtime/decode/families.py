"""The table of families: how each finds its outputs, and how it reads them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from perception.runtime.boxes import Floats
from perception.runtime.card import Card, Family
from perception.runtime.decode import dense, queries
from perception.runtime.decode.signature import Decoded, Signature


@dataclass(frozen=True)
class Reader:
    """A family.

    Attributes:
        find: names of its outputs in its order; ModelMismatch where the model has not got them.
        read: from the outputs (batch 1) what was found with at least a score.
    """

    find: Callable[[Signature, Card], tuple[str, ...]]
    read: Callable[[Sequence[Floats], Card, float], Decoded]


READERS: Mapping[Family, Reader] = {
    Family.YOLOV8: Reader(dense.find_yolov8, dense.read_yolov8),
    Family.YOLOV5: Reader(dense.find_yolov5, dense.read_yolov5),
    Family.YOLOX: Reader(dense.find_yolox, dense.read_yolox),
    Family.END_TO_END: Reader(queries.find_end_to_end, queries.read_end_to_end),
    Family.RTDETR_ULTRALYTICS: Reader(
        queries.find_rtdetr_ultralytics, queries.read_rtdetr_ultralytics
    ),
    Family.DETR: Reader(queries.find_detr, queries.read_detr),
    Family.RTDETR: Reader(queries.find_rtdetr, queries.read_rtdetr),
    Family.YOLO_SEGMENTATION: Reader(dense.find_segmentation, dense.read_segmentation),
    Family.NANODET: Reader(dense.find_nanodet, dense.read_nanodet),
}


def reader_of(family: Family) -> Reader:
    """The reader of a family."""
    return READERS[family]
