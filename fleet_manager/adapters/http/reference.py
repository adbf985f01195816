"""The API's own reference at /docs, without a request to any other host or a script in the page."""

from __future__ import annotations

from html import escape
from pathlib import Path

import fastapi_offline
from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.exceptions import HTTPException

ASSETS = Path(fastapi_offline.__file__).parent / "static"
FOLDER = "/docs/assets"
NAMES = frozenset({"swagger-ui-bundle.js", "swagger-ui.css", "favicon.png"})
START = "start.js"
SCRIPT = """SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIBundle.SwaggerUIStandalonePreset],
  layout: "BaseLayout",
});
"""
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} – API</title>
<link rel="stylesheet" href="{folder}/swagger-ui.css">
<link rel="icon" href="{folder}/favicon.png">
</head><body><div id="swagger-ui"></div>
<script src="{folder}/swagger-ui-bundle.js"></script>
<script src="{folder}/{start}"></script>
</body></html>
"""
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)


def reference_router(title: str) -> APIRouter:
    """Routes of the reference, made by Swagger UI from the OpenAPI document."""
    router = APIRouter(include_in_schema=False)

    @router.get("/docs")
    async def page() -> HTMLResponse:
        text = PAGE.format(title=escape(title), folder=FOLDER, start=START)
        return HTMLResponse(text, headers={"Content-Security-Policy": POLICY})

    @router.get(f"{FOLDER}/{{name}}")
    async def asset(name: str) -> Response:
        if name == START:
            return Response(SCRIPT, media_type="text/javascript")
        if name not in NAMES:
            raise HTTPException(404, f"no file {name!r} in the reference")
        return FileResponse(ASSETS / name)

    return router
