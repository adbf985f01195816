"""Reads the outputs of eight families of detectors; one module for what is read alike."""

from perception.runtime.decode.choose import choose_family
from perception.runtime.decode.families import Reader, reader_of
from perception.runtime.decode.signature import Decoded, Signature, Tensor

__all__ = ["Decoded", "Reader", "Signature", "Tensor", "choose_family", "reader_of"]
