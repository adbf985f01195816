"""A detector with random weights, of the form and size of those in perception/models.

How long an inference takes does not depend on what the weights are, so the benchmark can be run
before, and beside, any trained model.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import onnx
import yaml
from onnx import TensorProto, helper, numpy_helper

SIZE_PX = 256
WIDTHS = (16, 24, 48, 80, 128)
BLOCKS = (0, 1, 2, 2, 1)
NECK = 48
CLASSES = 9
ROLES = (
    *("person", "person_down", "vehicle", "litter", "spill"),
    *("smoke", "fire", "extinguisher", "door_open"),
)


class Network:
    """Adds layers to a graph; each method returns the name of its output."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def add(self, kind: str, inputs: list[str], **attributes: object) -> str:
        """A node."""
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def constant(self, values: np.ndarray) -> str:
        """Numbers of the graph."""
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(values, name))
        return name

    def conv(self, source: str, ins: int, outs: int, size: int, stride: int = 1) -> str:
        """A convolution without its activation."""
        scale = np.sqrt(2 / (ins * size * size))
        weight = self.constant(
            (self.rng.normal(0, scale, (outs, ins, size, size))).astype(np.float32)
        )
        bias = self.constant(np.zeros(outs, np.float32))
        pad = [size // 2] * 4
        return self.add(
            "Conv", [source, weight, bias], kernel_shape=[size] * 2, strides=[stride] * 2, pads=pad
        )

    def block(self, source: str, width: int) -> str:
        """Two convolutions beside a way past them."""
        inner = self.add("Relu", [self.conv(source, width, width, 3)])
        return self.add("Relu", [self.add("Add", [source, self.conv(inner, width, width, 3)])])


def write_network(folder: Path, seed: int = 1) -> Path:
    """The model and its card in a folder; returns the card's path."""
    net = Network(seed)
    source, width, levels = "images", 3, []
    for number, (wider, blocks) in enumerate(zip(WIDTHS, BLOCKS, strict=True)):
        source = net.add("Relu", [net.conv(source, width, wider, 3, 2)])
        width = wider
        for _ in range(blocks):
            source = net.block(source, width)
        if number >= 2:
            levels.append(net.add("Relu", [net.conv(source, width, NECK, 1)]))
    for place in (1, 0):
        scales = net.constant(np.asarray([1, 1, 2, 2], np.float32))
        nothing = net.constant(np.zeros(0, np.float32))
        larger = net.add("Resize", [levels[place + 1], nothing, scales], mode="nearest")
        joined = net.add("Add", [levels[place], larger])
        levels[place] = net.add("Relu", [net.conv(joined, NECK, NECK, 3)])
    flat = net.constant(np.asarray([1, 4 + CLASSES, -1], np.int64))
    outputs = []
    for level in levels:
        inner = net.add("Relu", [net.conv(level, NECK, NECK, 3)])
        outputs.append(net.add("Reshape", [net.conv(inner, NECK, 4 + CLASSES, 1), flat]))
    joined = net.add("Concat", outputs, axis=2)
    parts = net.constant(np.asarray([4, CLASSES], np.int64))
    net.nodes.append(helper.make_node("Split", [joined, parts], ["boxes", "logits"], axis=1))
    # Twenty of the 1,344 anchors show something, as on a busy picture.
    cells = sum((SIZE_PX // stride) ** 2 for stride in (8, 16, 32))
    shown = np.full((1, CLASSES, cells), -5, np.float32)
    shown[0, net.rng.integers(0, CLASSES, 20), net.rng.choice(cells, 20, replace=False)] = 1
    small = net.add("Tanh", ["logits"])
    scores = net.add("Sigmoid", [net.add("Add", [small, net.constant(shown)])])
    sized = net.add("Abs", [net.add("Mul", ["boxes", net.constant(np.float32(60))])])
    net.nodes.append(helper.make_node("Concat", [sized, scores], ["output0"], axis=1))
    graph = helper.make_graph(
        net.nodes,
        "network",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, SIZE_PX, SIZE_PX])],
        [helper.make_tensor_value_info("output0", TensorProto.FLOAT, [1, 4 + CLASSES, cells])],
        net.weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    path = folder / "network.onnx"
    path.write_bytes(model.SerializeToString())
    return write_card(path)


def write_card(model: Path) -> Path:
    """A card beside a model of this form; returns its path."""
    card = {
        "card_version": 1,
        "name": f"{model.stem}, random weights",
        "model": model.name,
        "sha256": hashlib.sha256(model.read_bytes()).hexdigest(),
        "family": "yolov8",
        "input": {"size": [SIZE_PX, SIZE_PX], "fit": "letterbox"},
        "classes": list(ROLES),
        "roles": {role: role for role in ROLES},
        "thresholds": {"default": 0.4},
        "licence": "Apache-2.0",
        "training_domain": "none",
    }
    path = model.with_suffix(".yaml")
    path.write_text(yaml.safe_dump(card, sort_keys=False))
    return path


def write_int8(card: Path) -> Path:
    """The model of a card in eight bits, quantised as the shipped ones are; its card's path."""
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Noise(CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            rng = np.random.default_rng(2)
            shape = (1, 3, SIZE_PX, SIZE_PX)
            self.left = iter([rng.random(shape, np.float32) for _ in range(4)])

        def get_next(self) -> dict[str, np.ndarray] | None:
            picture = next(self.left, None)
            return None if picture is None else {"images": picture}

    source = card.with_suffix(".onnx")
    prepared, target = source.with_name("prepared.onnx"), source.with_name("network_int8.onnx")
    quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
    quantize_static(
        str(prepared),
        str(target),
        Noise(),
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        op_types_to_quantize=["Conv", "Add", "Resize", "MaxPool"],
    )
    return write_card(target)
