"""The API's own reference at /docs, without a request to any other host."""

from __future__ import annotations

from pathlib import Path

import fastapi_offline
from fastapi import APIRouter
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import FileResponse, HTMLResponse
from starlette.exceptions import HTTPException

ASSETS = Path(fastapi_offline.__file__).parent / "static"
FOLDER = "/docs/assets"
NAMES = frozenset({"swagger-ui-bundle.js", "swagger-ui.css", "favicon.png"})


def reference_router(title: str) -> APIRouter:
    """Routes of the reference, made by Swagger UI from the OpenAPI document."""
    router = APIRouter(include_in_schema=False)

    @router.get("/docs")
    async def page() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url="/openapi.json",
            title=title,
            swagger_js_url=f"{FOLDER}/swagger-ui-bundle.js",
            swagger_css_url=f"{FOLDER}/swagger-ui.css",
            swagger_favicon_url=f"{FOLDER}/favicon.png",
        )

    @router.get(f"{FOLDER}/{{name}}")
    async def asset(name: str) -> FileResponse:
        if name not in NAMES:
            raise HTTPException(404, f"no file {name!r} in the reference")
        return FileResponse(ASSETS / name)

    return router
