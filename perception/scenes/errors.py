"""What can go wrong while scenes are drawn."""

from __future__ import annotations

from perception.errors import PerceptionError


class NoGraphics(PerceptionError):
    """OpenGL without a screen (EGL) is missing."""

    def __init__(self, cause: str) -> None:
        remedy = "install it: sudo apt-get install libegl1 libgl1-mesa-dri"
        super().__init__(f"no OpenGL without a screen: {cause}; {remedy}", remedy)
