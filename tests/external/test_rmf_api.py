"""What is told to Open-RMF, and what it may ask, against its own JSON schemas (rmf_api_msgs)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from fleet_manager.app.views.rmf import rmf_fleet_update, rmf_task_update
from tests.api.manager import Manager, asked, running_manager
from tests.contract.ledger import START_S

pytestmark = [pytest.mark.external, pytest.mark.anyio]
BASE = "https://raw.githubusercontent.com/open-rmf/rmf_api_msgs/main/rmf_api_msgs/schemas/"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Schemas:
    """Open-RMF's schemas, by name."""

    def __init__(self, folder: Path) -> None:
        self._known = {
            each.stem: json.loads(each.read_text(encoding="utf-8"))
            for each in folder.glob("*.json")
        }
        resources = [
            (f"{BASE}{name}.json", Resource.from_contents(schema))
            for name, schema in self._known.items()
        ]
        self._registry: Registry[Any] = Registry().with_resources(resources)

    def check(self, name: str, document: Any) -> None:
        """Hold a document to a schema."""
        Draft202012Validator(self._known[name], registry=self._registry).validate(document)


@pytest.fixture(scope="module")
def schemas(reference_data: Path) -> Schemas:
    return Schemas(reference_data / "rmf" / "api_schemas")


def updates(manager: Manager) -> dict[str, Any]:
    state = manager.loop.state
    return {
        task.id: rmf_task_update(task, state.site.fleet.name, state.telemetry.reports)
        for task in state.tasks.values()
    }


async def test_requests_answers_and_states_are_open_rmfs(schemas: Schemas, tmp_path: Path) -> None:
    async with running_manager(tmp_path) as manager:
        await manager.hears("security_1")
        dispatch = asked("patrol", places=["library", "gate_a"])
        dispatch["request"] |= {
            "unix_millis_earliest_start_time": round(START_S * 1000),
            "labels": ["app=test"],
            "requester": "Li",
        }
        schemas.check("dispatch_task_request", dispatch)
        made = await manager.post("/tasks/dispatch_task", dispatch)
        first = made["state"]["booking"]["id"]
        for identifier, update in updates(manager).items():
            schemas.check("task_state_update", update)
            assert update["data"]["booking"]["id"] == identifier
        hold = {"type": "interrupt_task_request", "task_id": first}
        schemas.check("interrupt_task_request", hold)
        held = await manager.post("/tasks/interrupt_task", hold)
        schemas.check("interrupt_task_response", held)
        schemas.check("task_state_update", updates(manager)[first])
        resume = {
            "type": "resume_task_request",
            "for_task": first,
            "for_tokens": [held["token"]],
        }
        schemas.check("resume_task_request", resume)
        schemas.check("resume_task_response", await manager.post("/tasks/resume_task", resume))
        for name in ("cancel", "kill"):
            again = await manager.post("/tasks/dispatch_task", dispatch)
            task_id = again["state"]["booking"]["id"]
            body = {"type": f"{name}_task_request", "task_id": task_id, "labels": ["by=Li"]}
            schemas.check(f"{name}_task_request", body)
            answer = await manager.post(f"/tasks/{name}_task", body)
            schemas.check(f"{name}_task_response", answer)
            schemas.check("task_state_update", updates(manager)[task_id])
        await manager.hears("security_1", battery=0.4)
        fleet = rmf_fleet_update(manager.loop.state)
        schemas.check("fleet_state_update", fleet)
        assert fleet["data"]["robots"]["security_1"]["battery"] == 0.4
