"""The single writer: takes commands, reports and time, decides, commits, and only then tells."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Generic

import structlog

from fleet_manager.app.clock import FleetClock
from fleet_manager.app.freshness import Freshness
from fleet_manager.app.gate import Command, Event, Gate, State
from fleet_manager.app.health import Health
from fleet_manager.app.inbox import Inbox, Request, ending
from fleet_manager.app.keeper import RETRY_S, Keeper
from fleet_manager.app.outbox import Outbox
from fleet_manager.app.pace import Pace, due
from fleet_manager.app.planning_worker import Planner
from fleet_manager.app.repeated import Repeated
from fleet_manager.app.snapshots import SnapshotTaker, restored
from fleet_manager.app.tracks import RETENTION_S, Tracks
from fleet_manager.app.turn import ApplyFailed, Outcome, Turn, defect, record_of
from fleet_manager.core.errors import CampusFleetError
from fleet_manager.ports import Batch, EventStore, RobotLink, StoreError, StoreFenced

TICK_S = 0.5
HEARTBEAT_S = 1.0
INBOX_CAPACITY = 1000
COMMANDS_A_TRANSACTION = 100
PRUNE_EVERY_S = 3600.0

log = structlog.get_logger(__name__)


class FleetLoop(Generic[State, Command, Event]):
    """The application around the core; everything runs in one asyncio thread.

    Commands that wait together are written in one transaction (group commit). A change of state is
    visible to readers in this thread some milliseconds before it is on disk; answers to commands
    and everything that leaves the process wait for the disk. Where a transaction fails, the state
    is read anew from the log, and who asked is told that nothing has changed.

    Args:
        gate: the core.
        store: open; this loop is its only writer.
        link: the robots.
        clock: fleet time.
        planner: has planned beside the loop what the state wants; None: nothing is.
    """

    def __init__(
        self,
        gate: Gate[State, Command, Event],
        store: EventStore,
        link: RobotLink,
        clock: FleetClock,
        planner: Planner | None = None,
    ) -> None:
        self._gate = gate
        self._store = store
        self._link = link
        self._clock = clock
        self._planner = planner
        if planner is not None:
            planner.tell_to(self.reports_wait)
        self._state = gate.initial()
        self._seq = 0
        self._inbox: Inbox[Command, Outcome[Event]] = Inbox(INBOX_CAPACITY)
        self._outbox = Outbox(link)
        self._snapshots = SnapshotTaker(gate, store)
        self._keeper = Keeper(gate, store, clock)
        self._freshness = Freshness()
        self._tracks = Tracks()
        self._pace = Pace()
        self._passage_requests = Repeated()
        self._counters: dict[str, float] = defaultdict(float)
        self._wake = asyncio.Event()
        self._changed = asyncio.Condition()
        self._ending = False
        self._broken = False
        self._tick_due_s: float | None = None
        self._heartbeat_s: float | None = None
        self._pruned_s: float | None = None
        self.version = 0

    # For readers and for who asks.

    @property
    def state(self) -> State:
        """The fleet as it is now; to be read only, and asked for anew after every await."""
        return self._state

    @property
    def clock(self) -> FleetClock:
        """Fleet time."""
        return self._clock

    @property
    def health(self) -> Health:
        """What is wrong with the manager now."""
        return self._keeper.health

    @property
    def manager_epoch(self) -> int:
        """Of the store; on every message to robots."""
        return self._store.manager_epoch

    @property
    def speed(self) -> float:
        """Fleet seconds per second, over the last seconds; 0 before it is known."""
        return self._pace.speed

    @property
    def counters(self) -> Mapping[str, float]:
        """What happened since the start, and how much waits."""
        waits = {"inbox_waiting": len(self._inbox), "inbox_refused": self._inbox.refused}
        more = {"log_events": self._seq, "snapshots": self._snapshots.taken}
        more["reports_overtaken"] = self._freshness.stale
        return {**self._counters, **waits, **more}

    async def changes(self) -> AsyncGenerator[int]:
        """The version of the state, each time it has changed; a slow reader misses some."""
        seen = -1
        while True:
            async with self._changed:
                while self.version == seen and not self._ending:
                    await self._changed.wait()
            if self._ending:
                return
            seen = self.version
            yield seen

    async def submit(
        self, command: Command, *, actor: str = "", command_id: str | None = None
    ) -> Outcome[Event]:
        """Have a command decided and wait until the outcome is on disk.

        Args:
            command: what is asked for.
            actor: who asks; in the log.
            command_id: of who asks; the same id again gives the same outcome and changes nothing.

        Raises:
            CampusFleetError: the core refused; nothing has changed.
            Overloaded: too many commands wait.
            Ending: the manager ends.
            InternalError: a defect; nothing has changed.
            StoreError: the outcome could not be written; nothing has changed.
        """
        if self._ending:
            raise ending()
        answer: asyncio.Future[Outcome[Event]] = asyncio.get_running_loop().create_future()
        self._inbox.put(Request(command, actor, command_id, answer))
        self._wake.set()
        return await answer

    def reports_wait(self) -> None:
        """Called when the link has reports, or the planner plans."""
        self._wake.set()

    # The life of the loop.

    async def start(self) -> None:
        """Bring the state back from the log, and take the fleet over in this epoch.

        Raises:
            StoreError: the log cannot be read or written.
            InternalError: an event of the log cannot be applied.
        """
        began = time.monotonic()
        await self._replay()
        took_s = round(time.monotonic() - began, 3)
        log.info("log replayed", events=self._seq, took_s=took_s)
        self._outbox.restore(await self._store.outbox())
        await self._keeper.begun()
        answer: asyncio.Future[Outcome[Event]] = asyncio.get_running_loop().create_future()
        command = self._gate.started(self._store.manager_epoch)
        await self._decide_and_commit([Request(command, "manager", None, answer)])
        await answer

    async def run(self) -> None:
        """Work until `stop`; no single command, report or tick ends it."""
        ticker = asyncio.create_task(self._tick_for_ever(), name="fleet-ticker")
        try:
            while not self._ending:
                await self._wake.wait()
                self._wake.clear()
                try:
                    await self._turn()
                except Exception:
                    self._counters["turns_failed"] += 1
                    self._broken = True
                    log.exception("a turn of the loop failed")
        finally:
            self._ending = True
            ticker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await ticker
            self._inbox.fail_all(ending())
            await self._keeper.stop()
            if self._broken:
                await self._snapshots.drop()
            else:
                await self._snapshots.finish(self._state, self._seq, self._clock.now_s())
            async with self._changed:
                self._changed.notify_all()

    async def step(self, *, ticks: bool) -> None:
        """One turn, for who drives the time himself instead of with `run`.

        Args:
            ticks: time is looked at in this turn.
        """
        if ticks:
            self._tick_due_s = self._clock.now_s()
        await self._turn()
        await self._snapshots.taken_now()

    def stop(self) -> None:
        """Have `run` return after the turn it is at."""
        self._ending = True
        self._wake.set()

    async def _tick_for_ever(self) -> None:
        while True:
            due_s = self._clock.now_s() + TICK_S
            await self._clock.wait_until(due_s)
            if self._tick_due_s is not None:
                self._counters["ticks_skipped"] += 1
            self._tick_due_s = due_s
            self._wake.set()

    # One turn.

    async def _turn(self) -> None:
        """Decide what has come: reports, then commands, then the tick if it is due."""
        if self._broken and not await self._recovered():
            await self._only_look_on()
            return
        now_s = self._clock.now_s()
        turn: Turn[Command, Event] = Turn()
        jump_s = self._clock.take_jump()
        of_clock = self._keeper.clock_jumped(jump_s) if jump_s else []
        requests: list[Request[Command, Outcome[Event]]] = [
            Request(each, "manager") for each in (*of_clock, *self._keeper.take())
        ]
        for report in filter(self._freshness.is_news, self._link.take_reports()):
            self._gate.observe(self._state, report, now_s)
            self._outbox.settle(report, turn.batch)
            self._tracks.add(report, now_s)
            requests.append(Request(self._gate.reported(report), report.robot))
        for word in self._link.take_passage_reports():
            self._gate.observe(self._state, word, now_s)
            requests.append(Request(self._gate.reported(word), word.passage))
        for plan in self._planner.take() if self._planner is not None else ():
            command = self._gate.planned(plan.job_id, plan.kind, plan.result)
            requests.append(Request(command, "planner"))
        requests += self._inbox.take(COMMANDS_A_TRANSACTION)
        if len(self._inbox):
            self._wake.set()
        if self._tick_due_s is not None:
            late_s = now_s - self._tick_due_s
            self._counters["tick_late_s_max"] = max(self._counters["tick_late_s_max"], late_s)
            self._tick_due_s = None
            requests.append(Request(self._gate.tick(), "manager"))
        if requests:
            await self._decide_and_commit(requests, turn)
            await self._tell_readers()
            self._ask_for_wants(now_s)
        await self._keep_house(now_s)

    async def _only_look_on(self) -> None:
        """Nothing can be decided: robots are still heard and shown, and know that this lives."""
        now_s = self._clock.now_s()
        for report in filter(self._freshness.is_news, self._link.take_reports()):
            self._gate.observe(self._state, report, now_s)
        for word in self._link.take_passage_reports():
            self._gate.observe(self._state, word, now_s)
        self._tick_due_s = None
        self._beat(now_s)
        await self._tell_readers()

    async def _tell_readers(self) -> None:
        self.version += 1
        async with self._changed:
            self._changed.notify_all()

    def _ask_for_wants(self, now_s: float) -> None:
        """Ask passages and planner for what is on disk; not for what was not committed."""
        if not self._broken:
            wanted = self._gate.passage_requests(self._state)
            for request in self._passage_requests.due(wanted, now_s):
                self._link.send_passage_request(request)
            if self._planner is not None:
                self._planner.want(self._gate.wishes(self._state, now_s))

    async def _decide_and_commit(
        self,
        requests: Sequence[Request[Command, Outcome[Event]]],
        turn: Turn[Command, Event] | None = None,
    ) -> None:
        """Decide on each request and answer it, whatever happens."""
        try:
            turn = turn or Turn()
            settled = turn.batch.settled
            while True:
                try:
                    await self._decide(requests, turn)
                    break
                except ApplyFailed as failure:
                    # What was applied in part is not in the log: once more without the culprit.
                    requests = self._without(failure, requests)
                    await self._replay()
                    turn = Turn(Batch(settled=settled))
            await self._commit(turn)
        except Exception as error:
            self._broken = True
            if isinstance(error, StoreError):
                self._counters["commits_failed"] += 1
                self._failed(error)
            for request in requests:
                request.fail(error if isinstance(error, StoreError) else defect(request, error))

    async def _decide(
        self,
        requests: Sequence[Request[Command, Outcome[Event]]],
        turn: Turn[Command, Event],
    ) -> None:
        """Decide each command on the state that those before it left, and apply the decision."""
        now_s = self._clock.now_s()
        for request in requests:
            try:
                outcome = await self._earlier(request, turn)
                if outcome is None:
                    events = tuple(self._gate.decide(self._state, request.command, now_s))
                    outcome = self._applied(request, events, turn, now_s)
            except CampusFleetError as error:
                self._refused(request, error)
            except ApplyFailed:
                raise
            except Exception as error:
                self._counters["commands_failed"] += 1
                request.fail(defect(request, error))
            else:
                turn.answers.append((request, outcome))
        turn.batch.tasks += self._gate.task_rows(self._state, turn.events)
        turn.batch.incidents += self._gate.incident_rows(self._state, turn.events)
        turn.batch.maps += self._gate.map_rows(turn.events)
        self._tracks.fill(turn.batch, now_s)

    async def _earlier(
        self, request: Request[Command, Outcome[Event]], turn: Turn[Command, Event]
    ) -> Outcome[Event] | None:
        """What the same command was decided into before, in this turn or in the log."""
        if request.command_id is None:
            return None
        if request.command_id in turn.by_command:
            return turn.by_command[request.command_id]
        records = await self._store.events_of(request.command_id)
        if not records:
            return None
        return Outcome(tuple(self._gate.decode(record) for record in records), repeated=True)

    def _applied(
        self,
        request: Request[Command, Outcome[Event]],
        events: tuple[Event, ...],
        turn: Turn[Command, Event],
        now_s: float,
    ) -> Outcome[Event]:
        """Apply what was decided and have it written with the turn.

        Raises:
            ApplyFailed: an event could not be encoded or applied.
        """
        try:
            for position, event in enumerate(events):
                turn.batch.events.append(
                    record_of(
                        self._gate.encode(event),
                        request,
                        position,
                        self._seq + len(turn.batch.events) + 1,
                        now_s,
                    )
                )
                self._gate.apply(self._state, event)
                turn.events.append(event)
                for message in self._gate.told(self._state, event):
                    self._outbox.put(message, turn.batch)
        except Exception as error:
            raise ApplyFailed(request) from error
        if request.command_id is not None and events:
            turn.by_command[request.command_id] = Outcome(events, repeated=True)
        return Outcome(events)

    async def _commit(self, turn: Turn[Command, Event]) -> None:
        """Write the turn, then tell robots and who asked.

        Raises:
            StoreError: nothing was written, nobody was told.
        """
        if turn.batch:
            await self._store.commit(turn.batch)
            self._counters["commits"] += 1
            self._seq += len(turn.batch.events)
            self._outbox.committed(turn.batch)
        for request, outcome in turn.answers:
            request.resolve(outcome)

    # What goes wrong, and what is done beside decisions.

    def _refused(self, request: Request[Command, Outcome[Event]], error: CampusFleetError) -> None:
        self._counters["commands_refused"] += 1
        if request.answer is None:
            name = type(request.command).__name__
            log.warning("refused", command=name, actor=request.actor, problem=str(error))
        request.fail(error)

    def _without(
        self, failure: ApplyFailed, requests: Sequence[Request[Command, Outcome[Event]]]
    ) -> Sequence[Request[Command, Outcome[Event]]]:
        """Answer the request whose event could not be applied; returns the others."""
        self._counters["commands_failed"] += 1
        for request in requests:
            if request is failure.culprit:
                request.fail(defect(request, failure.__cause__))
        return [request for request in requests if request is not failure.culprit]

    async def _replay(self) -> None:
        """Read the state from the log; telemetry, which is not in the log, is kept."""
        found = await restored(self._gate, self._store)
        self._gate.keep_telemetry(self._state, found.state)
        self._state, self._seq = found.state, found.seq
        self._snapshots.begin_at(found.snapshot_seq)

    async def _recovered(self) -> bool:
        """Read the state anew after a failure; while that fails too, everything is refused."""
        if not self._keeper.may_retry:
            self._inbox.fail_all(self._keeper.refusal())
            return False
        try:
            await self._keeper.mend()
            await self._replay()
            self._outbox.restore(await self._store.outbox())
        except CampusFleetError as error:
            self._failed(error)
            self._inbox.fail_all(self._keeper.refusal())
            asyncio.get_running_loop().call_later(RETRY_S, self._wake.set)
            return False
        self._broken = False
        self._keeper.recovered()
        self._counters["recoveries"] += 1
        log.info("state read anew from the log", events=self._seq)
        return True

    async def _keep_house(self, now_s: float) -> None:
        """Heartbeat, speed, snapshots, and the age of tracks."""
        if not self._broken:
            self._snapshots.take_if_due(self._state, self._seq, now_s)
        self._beat(now_s)
        await self._look_after_store(now_s)
        if due(self._pruned_s, now_s, PRUNE_EVERY_S):
            self._pruned_s = now_s
            try:
                dropped = await self._store.prune_tracks(now_s - RETENTION_S)
            except StoreError as error:
                log.error("old tracks not dropped", problem=str(error), remedy=error.remedy)
            else:
                self._counters["track_points_dropped"] += dropped

    def _beat(self, now_s: float) -> None:
        if due(self._heartbeat_s, now_s, HEARTBEAT_S):
            self._heartbeat_s = now_s
            self._link.heartbeat()
            self._pace.mark(now_s)

    async def _look_after_store(self, now_s: float) -> None:
        try:
            await self._keeper.look(now_s)
        except StoreError as error:
            self._broken = True
            self._failed(error)
            self._wake.set()

    def _failed(self, error: CampusFleetError) -> None:
        """Note why nothing can be decided; one that another manager has taken over from ends."""
        self._keeper.failed(error)
        if isinstance(error, StoreFenced):
            self.stop()
