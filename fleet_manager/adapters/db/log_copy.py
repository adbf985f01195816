"""A second copy of the log, in plain lines beside the database or on another disk.

SQLite notices a page that the disk has changed, but cannot mend it. The copy has what was
committed: events, outbox, maps; a line a transaction, each with its checksum. It is written after
the commit and without waiting for the disk: what a power cut takes from its end is taken from the
database again when that is opened.
"""

from __future__ import annotations

import gzip
import json
import os
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import astuple
from io import BufferedWriter
from pathlib import Path
from typing import Any

from fleet_manager.ports import (
    Batch,
    EventRecord,
    MapRow,
    OutboxEntry,
    OutboxKind,
    StoreDamaged,
)

SEGMENT_BYTES = 32_000_000
PLAIN, PACKED = ".log", ".log.gz"
AUDIT = b'"audit'
"""In every line that tells of the audit trail."""
REMEDY = "restore a backup with `fleet restore`"


class LogCopy:
    """Segments `000000000001.log`, named after the first event in them; older ones are packed.

    Attributes:
        last_seq: of the last event in it; 0: it is empty.
        last_time_s: its fleet time.
        epoch: of the manager that wrote it last; after `batches`.
        audit_seq: of the last entry of the audit trail in it.
        beside: rows of tables beside the log, as they were written; after `batches`.
        has_full_segments: that `pack` has not seen.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.last_seq = 0
        self.last_time_s: float | None = None
        self.epoch = 0
        self.audit_seq = 0
        self.has_full_segments = False
        self.beside: list[dict[str, list[list[Any]]]] = []
        self._file: BufferedWriter | None = None

    def open(self) -> None:
        """Read where it ends; half a line at the end is cut off.

        Raises:
            OSError: the folder cannot be written.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self.last_seq, self.last_time_s, self.audit_seq = 0, None, 0
        audit_known = False
        for segment in reversed(self._segments()):
            if segment.name.endswith(PLAIN):
                _cut_torn_line(segment)
            for text in _lines_from_the_end(segment):
                if self.last_seq and AUDIT not in text:
                    continue
                line = _read(text)
                if line is None:
                    continue
                if not self.last_seq and line["events"]:
                    self.last_seq, self.last_time_s = line["events"][-1][:2]
                audit = line.get("beside", {}).get("audit")
                if not audit_known and (audit or "audit_seq" in line):
                    self.audit_seq = audit[-1][0] if audit else line["audit_seq"]
                    audit_known = True
                if self.last_seq and audit_known:
                    return

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever written to it."""
        return not self._segments()

    def put_aside(self) -> None:
        """Begin anew; what is there is of another database, and kept under another name."""
        self.close()
        self.folder.rename(free_name(self.folder.with_name(self.folder.name + ".other")))
        self.open()

    def append(self, batch: Batch) -> None:
        """Write what a transaction has written; telemetry and read models are left out.

        Raises:
            OSError: it could not be; `last_seq` says what is there.
        """
        if not (batch.events or batch.outbox or batch.settled or batch.maps):
            return
        document = {
            "events": [astuple(each) for each in batch.events],
            "outbox": [astuple(each) for each in batch.outbox],
            "settled": batch.settled,
            "maps": [_map_row(each) for each in batch.maps],
        }
        self._write(document)
        if batch.events:
            self.last_seq, self.last_time_s = batch.events[-1].seq, batch.events[-1].time_s

    def begin(self, epoch: int, entries: Sequence[OutboxEntry], audit_seq: int) -> None:
        """Write that a manager begins, and what the outbox is, whatever was told of it before.

        Raises:
            OSError: it could not be.
        """
        outbox = [astuple(each) for each in entries]
        begun = {"events": [], "epoch": epoch, "outbox_is": outbox, "audit_seq": audit_seq}
        self._write(begun)

    def append_beside(self, rows: dict[str, list[list[Any]]]) -> None:
        """Write rows of tables beside the log.

        Raises:
            OSError: it could not be.
        """
        self._write({"events": [], "beside": rows})
        for row in rows.get("audit", ()):
            self.audit_seq = row[0]

    def batches(self) -> Iterator[tuple[Batch, int]]:
        """All of it in order, with the event it was written after; `epoch` is known after it.

        Raises:
            StoreDamaged: the copy is not whole either.
        """
        outbox: dict[str, tuple[OutboxEntry, int]] = {}
        self.beside = []
        expected = 1
        for segment in self._segments():
            for line in _lines(segment):
                events = [EventRecord(*each) for each in line["events"]]
                if events and events[0].seq != expected:
                    raise StoreDamaged(f"{segment}: event {expected} is missing", REMEDY)
                expected += len(events)
                self.epoch = line.get("epoch", self.epoch)
                if "beside" in line:
                    self.beside.append(line["beside"])
                _keep_outbox(outbox, line, expected - 1)
                maps = [_map_of(each) for each in line.get("maps", ())]
                yield Batch(events=events, maps=maps), expected - 1
        for entry, seq in outbox.values():
            yield Batch(outbox=[entry]), seq

    def close(self) -> None:
        """Have it on disk, and close it."""
        if self._file is not None:
            with suppress(OSError):
                self._file.flush()
                os.fsync(self._file.fileno())
            with suppress(OSError):
                self._file.close()
            self._file = None

    def pack(self) -> None:
        """Compress the segments that are full, if there is room; may be called in a thread."""
        self.has_full_segments = False
        for segment in self._segments()[:-1]:
            if segment.name.endswith(PLAIN):
                packed = segment.with_name(segment.name + ".gz")
                part = packed.with_name(packed.name + ".part")
                try:
                    part.write_bytes(gzip.compress(segment.read_bytes(), compresslevel=6))
                except OSError:
                    part.unlink(missing_ok=True)
                    return
                part.replace(packed)
                segment.unlink()

    def _write(self, document: dict[str, Any]) -> None:
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        line = b"%08x %b\n" % (zlib.crc32(text), text)
        file = self._file
        if file is None or file.tell() >= SEGMENT_BYTES:
            self.has_full_segments = file is not None
            self.close()
            fresh = file is not None
            file = self._file = self._newest(fresh=fresh).open("ab")
            if fresh and not file.tell():
                # So that who opens the copy need not look for it in older segments.
                self._write({"events": [], "audit_seq": self.audit_seq})
        before = file.tell()
        try:
            file.write(line)
            file.flush()
        except OSError:
            # Half a line must not stand before the next; what is buffered goes with the file.
            self._file = None
            with suppress(OSError):
                file.close()
            with suppress(OSError):
                os.truncate(file.name, before)
            raise

    def _newest(self, *, fresh: bool) -> Path:
        plain = [each for each in self._segments() if each.name.endswith(PLAIN)]
        if plain and not fresh:
            return plain[-1]
        return self.folder / f"{self.last_seq + 1:012d}{PLAIN}"

    def _segments(self) -> list[Path]:
        return sorted(each for each in self.folder.iterdir() if each.name.endswith((PLAIN, PACKED)))


def _map_row(row: MapRow) -> list[Any]:
    return [*astuple(row)[:-1], b64encode(row.document).decode()]


def _map_of(stored: list[Any]) -> MapRow:
    return MapRow(*[*stored[:-1], b64decode(stored[-1])])


def _keep_outbox(
    outbox: dict[str, tuple[OutboxEntry, int]], line: dict[str, Any], seq: int
) -> None:
    for key in line.get("settled", ()):
        outbox.pop(key, None)
    whole = line.get("outbox_is")
    if whole is not None:
        outbox.clear()
        for before, stored in enumerate(whole, start=seq - len(whole)):
            entry = _entry_of(stored)
            outbox[entry.key] = (entry, before)
    for stored in line.get("outbox", ()):
        entry = _entry_of(stored)
        outbox[entry.key] = (entry, seq)


def _entry_of(stored: list[str]) -> OutboxEntry:
    key, kind, robot, document = stored
    return OutboxEntry(key, OutboxKind(kind), robot, document)


def _lines(segment: Path) -> Iterator[dict[str, Any]]:
    """Raises StoreDamaged where a line is not what was written."""
    opener = gzip.open if segment.suffix == ".gz" else open
    with opener(segment, "rb") as lines:
        for number, line in enumerate(lines, start=1):
            document = _read(line)
            if document is None:
                raise StoreDamaged(f"{segment}, line {number}: not what was written", REMEDY)
            yield document


def _lines_from_the_end(segment: Path) -> Iterator[bytes]:
    data = segment.read_bytes()
    return _backwards(gzip.decompress(data) if segment.suffix == ".gz" else data)


def _backwards(data: bytes) -> Iterator[bytes]:
    end = len(data)
    while end:
        begin = data.rfind(b"\n", 0, end - 1) + 1
        yield data[begin:end]
        end = begin


def _read(line: bytes) -> dict[str, Any] | None:
    """None: it is not what was written."""
    found, _, text = line.rstrip(b"\n").partition(b" ")
    if not line.endswith(b"\n") or found != b"%08x" % zlib.crc32(text):
        return None
    document: dict[str, Any] = json.loads(text)
    return document


def _cut_torn_line(segment: Path) -> None:
    """What was being written when the power went."""
    data = segment.read_bytes()
    end = len(data)
    for line in _backwards(data):
        if _read(line) is not None:
            break
        end -= len(line)
    if end < len(data):
        os.truncate(segment, end)


def free_name(path: Path) -> Path:
    """The path, or with the first number behind it that is free."""
    if not path.exists():
        return path
    number = 2
    while path.with_name(f"{path.name}-{number}").exists():
        number += 1
    return path.with_name(f"{path.name}-{number}")
