"""Files of 50 MB that are no maps are refused at once, and in little memory."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from fleet_manager.adapters.maps import load_campus
from fleet_manager.core.errors import MapFileError

SIZE = 50_000_000
WITHIN_S, WITHIN_MB = 1.0, 200.0
PROGRAM = """
import sys, time
from pathlib import Path
from fleet_manager.adapters.maps import load_campus
from fleet_manager.core.errors import MapFileError

def high_mb():
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(each.split()[1] for each in lines if each.startswith("VmHWM"))) / 1024

before_mb, began_s = high_mb(), time.process_time()
try:
    load_campus(Path(sys.argv[1]))
except MapFileError as error:
    assert error.remedy
    print(time.process_time() - began_s, high_mb() - before_mb)
"""


def repeated(piece: bytes, size: int = SIZE) -> bytes:
    return piece * (size // len(piece) + 1)


def features(feature: bytes) -> bytes:
    head = b'{"type": "FeatureCollection", "campus": {}, "features": ['
    return head + repeated(feature + b",") + feature + b"]}"


NONSENSE: dict[str, Callable[[], bytes]] = {
    "random bytes": lambda: os.urandom(SIZE),
    "zeros": lambda: bytes(SIZE),
    "text": lambda: repeated(b"Lorem ipsum dolor sit amet.\n"),
    "numbers": lambda: b"[" + repeated(b"1.5,") + b"1]",
    "one long string": lambda: b'"' + repeated(b"x") + b'"',
    "deep nesting": lambda: repeated(b"["),
    "unknown features": lambda: features(b'{"type": "Feature", "id": "x"}'),
    "YAML": lambda: repeated(b"- {a: 1}\n"),
    "UTF-16": lambda: "é".encode("utf-16") * (SIZE // 4),
}


@pytest.mark.parametrize("name", NONSENSE)
def test_a_large_file_of_nonsense_is_refused_at_once(name: str, tmp_path: Path) -> None:
    file = tmp_path / "campus.geojson"
    file.write_bytes(NONSENSE[name]())
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(file)], capture_output=True, text=True, check=True
    )
    seconds, megabytes = map(float, done.stdout.split())
    assert seconds < WITHIN_S
    assert megabytes < WITHIN_MB


SMALLER: dict[str, bytes] = {
    "deep nesting": b"[" * 200_000,
    "deep nesting of objects": b'{"a":' * 200_000,
    "a number of a million digits": b"9" * 1_000_000,
    "nothing": b"",
    "a byte order mark": b"\xef\xbb\xbf{}",
    "a zero byte": b'{"type": "\x00"}',
    "not a number": b'{"type": NaN}',
}


@pytest.mark.parametrize("name", SMALLER)
def test_a_small_file_of_nonsense_is_refused(name: str, tmp_path: Path) -> None:
    file = tmp_path / "campus.geojson"
    file.write_bytes(SMALLER[name])
    with pytest.raises(MapFileError) as refused:
        load_campus(file)
    assert str(file) in str(refused.value)
    assert refused.value.remedy


@pytest.fixture
def odd(tmp_path: Path) -> dict[str, Path]:
    """What is no file."""
    pipe, loop = tmp_path / "pipe", tmp_path / "loop"
    os.mkfifo(pipe)
    loop.symlink_to(loop)
    return {"pipe": pipe, "loop": loop, "device": Path("/dev/zero"), "missing": tmp_path / "no"}


@pytest.mark.parametrize("name", ["pipe", "loop", "device", "missing"])
def test_what_is_no_file_is_refused(name: str, odd: dict[str, Path]) -> None:
    with pytest.raises(MapFileError) as refused:
        load_campus(odd[name])
    assert refused.value.remedy
