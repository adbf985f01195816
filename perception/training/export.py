"""Exports a trained network: ONNX in float, and in int8 with its decode tail left in float."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from perception.scenes.scene import ROLES
from perception.training.configuration import Configuration
from perception.training.network import Detector, all_centres, cell_centres

OPSET = 17
INPUT, OUTPUT = "images", "output0"
FLOAT = re.compile(r"/heads\.\d/.*/Conv$")
QUANTISED = ["Conv"]


def _pixels(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """[1, 3, h, w] from 0 to 1 of a picture [h, w, 3]."""
    return np.asarray(image.transpose(2, 0, 1)[None], np.float32) / np.float32(255)


class Exported(nn.Module):
    """The network as its users see it: [1, 4 + classes, anchors], pixel cxcywh and scores."""

    def __init__(self, network: Detector, size: tuple[int, int]) -> None:
        super().__init__()
        self.network = network
        centres, strides = all_centres(size, torch.device("cpu"))
        self.register_buffer("centres", centres.T[None].contiguous())
        self.register_buffer("strides", strides[None, None])

    def forward(self, images: Tensor) -> Tensor:
        levels = self.network.raw(images)
        logits = torch.cat([classes.flatten(2) for classes, _ in levels], 2)
        sides = torch.cat([sides.flatten(2) for _, sides in levels], 2)
        sides = nn.functional.softplus(sides) * self.strides * 2
        low, high = self.centres - sides[:, :2], self.centres + sides[:, 2:]
        return torch.cat([(low + high) / 2, high - low, logits.sigmoid()], 1)


def load_average(configuration: Configuration, checkpoint: Path) -> tuple[Detector, int]:
    """The averaged weights of a checkpoint, and its step."""
    network = Detector(configuration.architecture, len(ROLES))
    content: dict[str, Any] = torch.load(checkpoint, weights_only=True)
    network.load_state_dict(content["average"])
    return network.eval(), int(content["step"])


def export_float(network: Detector, size: tuple[int, int], path: Path) -> None:
    """Write the float model."""
    import onnx

    path.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        Exported(network, size).eval(),
        (torch.zeros(1, 3, *size),),
        str(path),
        input_names=[INPUT],
        output_names=[OUTPUT],
        opset_version=OPSET,
        dynamo=False,
    )
    model = onnx.load(str(path))
    model.producer_name, model.producer_version = "campus-fleet", ""
    entries = {
        "names": repr(dict(enumerate(ROLES))),
        "task": "detect",
        "stride": "32",
        "imgsz": repr(list(size)),
    }
    for key, value in entries.items():
        entry = model.metadata_props.add()
        entry.key, entry.value = key, value
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def export_int8(path: Path, target: Path, pictures: NDArray[np.uint8]) -> None:
    """Write the int8 model: static QDQ, per channel, ranges from pictures [n, h, w, 3].

    All operators in int8 cost .15 of mAP, and sums, pools and resizing .024 of it: convolutions
    before the heads alone are in int8.
    """
    import onnx
    from onnxruntime.quantization import (
        CalibrationDataReader,
        CalibrationMethod,
        QuantFormat,
        QuantType,
        quantize_static,
    )
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Reader(CalibrationDataReader):
        def __init__(self) -> None:
            self.rest = iter(pictures)

        def get_next(self) -> dict[str, NDArray[np.float32]] | None:
            image = next(self.rest, None)
            if image is None:
                return None
            return {INPUT: _pixels(image)}

    prepared = target.with_suffix(".prepared.onnx")
    quant_pre_process(str(path), str(prepared), skip_symbolic_shape=True)
    heads = [node.name for node in onnx.load(str(prepared)).graph.node if FLOAT.search(node.name)]
    quantize_static(
        str(prepared),
        str(target),
        Reader(),
        quant_format=QuantFormat.QDQ,
        op_types_to_quantize=QUANTISED,
        per_channel=True,
        reduce_range=True,  # without VNNI, 8-bit weights overflow sums of 16 bits
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        calibrate_method=CalibrationMethod.MinMax,
        nodes_to_exclude=heads,
    )
    prepared.unlink()
    model, source = onnx.load(str(target)), onnx.load(str(path))
    del model.metadata_props[:]
    model.metadata_props.extend(source.metadata_props)
    onnx.save(model, str(target))


__all__ = ["Exported", "cell_centres", "export_float", "export_int8", "load_average"]
