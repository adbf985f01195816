"""Valid inputs changed at random, for every file and stored payload that the manager reads.

Whatever comes of a change, the reader says what is wrong with the error that it promises, or takes
it; it neither crashes nor hangs. A share runs in the tests, a hundred thousand by
`make soak ARGS=fuzz`.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from fleet_manager.adapters.maps import (
    load_campus,
    load_fleet,
    load_programmes,
    load_schedules,
)
from fleet_manager.app.fleet_gate import FleetGate
from fleet_manager.core import events as e
from fleet_manager.core.commands import StartManager, SubmitTask
from fleet_manager.core.errors import CampusFleetError
from fleet_manager.core.order import Order
from perception.errors import PerceptionError
from perception.runtime.card import load_card

ROOT = Path(__file__).resolve().parents[2]
MAP_DIR = ROOT / "maps" / "canalside"
HANGS_AFTER_S = 20.0
"""Of processor time: a map of a whole campus takes a tenth of a second."""
ORDER = (
    b'{"robot":"r1","order_id":"o1","order_update_id":3,"map_id":"c","map_version":"0","nodes":'
    b'[{"node_id":"a","sequence_id":0,"released":true,"x_m":1.0,"y_m":2.0,"level":"ground"}],'
    b'"edges":[]}'
)
HEAVY = frozenset({"campus.geojson"})
"""Takes a hundred times as long as the others: one in so many."""
PIECES = (
    *(b"null", b"true", b"-1", b"1e999", b"NaN", b".nan", b".inf", b"[]", b"{}", b'""', b"\x00"),
    *(b"\xff\xfe", b"9" * 40, b"-0.0", b"*a", b"&a", b"<<: ", b"!!python/object:os.system", b"\n"),
    *("²".encode(), b"../../etc/passwd", b"- ", b": ", b"[" * 300, b"2026-02-30", b"25:61"),
)


@dataclass(frozen=True)
class Way:
    """A way in.

    Attributes:
        samples: of what is valid.
        read: takes bytes.
        promised: errors that it may raise.
    """

    samples: Sequence[bytes]
    read: Callable[[bytes], object]
    promised: tuple[type[Exception], ...]


def changed(data: bytes, chance: random.Random) -> bytes:
    """A few changes: bytes turned, pieces cut, doubled, swapped or put in."""
    found = bytearray(data)
    for _ in range(chance.choice([1, 1, 2, 4, 16])):
        at = chance.randrange(len(found) + 1)
        end = min(len(found), at + chance.choice([1, 4, 32, 256]))
        match chance.randrange(5):
            case 0 if at < len(found):
                found[at] ^= 1 << chance.randrange(8)
            case 1:
                del found[at:end]
            case 2:
                found[at:at] = found[at:end]
            case 3:
                found[at:end] = chance.choice(PIECES)
            case _:
                found[at:at] = chance.choice(PIECES)
    return bytes(found)


@cache
def ways() -> dict[str, Way]:
    """All ways in, by name."""
    campus = load_campus(MAP_DIR)
    fleet = load_fleet(MAP_DIR / "fleet.yaml", campus)
    gate = FleetGate(campus, fleet)
    state, events = gate.initial(), []
    for command in (
        StartManager(1),
        SubmitTask("patrol", {"places": ["library", "canteen"], "rounds": 2}),
        SubmitTask("clean", {"zone": "plaza_a_west"}),
    ):
        for event in gate.decide(state, command, 1_800_000_000.0):
            gate.apply(state, event)
            events.append(e.encode(event).encode())
    folder = Path(tempfile.mkdtemp(prefix="campus-fleet-fuzz-"))

    def file(name: str, load: Callable[[Path], object]) -> Callable[[bytes], object]:
        def read(data: bytes) -> object:
            path = folder / name
            path.write_bytes(data)
            return load(path)

        return read

    def of_map(name: str) -> list[bytes]:
        return [(ROOT / "maps" / site / name).read_bytes() for site in ("canalside", "xixi")]

    def snapshot(data: bytes) -> object:
        return gate.thawed(data)

    def whole_map(path: Path) -> object:
        return load_campus(path.parent)

    stored = (msgspec.MsgspecError, CampusFleetError, UnicodeDecodeError)
    fleets, schedules = of_map("fleet.yaml"), of_map("schedule.yaml")
    refused = (CampusFleetError,)
    models = [(ROOT / "perception" / "models" / "campus.yaml").read_bytes()]
    return {
        "event of the log": Way(events, lambda data: e.decode(data.decode()), stored),
        "snapshot": Way([gate.frozen(state)()], snapshot, (*stored, KeyError)),
        "order of the outbox": Way([ORDER], msgspec.json.Decoder(Order).decode, stored),
        "fleet.yaml": Way(fleets, file("fleet.yaml", load_fleet), refused),
        "schedule.yaml": Way(
            schedules[:1], file("schedule.yaml", lambda path: load_schedules(path, campus)), refused
        ),
        "programmes": Way(
            schedules[:1], file("programme.yaml", lambda p: load_programmes(p, campus)), refused
        ),
        "campus.geojson": Way(
            [(MAP_DIR / "campus.geojson").read_bytes()], file("campus.geojson", whole_map), refused
        ),
        "model card": Way(models, file("card.yaml", load_card), (PerceptionError,)),
    }


def fuzz(seed: int, inputs: int) -> dict[str, Any]:
    """Feed inputs to all ways; `problems` holds what nobody promised, with how to have it again."""
    chance = random.Random(seed)
    known = ways()
    names = [name for name in known for _ in range(1 if name in HEAVY else 40)]
    counts: Counter[str] = Counter()
    problems = []
    for number in range(inputs):
        name = chance.choice(names)
        way = known[name]
        data = changed(chance.choice(way.samples), chance)
        began_s = time.process_time()
        try:
            way.read(data)
            counts[f"{name}: taken"] += 1
        except way.promised:
            counts[f"{name}: refused"] += 1
        except Exception as error:
            told = f"{type(error).__name__}: {error}"[:200]
            problems.append(f"seed {seed}, input {number}, {name}: {told}")
        if time.process_time() - began_s > HANGS_AFTER_S:
            problems.append(f"seed {seed}, input {number}, {name}: it takes too long")
    return {"problems": problems, "inputs": inputs, **dict(sorted(counts.items()))}
