"""What a robot must still know after a restart, in one small file replaced atomically."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from campus_robot.errors import ConfigurationError

ACKNOWLEDGED_KEPT = 64
FINISHED_KEPT = 256


@dataclass
class Memory:
    """Persistent facts of one robot. Without a file it lasts as long as the process.

    `finished_actions` maps action ids to {"status", "description", "result_json"};
    `order_actions` maps the ids of the order held to {"action_type", "task_id", "result_json"};
    `counters` maps "channel key" to the number of the last message that was taken.
    """

    file: Path | None = None
    highest_epoch: int = 0
    stop_by: str = ""
    stop_reason: str = ""
    stop_latched: bool = False
    acknowledged: list[str] = field(default_factory=list)
    detection_sequence: int = 0
    order_id: str = ""
    order_update_id: int = 0
    order_actions: dict[str, dict[str, str]] = field(default_factory=dict)
    ended_orders: list[str] = field(default_factory=list)
    finished_actions: dict[str, dict[str, str]] = field(default_factory=dict)
    boots: int = 0
    newest_key: str = ""
    counters: dict[str, int] = field(default_factory=dict)

    @classmethod
    def load(cls, state_dir: Path, robot: str) -> Memory:
        """Reads `<state_dir>/<robot>.json`; a robot without one starts with nothing to remember.

        Raises ConfigurationError where the file or folder cannot be used: a latched stop must
        not be forgotten because of a damaged file.
        """
        file = state_dir / f"{robot}.json"
        try:
            state_dir.mkdir(parents=True, exist_ok=True)
            if not file.exists():
                return cls(file)
            stored = json.loads(file.read_text(encoding="utf-8"))
            return cls(file, **stored)
        except OSError as error:
            raise ConfigurationError(
                f"{file}: cannot be used ({error.strerror}); give another --state-dir"
            ) from None
        except (ValueError, TypeError):
            raise ConfigurationError(
                f"{file}: is damaged; look whether an emergency stop was latched, then remove it"
            ) from None

    def save(self, *, durable: bool = False) -> None:
        """Writes the file anew; `durable` waits until it is on the disk."""
        del self.acknowledged[:-ACKNOWLEDGED_KEPT]
        for action_id in list(self.finished_actions)[:-FINISHED_KEPT]:
            del self.finished_actions[action_id]
        if self.file is None:
            return
        values = asdict(self)
        del values["file"]
        new = self.file.with_suffix(".new")
        with new.open("w", encoding="utf-8") as stream:
            json.dump(values, stream)
            if durable:
                stream.flush()
                os.fsync(stream.fileno())
        new.replace(self.file)
