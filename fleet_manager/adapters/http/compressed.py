"""Large answers, compressed once and sent as often as they are asked for."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

LEVEL = 6


@dataclass(frozen=True, slots=True)
class Packed:
    """A body as it is and compressed by gzip, with what it is recognised by.

    Attributes:
        tag: of the plain body; an entity tag names the coding too (RFC 9110, section 8.8.3.3).
    """

    plain: bytes
    gzipped: bytes
    tag: str

    def answer(self, request: Request, media_type: str, headers: Mapping[str, str]) -> Response:
        """The answer to a request: compressed where it may be; 304 where it has it already."""
        zipped = takes_gzip(request)
        etag = f'"{self.tag}-gzip"' if zipped else f'"{self.tag}"'
        told = {**headers, "ETag": etag, "Vary": "Accept-Encoding"}
        given = request.headers.get("if-none-match", "").split(",")
        if {each.strip().removeprefix("W/") for each in given} & {etag, "*"}:
            return Response(status_code=304, headers=told)
        if zipped:
            told["Content-Encoding"] = "gzip"
        return Response(self.gzipped if zipped else self.plain, media_type=media_type, headers=told)


def packed(body: bytes) -> Packed:
    """A body made ready; takes about 25 ms a megabyte."""
    tag = hashlib.sha256(body).hexdigest()[:16]
    return Packed(body, gzip.compress(body, LEVEL, mtime=0), tag)


def takes_gzip(request: Request) -> bool:
    """Whether who asks can read gzip (RFC 9110, section 12.5.3)."""
    for each in request.headers.get("accept-encoding", "").split(","):
        coding, _, weight = each.strip().partition(";")
        if coding.strip().lower() in ("gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
