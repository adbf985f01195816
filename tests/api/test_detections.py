"""From a camera to an incident in the API: nothing lost, nothing twice, pictures kept in time."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest
from msgspec.structs import replace

from fleet_manager.app.detections import DAY_S, Received
from fleet_manager.core.detection import Detection
from fleet_manager.core.safety_rules import DEFAULT_RULES
from fleet_manager.core.station import Reading
from tests.api.manager import Manager, running_manager
from tests.contract.ledger import START_S

pytestmark = pytest.mark.anyio

JPEG = b"\xff\xd8\xff picture"
FALLEN = Detection(
    source="security_1",
    boot_id="boot",
    sequence=1,
    class_name="person_down",
    score=0.8,
    x_m=8.0,
    y_m=194.0,
    stddev_m=0.4,
    level="ground",
    seen_s=START_S,
    track_id="1",
)
WAIT_S = 20.0


async def tell(manager: Manager, detection: Detection, jpeg: bytes = JPEG) -> None:
    """Have a camera tell, once."""
    manager.link.detections.append(Received(detection, jpeg))
    manager.link.on_detections()


async def acknowledged(manager: Manager, source: str, sequence: int) -> None:
    """Wait until a detection is."""
    end_s = asyncio.get_running_loop().time() + WAIT_S
    while (source, sequence) not in manager.link.acknowledged:
        assert asyncio.get_running_loop().time() < end_s, "not acknowledged"
        await asyncio.sleep(0.01)


async def test_a_detection_is_an_incident_with_its_picture_once_it_is_acknowledged(
    manager: Manager,
) -> None:
    await tell(manager, FALLEN)
    await acknowledged(manager, "security_1", 1)
    (incident,) = await manager.get("/incidents")
    assert (incident["kind"], incident["severity"], incident["robot"]) == (
        "person_down",
        3,
        "security_1",
    )
    assert (incident["x_m"], incident["y_m"], incident["stddev_m"]) == (8.0, 194.0, 0.4)
    assert (incident["sightings"], incident["sources"], incident["pictures"]) == (
        1,
        ["security_1"],
        1,
    )
    assert manager.loop.state.tasks[incident["task_id"]].category == "respond"
    picture = await manager.http.get(f"/incidents/{incident['id']}/pictures/0")
    assert (picture.content, picture.headers["content-type"]) == (JPEG, "image/jpeg")
    assert (await manager.http.get(f"/incidents/{incident['id']}/pictures/1")).status_code == 404


async def test_what_is_told_again_after_the_network_was_cut_is_acknowledged_and_nothing_more(
    tmp_path: Path,
) -> None:
    async with running_manager(tmp_path) as manager:
        await tell(manager, FALLEN)
        await acknowledged(manager, "security_1", 1)
    # The manager ended before the camera heard it; the next one knows from the log.
    async with running_manager(tmp_path) as manager:
        await tell(manager, FALLEN)
        await acknowledged(manager, "security_1", 1)
        (incident,) = await manager.get("/incidents")
        assert (incident["sightings"], incident["pictures"]) == (1, 1)


async def test_what_cannot_be_kept_is_not_acknowledged_and_taken_later(
    manager: Manager, tmp_path: Path
) -> None:
    shutil.rmtree(tmp_path / "pictures", ignore_errors=True)
    (tmp_path / "pictures").write_text("in the way")
    await tell(manager, FALLEN)
    await tell(manager, replace(FALLEN, source="security_3", class_name="vehicle"), b"")
    await acknowledged(manager, "security_3", 1)  # taken after the one that could not be
    assert ("security_1", 1) not in manager.link.acknowledged
    assert await manager.get("/incidents") == []
    (tmp_path / "pictures").unlink()
    await tell(manager, FALLEN)
    await acknowledged(manager, "security_1", 1)
    assert len(await manager.get("/incidents")) == 1


async def test_strangers_are_not_heard(manager: Manager) -> None:
    await tell(manager, replace(FALLEN, source="somebody"))
    await tell(manager, FALLEN)
    await acknowledged(manager, "security_1", 1)
    assert manager.link.acknowledged == [("security_1", 1)]
    (incident,) = await manager.get("/incidents")
    assert incident["sources"] == ["security_1"]


async def test_of_what_is_no_incident_no_picture_is_kept(manager: Manager, tmp_path: Path) -> None:
    await tell(manager, replace(FALLEN, class_name="vehicle"))
    await acknowledged(manager, "security_1", 1)
    assert await manager.get("/incidents") == []
    assert not list((tmp_path / "pictures").rglob("*.jpg"))


async def test_pictures_are_deleted_on_time_those_of_people_first(
    manager: Manager, tmp_path: Path
) -> None:
    await tell(manager, FALLEN)
    await acknowledged(manager, "security_1", 1)
    spill = replace(FALLEN, sequence=2, class_name="spill", track_id="2", x_m=100.0)
    await tell(manager, spill)
    await acknowledged(manager, "security_1", 2)
    kept = [each.name for each in sorted((tmp_path / "pictures").rglob("*.jpg"))]
    assert kept == ["security_1-boot-1.jpg", "security_1-boot-2.jpg"]
    people_s = START_S + DEFAULT_RULES.people_evidence_days * DAY_S
    assert await manager.media.prune(people_s - DAY_S) == 0
    assert await manager.media.prune(people_s + DAY_S) == 1
    assert await manager.media.prune(START_S + (DEFAULT_RULES.evidence_days + 1) * DAY_S) == 1
    (last, first) = await manager.get("/incidents")
    for incident in (first, last):
        path = f"/incidents/{incident['id']}/pictures/0"
        assert (await manager.http.get(path)).status_code == 404


@pytest.mark.parametrize("key", ["../fleet.db", "2027-01-01/../../fleet.db", "/etc/passwd", ""])
async def test_no_key_leads_out_of_the_folder(manager: Manager, key: str) -> None:
    with pytest.raises(Exception, match="no key of a picture"):
        await manager.media.load(key)


async def test_health_checks_are_refused_where_nobody_opted_in(manager: Manager) -> None:
    count = {"station": "kiosk", "from_s": START_S, "until_s": START_S + 900}
    answer = await manager.http.post("/health_checks", json={**count, "people": 40, "raised": 9})
    assert answer.status_code == 422
    assert "rules.yaml" in answer.json()["remedy"]


async def test_a_reading_of_a_station_that_is_not_on_the_map_stops_nobody(
    manager: Manager,
) -> None:
    manager.link.readings.append(Reading("cellar", "co", 90.0, "[ppm]", START_S))
    await tell(manager, FALLEN)
    await acknowledged(manager, "security_1", 1)
