"""Functions as machine code (numba), loaded with the first call of one of them.

The compiler takes a second to load, which who only asks for a list of tasks should not wait for.
The machine code is kept beside each file, or where NUMBA_CACHE_DIR says. Where neither can be
written it is made anew in each process, which takes some seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, TypeVar, cast

Function = TypeVar("Function", bound=Callable[..., Any])


def kernel(function: Function) -> Function:
    """The function as machine code, kept on disk where that is possible."""
    return cast(Function, _Kernel(function))


class _Kernel:
    """A function that becomes machine code when it is called first, with all that it calls."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._code: Callable[..., Any] | None = None
        update_wrapper(self, function)
        _KERNELS.append(self)

    @property
    def name(self) -> str:
        """With the module."""
        return f"{self._function.__module__}.{self._function.__qualname__}"

    @property
    def loaded(self) -> int:
        """For how many kinds of arguments there is machine code in this process."""
        return len(getattr(self._code, "signatures", ()))

    def __call__(self, *args: Any) -> Any:
        return self.code()(*args)

    def code(self) -> Callable[..., Any]:
        """The compiled function; kernels that its module names are put in their places."""
        if self._code is None:
            self._code = _compiled(self._function)
            names = self._function.__globals__
            for name, value in list(names.items()):
                if isinstance(value, _Kernel):
                    names[name] = value.code()
        return self._code


_KERNELS: list[_Kernel] = []


def loaded() -> dict[str, int]:
    """For how many kinds of arguments each kernel has been loaded or made in this process."""
    return {each.name: each.loaded for each in _KERNELS if each.loaded}


def _compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    from numba import njit

    options: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
    try:
        return cast(Callable[..., Any], njit(cache=True, **options)(function))
    except RuntimeError:  # no folder can be written
        return cast(Callable[..., Any], njit(**options)(function))
