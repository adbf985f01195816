"""Keeps what has been worked out for a campus as long as somebody has that campus."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from fleet_manager.core.campus import Campus

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def per_campus(
    function: Callable[Concatenate[Campus, Arguments], Result],
) -> Callable[Concatenate[Campus, Arguments], Result]:
    """A function that works out once what it gives for a campus and other, hashable arguments.

    Unlike `lru_cache` it does not hold campuses that nobody else has any more: of the full site
    each has tens of megabytes. Results must not hold their campus.
    """
    kept: WeakKeyDictionary[Campus, dict[object, Result]] = WeakKeyDictionary()

    @wraps(function)
    def keeping(campus: Campus, /, *args: Arguments.args, **named: Arguments.kwargs) -> Result:
        found = kept.setdefault(campus, {})
        key = (args, tuple(sorted(named.items())))
        if key not in found:
            found[key] = function(campus, *args, **named)
        return found[key]

    return keeping
