"""Looks at a model file before it is given to the runtime: is it whole, is it the right one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from perception.errors import ModelDamaged

_IR_VERSION, _GRAPH, _OPSET_IMPORT = 1, 7, 8
"""Numbers of ModelProto's fields (onnx.proto)."""


@dataclass(frozen=True)
class ModelFile:
    """What the file of a model says of itself.

    Attributes:
        opset: version of the standard operators that it is made of.
    """

    path: Path
    content: bytes
    sha256: str
    opset: int


def read_model_file(path: Path) -> ModelFile:
    """A model file, whole.

    Raises:
        ModelDamaged: it is missing, cut off, or no ONNX model.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        remedy = "put the model beside its card"
        raise ModelDamaged(f"{path} cannot be read: {error.strerror}", remedy) from error
    remedy = "copy or export the model again"
    opset, graph = 0, False
    try:
        for number, value in _fields(content):
            graph = graph or (number == _GRAPH and isinstance(value, memoryview))
            if number == _OPSET_IMPORT and isinstance(value, memoryview):
                imported = dict(_fields(value))
                domain, version = imported.get(1, b""), imported.get(2, 0)
                standard = isinstance(domain, int) or bytes(domain) in (b"", b"ai.onnx")
                if standard and isinstance(version, int):
                    opset = version
    except (ValueError, IndexError) as error:
        problem = f"{path} is cut off or no ONNX model ({len(content)} bytes)"
        raise ModelDamaged(problem, remedy) from error
    if not graph or not opset:
        raise ModelDamaged(f"{path} is no ONNX model: it has no graph or no opset", remedy)
    return ModelFile(path, content, hashlib.sha256(content).hexdigest(), opset)


def _fields(content: bytes | memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Fields of a protobuf message: number and value (protobuf.dev, "Encoding").

    Raises:
        ValueError, IndexError: it ends within a field, or is no message.
    """
    view, place = memoryview(content), 0
    while place < len(view):
        key, place = _varint(view, place)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, place = _varint(view, place)
            yield number, value
            continue
        if wire == 2:
            size, place = _varint(view, place)
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
        else:
            raise ValueError("no wire type")
        if number == 0 or place + size > len(view):
            raise ValueError("ends within a field")
        yield number, view[place : place + size]
        place += size


def _varint(view: memoryview, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = view[place]
        value |= (byte & 0x7F) << shift
        place += 1
        if byte < 0x80:
            return value, place
        shift += 7
        if shift > 63:
            raise ValueError("no number")
