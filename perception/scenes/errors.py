"""What can go wrong while scenes are drawn."""

from __future__ import annotations


class SceneError(Exception):
    """Base of the errors of scenes: what is wrong, and what to do.

    SceneError
    └── NoGraphics    no OpenGL context without a screen can be made here
    """

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message}. {remedy}")
        self.message, self.remedy = message, remedy


class NoGraphics(SceneError):
    """OpenGL over EGL is missing."""

    def __init__(self, cause: str) -> None:
        super().__init__(
            f"no OpenGL without a screen: {cause}",
            "Install it: sudo apt-get install libegl1 libgl1-mesa-dri",
        )
