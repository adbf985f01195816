"""Tiny ONNX models whose outputs are given, whatever picture they see."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import yaml
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Arrays = Mapping[str, NDArray[Any]]
CLASSES = ("walker", "fallen", "puddle")
ROLES = {"walker": "person", "fallen": "person_down", "puddle": "spill"}


def constant_model(
    outputs: Arrays,
    size: tuple[int, int] = (256, 320),
    *,
    metadata: Mapping[str, str] | None = None,
    target_sizes: bool = False,
    opset: int = 17,
    dtype: int = TensorProto.FLOAT,
    batch: int | str = 1,
) -> onnx.ModelProto:
    """A model that gives the outputs; the picture's mean, times nothing, is added to the first.

    NaN and infinity in the outputs come through.
    """
    picture = helper.make_tensor_value_info("images", dtype, [batch, 3, *size])
    inputs = [picture]
    nodes = [
        helper.make_node("Cast", ["images"], ["as_float"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["as_float"], ["mean"], keepdims=0),
        helper.make_node("Mul", ["mean", "nothing"], ["no_mean"]),
    ]
    weights = [numpy_helper.from_array(np.float32(0), "nothing")]
    if target_sizes:
        inputs.append(helper.make_tensor_value_info("orig_target_sizes", TensorProto.INT64, [1, 2]))
        # Boxes of RT-DETR come in parts here and are scaled in the graph, as its export does.
        nodes.append(helper.make_node("Cast", ["orig_target_sizes"], ["wh"], to=TensorProto.FLOAT))
        nodes.append(helper.make_node("Concat", ["wh", "wh"], ["whwh"], axis=1))
    values = []
    for name, array in outputs.items():
        weights.append(numpy_helper.from_array(array, f"{name}_given"))
        kind = helper.np_dtype_to_tensor_dtype(array.dtype)
        values.append(helper.make_tensor_value_info(name, kind, array.shape))
        given = f"{name}_given"
        if target_sizes and name == "boxes":
            nodes.append(helper.make_node("Mul", [given, "whwh"], [f"{name}_scaled"]))
            given = f"{name}_scaled"
        if array.dtype == np.float32:
            nodes.append(helper.make_node("Add", [given, "no_mean"], [name]))
        else:
            nodes.append(helper.make_node("Identity", [given], [name]))
    graph = helper.make_graph(nodes, "given", inputs, values, weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    helper.set_model_props(model, dict(metadata or {}))
    return model


def card_of(content: bytes, size: tuple[int, int] = (256, 320), **changes: Any) -> dict[str, Any]:
    """A card for a model; `changes` replace its entries, None takes one out."""
    card: dict[str, Any] = {
        "card_version": 1,
        "name": "given",
        "model": "given.onnx",
        "sha256": hashlib.sha256(content).hexdigest(),
        "input": {"size": list(size), "fit": "letterbox"},
        "classes": list(CLASSES),
        "roles": dict(ROLES),
        "thresholds": {"default": 0.4},
        "licence": "Apache-2.0",
        "training_domain": "none",
    }
    card.update(changes)
    return {key: value for key, value in card.items() if value is not None}


def saved(folder: Path, model: onnx.ModelProto | bytes, **changes: Any) -> Path:
    """A model with its card in a folder; the card's path."""
    content = model if isinstance(model, bytes) else model.SerializeToString()
    (folder / "given.onnx").write_bytes(content)
    path = folder / "given.yaml"
    path.write_text(yaml.safe_dump(card_of(content, **changes), sort_keys=False))
    return path
