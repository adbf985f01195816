"""Serves the built dashboard under /app/, or says how to build it."""

from __future__ import annotations

import mimetypes
from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

import fleet_manager
from fleet_manager.adapters.http.compressed import Packed, packed

DIST = Path(fleet_manager.__file__).parent / "dashboard" / "dist"
POLICY = "; ".join(
    (
        "default-src 'self'",
        "style-src 'self' 'unsafe-inline'",  # the component library writes style elements
        "img-src 'self' data: blob:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
IMMUTABLE = "public, max-age=31536000, immutable"  # vite puts a hash into the names of assets
TEXTS = frozenset({".html", ".js", ".css", ".svg", ".json"})
NOT_BUILT = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Campus Fleet</title>
<h1>The dashboard is not built</h1>
<p>Build it with <code>npm ci &amp;&amp; npm run build</code> in
<code>fleet_manager/dashboard</code>, then reload this page. <code>make run</code> does so by
itself.</p>
<p>The API is at <a href="/docs">/docs</a>.</p>
</html>
"""


def dashboard_router(dist: Path = DIST) -> APIRouter:
    """Routes of the dashboard.

    Args:
        dist: folder of the build; looked at with each request.
    """
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    async def root() -> RedirectResponse:
        return RedirectResponse("/app/")

    @router.get("/app")
    async def without_slash() -> RedirectResponse:
        return RedirectResponse("/app/")

    @router.api_route("/app/{path:path}", methods=["GET", "HEAD"])
    async def page(request: Request, path: str) -> Response:
        return _answer(dist, path, request)

    return router


def _answer(dist: Path, path: str, request: Request) -> Response:
    """A file of the build; for any page of the app its index.

    Raises:
        HTTPException: a file that the build does not have.
    """
    index = dist / "index.html"
    if not index.is_file():
        return HTMLResponse(NOT_BUILT, headers={**HEADERS, "Cache-Control": "no-store"})
    file = _inside(dist, path)
    if file is not None:
        kept = IMMUTABLE if path.startswith("assets/") else "no-cache"
        return _sent(file, kept, request)
    if path.startswith("assets/"):
        raise HTTPException(404, "the build of the dashboard has no such file")
    return _sent(index, "no-cache", request)


def _sent(file: Path, kept: str, request: Request) -> Response:
    headers = {**HEADERS, "Cache-Control": kept}
    media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    if file.suffix not in TEXTS:
        return FileResponse(file, headers=headers)
    return _packed(file, file.stat().st_mtime_ns).answer(request, media_type, headers)


@lru_cache(maxsize=128)
def _packed(file: Path, _changed_ns: int) -> Packed:
    """A file of the build as it was at a time, read and compressed once."""
    return packed(file.read_bytes())


def _inside(dist: Path, path: str) -> Path | None:
    """The file of the build at a path; None where there is none, or it lies outside."""
    if "\0" in path:
        return None
    try:
        file = (dist / path).resolve()
        found = file.is_relative_to(dist.resolve()) and file.is_file()
    except OSError:
        return None
    return file if found else None
