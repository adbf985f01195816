"""Scenarios over many seeds, in processes; each run is kept, so that a study goes on where it was.

A study is map, fleet and standing work. A run is known by the digest of all that its result follows
from: those, the scenario, the seed and the version of the program.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import msgspec

from fleet_manager import __version__
from fleet_manager.adapters.sim.figures import figures
from fleet_manager.adapters.sim.measures import measured
from fleet_manager.adapters.sim.simulate import simulate
from fleet_manager.core.campus_geojson import campus_from_geojson
from fleet_manager.core.config import FleetConfig
from fleet_manager.core.errors import CampusFleetError
from fleet_manager.core.scenario import NO_WORK, Scenario, StandingWork

NICER = 10
"""Simulations give way to what has to be quick."""

Json = dict[str, Any]
Values = dict[str, float | None]


@dataclass(frozen=True)
class Study:
    """What all runs share; it can be pickled.

    Attributes:
        document: the map as GeoJSON.
        standing: by scenario, which may have its own; "": of the others.
        commit: of the program, in the results.
    """

    document: bytes
    fleet: FleetConfig
    standing: Mapping[str, StandingWork]
    commit: str = ""

    @cached_property
    def digest(self) -> str:
        """Of map, fleet, standing work and program."""
        parts = (self.document, self.fleet, self.standing, __version__, self.commit)
        return _digest(parts)


def key_of(study: Study, scenario: Scenario, seed: int) -> str:
    """By which a run is known; scenarios that differ in nothing but their name are the same."""
    nameless = msgspec.structs.replace(scenario, name="")
    return f"{study.digest}-{_digest(nameless)}-{seed}"


def _digest(value: Any) -> str:
    text = msgspec.json.encode(value, order="deterministic", enc_hook=_plain)
    return hashlib.sha256(text).hexdigest()[:16]


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, frozenset) else dict(value)


class Runner:
    """Runs scenarios of a study in this process."""

    def __init__(self, study: Study) -> None:
        self._study = study
        self._campus = campus_from_geojson(json.loads(study.document))

    def run(
        self, scenario: Scenario, seed: int, progress: Callable[[float], None] = lambda _: None
    ) -> Json:
        """The figures of one run.

        Raises:
            CampusFleetError: the scenario does not fit the map or the fleet.
        """
        of = self._study.standing
        standing = of.get(scenario.name, of.get("", NO_WORK))
        world = simulate(self._campus, self._study.fleet, standing, scenario, seed, progress)
        return figures(world)


_runner: Runner | None = None


def _begin(study: Study) -> None:
    global _runner  # noqa: PLW0603 - one runner a process
    os.nice(NICER)
    _runner = Runner(study)


def _run(scenario: Scenario, seed: int) -> Json:
    assert _runner is not None
    return _runner.run(scenario, seed)


class Results:
    """Runs that are done, in a file that is whole at any time; None: in memory alone.

    Raises:
        CampusFleetError: there is such a file, and it is none of ours.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self.runs: dict[str, Json] = {}
        if path is None or not path.exists():
            return
        try:
            self.runs = json.loads(path.read_text(encoding="utf-8"))["runs"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CampusFleetError(
                f"{path} holds no runs of a study", "move it away, or choose another file"
            ) from error

    def add(self, key: str, run: Json) -> None:
        """Keep a run."""
        self.runs[key] = run
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"runs": self.runs}, ensure_ascii=False, indent=1, sort_keys=True)
        fresh = self._path.with_suffix(".new")
        fresh.write_text(text + "\n", encoding="utf-8")
        fresh.replace(self._path)


def run_all(
    study: Study,
    scenarios: Sequence[Scenario],
    seeds: Sequence[int],
    results: Results,
    processes: int = 1,
    progress: Callable[[float], None] = lambda _: None,
) -> list[list[Json]]:
    """Figures of each scenario, seed by seed; what the results have is not run again.

    Args:
        processes: how many run at the same time; 1: in this process.

    Raises:
        CampusFleetError: a scenario does not fit the map or the fleet.
    """
    missing = {
        key: (scenario, seed)
        for seed in seeds
        for scenario in scenarios
        if (key := key_of(study, scenario, seed)) not in results.runs
    }
    asked = {key_of(study, scenario, seed) for scenario in scenarios for seed in seeds}
    done = len(asked) - len(missing)
    share = 1.0 / max(1, len(asked))
    progress(done * share)
    if missing and processes <= 1:
        runner = Runner(study)
        for key, (scenario, seed) in missing.items():
            within = partial(_within, progress, done * share, share)
            results.add(key, runner.run(scenario, seed, within))
            done += 1
    elif missing:
        with _pool(study, min(processes, len(missing))) as pool:
            futures: dict[Future[Json], str] = {
                pool.submit(_run, *each): key for key, each in missing.items()
            }
            for future in as_completed(futures):
                results.add(futures[future], future.result())
                done += 1
                progress(done * share)
    return [
        [results.runs[key_of(study, scenario, seed)] for seed in seeds] for scenario in scenarios
    ]


def _within(progress: Callable[[float], None], begun: float, share: float, part: float) -> None:
    progress(begun + part * share)


@contextmanager
def _pool(study: Study, processes: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that have read the map; what waits is dropped at an error."""
    pool = ProcessPoolExecutor(
        processes, mp_context=get_context("spawn"), initializer=_begin, initargs=(study,)
    )
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def values_of(runs: Sequence[Json]) -> list[Values]:
    """The measures of runs."""
    return [measured(run) for run in runs]
