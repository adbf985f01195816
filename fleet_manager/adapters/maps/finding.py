"""What a check of a map found."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a map or a fleet on it.

    Attributes:
        check: the rule that is broken, such as `bay_clearance`.
        subject: feature or robot it is about.
        problem: what is wrong, with figures.
        remedy: what to do.
    """

    check: str
    subject: str
    problem: str
    remedy: str

    def as_json(self) -> dict[str, Any]:
        """The object that `fleet map validate --json` prints for this finding."""
        return asdict(self)
