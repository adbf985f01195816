"""What keeps a campus from starting or going on, told in one line with what to do."""

from __future__ import annotations


class DemoFailed(Exception):
    """The campus cannot start or cannot go on.

    Attributes:
        remedy: what the person at the keyboard can do.
    """

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.remedy = remedy
