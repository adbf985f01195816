"""The permission table: each role may what the one below it may, and some only a person."""

from __future__ import annotations

import itertools

from fleet_manager.app.permissions import (
    LOWEST_ROLE,
    PERSONS_ONLY,
    SCOPES,
    Permission,
    Role,
    permissions_of,
)


def test_every_permission_is_in_the_table() -> None:
    assert set(LOWEST_ROLE) == set(Permission)
    assert permissions_of(Role.ADMIN) == set(Permission)


def test_each_role_may_more_than_the_one_before() -> None:
    for lower, higher in itertools.pairwise(Role):
        assert permissions_of(lower) < permissions_of(higher)


def test_a_viewer_changes_nothing_of_the_fleet() -> None:
    assert permissions_of(Role.VIEWER) == {
        Permission.SEE_FLEET,
        Permission.SEE_METRICS,
        Permission.OWN_ACCOUNT,
    }


def test_no_machine_releases_what_somebody_has_to_answer_for() -> None:
    assert set(SCOPES) | PERSONS_ONLY == set(Permission)
    assert {Permission.RELEASE_STOPS, Permission.END_FIRE} <= PERSONS_ONLY
