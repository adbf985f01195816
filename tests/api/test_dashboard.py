"""The built dashboard under /app/: files, pages of the app, headers; a word where it is missing."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from fleet_manager.adapters.http.dashboard import dashboard_router
from fleet_manager.adapters.http.problems import add_problems
from fleet_manager.adapters.http.reference import reference_router

pytestmark = pytest.mark.anyio


@pytest.fixture
def http(tmp_path: Path) -> httpx.AsyncClient:
    """A client of the dashboard whose build is in the folder `dist`."""
    app = FastAPI()
    add_problems(app)
    app.include_router(dashboard_router(tmp_path / "dist"))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost")


def build(folder: Path) -> None:
    (folder / "dist" / "assets").mkdir(parents=True)
    (folder / "dist" / "index.html").write_text("<title>index</title>")
    (folder / "dist" / "assets" / "main-1a2b.js").write_text("let x;")
    (folder / "secret.txt").write_text("secret")


async def test_pages_of_the_app_get_the_index_and_assets_are_kept(
    http: httpx.AsyncClient, tmp_path: Path
) -> None:
    build(tmp_path)
    root = await http.get("/")
    assert root.headers["location"] == "/app/"
    for path in ("/app/", "/app/robots/security_1"):
        page = await http.get(path)
        assert "index" in page.text
        assert page.headers["cache-control"] == "no-cache"
        policy = page.headers["content-security-policy"].split("; ")
        assert {"default-src 'self'", "frame-ancestors 'none'"} <= set(policy)
        assert not any(rule.startswith("script-src") for rule in policy)
        assert page.headers["x-content-type-options"] == "nosniff"
    asset = await http.get("/app/assets/main-1a2b.js")
    assert "immutable" in asset.headers["cache-control"]
    assert asset.headers["content-type"].startswith("text/javascript")
    assert (await http.get("/app/assets/main-old.js")).status_code == 404


@pytest.mark.parametrize("path", ["/app/..%2Fsecret.txt", "/app/%2Fetc%2Fpasswd", "/app/a%00b"])
async def test_nothing_beside_the_build_is_served(
    http: httpx.AsyncClient, tmp_path: Path, path: str
) -> None:
    build(tmp_path)
    assert "index" in (await http.get(path)).text


async def test_without_a_build_it_says_how_to_make_one(http: httpx.AsyncClient) -> None:
    page = await http.get("/app/")
    assert "npm run build" in page.text


async def test_the_reference_needs_no_other_host() -> None:
    app = FastAPI(docs_url=None)
    add_problems(app)
    app.include_router(reference_router("Campus Fleet"))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
        page = (await http.get("/docs")).text
        links = re.findall(r'(?:src|href)="([^"]+)"', page)
        assert links
        for link in links:
            assert link.startswith("/docs/assets/"), link
            assert (await http.get(link)).status_code == httpx.codes.OK
        missing = await http.get("/docs/assets/secret")
        assert missing.status_code == httpx.codes.NOT_FOUND
