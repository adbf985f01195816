"""The state as bytes and back, so that a restart need not read the whole log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import Any, get_type_hints

import msgspec

from fleet_manager.core.map_changes import restrict
from fleet_manager.core.site import Site
from fleet_manager.core.state import FleetState

NOT_STORED = frozenset({"site", "sites", "telemetry", "restrictions"})
"""Site and restrictions follow from what is stored; telemetry does not outlive the process."""


def stored_names() -> tuple[str, ...]:
    """Fields of the state that are stored: all but those that follow from others."""
    return tuple(each.name for each in fields(FleetState) if each.name not in NOT_STORED)


@cache
def _form() -> type[Any]:
    hints = get_type_hints(FleetState)
    return msgspec.defstruct("StoredState", [(name, hints[name]) for name in stored_names()])


_encoder = msgspec.msgpack.Encoder()


def freeze(state: FleetState) -> bytes:
    """A state as MessagePack, which keeps infinities that JSON has no word for."""
    return _encoder.encode({name: getattr(state, name) for name in stored_names()})


def thaw(data: bytes, site: Site, sites: Mapping[str, Site]) -> FleetState:
    """The state that `freeze` was given, without its telemetry.

    Args:
        site: with the map of the files, as for `FleetState.initial`.
        sites: all versions of the map that the log may tell of.

    Raises:
        msgspec.DecodeError: the bytes are not a state of this version.
        KeyError: its map is not among the sites.
    """
    stored = msgspec.msgpack.decode(data, type=_form())
    known = {name: getattr(stored, name) for name in stored_names()}
    version = known["map"].version
    state = FleetState(site=sites[version] if version else site, sites=sites, **known)
    restrict(state)
    return state
