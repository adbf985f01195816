"""Whatever is asked, as the OpenAPI document has it or not: no defect, and answers as described."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.conftest import Served, call

EXAMPLES = {GenerationMode.POSITIVE: 20, GenerationMode.NEGATIVE: 10}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def operations(served: Served) -> list[Any]:
    """What the API's document describes."""
    api = schemathesis.openapi.from_url(f"{served[0]}/openapi.json")
    return [each.ok() for each in api.get_all_operations()]


def logged_in(served: Served, name: str) -> dict[str, str]:
    """Headers of an admin."""
    return call(served, served[1].person(name))


@pytest.mark.parametrize("mode", EXAMPLES)
def test_the_api_keeps_to_its_document(
    operations: list[Any], served: Served, mode: GenerationMode
) -> None:
    admin = logged_in(served, "admin")
    assert len(operations) > 30
    for operation in operations:
        if operation.path == "/events":
            continue  # it never ends; tests/api/test_events.py
        if mode is GenerationMode.NEGATIVE and not (operation.body or operation.query):
            continue  # nothing of it can be wrong

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(
            max_examples=EXAMPLES[mode],
            phases=(Phase.explicit, Phase.generate),
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        def holds(case: Any) -> None:
            ends_itself = (case.method, case.path) == ("DELETE", "/session")
            headers = logged_in(served, "passing") if ends_itself else admin
            case.call_and_validate(checks=CHECKS, headers=headers)

        holds()
