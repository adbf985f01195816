"""Opens a model with the execution provider that is there, once a process, and without spinning."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from threading import Lock

import onnxruntime as ort
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from perception.errors import ModelDamaged, ModelUnsupported, ProviderUnavailable
from perception.runtime.decode.signature import Signature, Tensor
from perception.runtime.model_file import ModelFile

log = logging.getLogger(__name__)

PROVIDERS = ("CUDAExecutionProvider", "CPUExecutionProvider")
"""In order of preference, where a caller names none."""

FAILURES = (
    ort_errors.Fail,
    ort_errors.InvalidArgument,
    ort_errors.InvalidGraph,
    ort_errors.InvalidProtobuf,
    ort_errors.NotImplemented,
    ort_errors.RuntimeException,
    ort_errors.EPFail,
)
"""What onnxruntime raises; its errors have no common class."""

_sessions: dict[tuple[str, tuple[str, ...], int], ort.InferenceSession] = {}
_lock = Lock()


def session_options(threads: int = 1) -> ort.SessionOptions:
    """Options for a robot's computer.

    Threads of onnxruntime spin while they wait for the next picture: at 5 Hz that takes four
    times the CPU of the inference itself. One thread that does not spin is also the fastest for
    models of this size where cores are shared.
    """
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    options.log_severity_level = 3
    return options


def open_session(
    file: ModelFile, providers: Sequence[str] = PROVIDERS, threads: int = 1
) -> ort.InferenceSession:
    """A session of the model; the same model, asked for alike, is opened once a process.

    A session takes calls from several threads at once, so that robots of one host share it.

    Raises:
        ProviderUnavailable: none of the providers is on this computer.
        ModelDamaged: onnxruntime cannot read the model.
        ModelUnsupported: its opset or operators are not known here.
    """
    available = ort.get_available_providers()
    usable = tuple(each for each in providers if each in available)
    if not usable:
        raise ProviderUnavailable(
            f"none of {', '.join(providers)} is on this computer",
            f"here are {', '.join(available)}",
        )
    key = (file.sha256, usable, threads)
    with _lock:
        if key not in _sessions:
            _sessions[key] = _opened(file, usable, threads)
        session = _sessions[key]
    used, asked = session.get_providers()[0], ", ".join(providers)
    log.info("%s runs on %s (asked for: %s)", file.path.name, used, asked)
    return session


def _opened(file: ModelFile, providers: Sequence[str], threads: int) -> ort.InferenceSession:
    try:
        return ort.InferenceSession(
            file.content, sess_options=session_options(threads), providers=list(providers)
        )
    except FAILURES as error:
        text = str(error).splitlines()[0]
        if isinstance(error, ort_errors.NotImplemented) or "opset" in text.lower():
            raise ModelUnsupported(
                f"{file.path} (opset {file.opset}) cannot be run here: {text}",
                "export it with an opset of 17 to 21 and standard operators",
            ) from error
        raise ModelDamaged(
            f"{file.path} is no model that can be run: {text}", "export the model again"
        ) from error


def signature_of(session: ort.InferenceSession) -> Signature:
    """What a session takes and gives; named dimensions may have any size."""

    def tensors(arguments: Sequence[ort.NodeArg]) -> dict[str, Tensor]:
        return {
            each.name: Tensor(
                tuple(size if isinstance(size, int) else None for size in each.shape or ()),
                each.type,
            )
            for each in arguments
        }

    metadata = session.get_modelmeta().custom_metadata_map
    return Signature(tensors(session.get_inputs()), tensors(session.get_outputs()), dict(metadata))
