/** Plays a tape on the map: forwards at 1 to 100 times, to any moment of it. */
import { ActionIcon, Button, Group, Loader, NativeSelect, Text } from "@mantine/core";
import { Suspense, lazy, useEffect, useMemo, useRef, useState } from "react";
import { clock, wallOf } from "../calendar/time";
import { useI18n } from "../i18n/I18nProvider";
import { LiveProvider } from "../live/LiveProvider";
import { EMPTY_VIEW, GAP, applyFrame } from "../live/fleetView";
import { LiveStore } from "../live/store";
import type { Focus } from "../map/LiveMap";
import { Icon } from "../ui/icons";
import { frameAt, type Happening, type Tape } from "./tape";

const LiveMap = lazy(() => import("../map/LiveMap"));
const SPEEDS = [1, 2, 5, 10, 20, 50, 100] as const;
const FRAME_MS = 100;
const STEP_S = 10;
const NOTHING: readonly string[] = [];
const ignore = () => {};

/** Runs the time of a tape; stops at its end. */
function useClock(tape: Tape) {
  const { fromS, toS } = tape.period;
  const [timeS, setTimeS] = useState(fromS);
  const [speed, setSpeed] = useState(10);
  const [running, setRunning] = useState(false);
  useEffect(() => {
    setTimeS(fromS);
    setRunning(false);
  }, [fromS, toS]);
  useEffect(() => {
    if (!running) return undefined;
    let last = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      const passedS = ((now - last) / 1000) * speed;
      last = now;
      setTimeS((before) => Math.min(toS, before + passedS));
    }, FRAME_MS);
    return () => clearInterval(timer);
  }, [running, speed, toS]);
  useEffect(() => {
    if (timeS >= toS) setRunning(false);
  }, [timeS, toS]);
  const seek = (to: number) => setTimeS(Math.min(toS, Math.max(fromS, to)));
  const toggle = () => {
    if (!running && timeS >= toS) setTimeS(fromS);
    setRunning(!running);
  };
  return { timeS, speed, setSpeed, running, toggle, seek };
}

export function Player({ tape, timezone }: { tape: Tape; timezone: string }) {
  const { t, time } = useI18n();
  const { timeS, speed, setSpeed, running, toggle, seek } = useClock(tape);
  const [store] = useState(() => new LiveStore());
  const [selected, select] = useState<string | null>(null);
  const [focus, setFocus] = useState<Focus | null>(null);
  const seq = useRef(0);
  const { fromS, toS } = tape.period;
  useEffect(() => {
    seq.current += 1;
    const view = applyFrame(EMPTY_VIEW, { type: "snapshot", seq: seq.current, now_s: timeS, speed: 1, ...frameAt(tape, timeS) }, performance.now());
    if (view !== GAP) store.set({ view, phase: "live" });
  }, [tape, timeS, store]);
  const show = (happening: Happening) => {
    seek(happening.timeS);
    const found = tape.incidents.find(({ incident }) => incident.id === happening.incident)?.incident;
    if (found?.x_m != null && found.y_m != null) setFocus({ point: [found.x_m, found.y_m], level: found.level });
  };
  const marks = useMemo(() => tape.happenings.map(({ timeS: at }) => (at - fromS) / (toS - fromS)), [tape, fromS, toS]);
  const wall = wallOf(timeS, timezone);
  return (
    <div className="player" data-testid="player" data-time={Math.floor(timeS)} data-running={running} data-robots={tape.robots.size}>
      <div className="player-map">
        <LiveProvider store={store}>
          <Suspense fallback={<Loader m="md" aria-label={t("map.loading")} />}>
            <LiveMap
              selected={selected}
              onSelect={select}
              feature={null}
              onFeature={ignore}
              pickKind={null}
              onPick={ignore}
              highlighted={NOTHING}
              focus={focus}
            />
          </Suspense>
        </LiveProvider>
      </div>
      <aside className="player-list" aria-label={t("replay.happenings")}>
        <h2 className="part-title">{t("replay.happenings")}</h2>
        {tape.happenings.length === 0 && (
          <Text size="sm" c="dimmed">
            {t("replay.quiet")}
          </Text>
        )}
        <ul className="rows">
          {tape.happenings.map((each, index) => (
            <li key={index}>
              <button type="button" className="row" data-testid={`happening-${index}`} data-past={each.timeS <= timeS} onClick={() => show(each)}>
                <Text size="xs" c="dimmed">
                  {time(each.timeS)} · {t(`replay.${each.kind}`)}
                </Text>
                <Text size="sm">{each.text}</Text>
              </button>
            </li>
          ))}
        </ul>
      </aside>
      <div className="player-controls">
        <Group gap={6} wrap="nowrap">
          <ActionIcon variant="default" size="lg" aria-label={t("replay.back")} onClick={() => seek(timeS - STEP_S * speed)}>
            «
          </ActionIcon>
          <ActionIcon size="lg" data-testid="play" aria-label={t(running ? "replay.pause" : "replay.play")} onClick={toggle}>
            <Icon name={running ? "pause" : "play"} />
          </ActionIcon>
          <ActionIcon variant="default" size="lg" aria-label={t("replay.forth")} onClick={() => seek(timeS + STEP_S * speed)}>
            »
          </ActionIcon>
        </Group>
        <div className="player-bar">
          <input
            type="range"
            data-testid="seek"
            aria-label={t("replay.moment")}
            aria-valuetext={time(timeS)}
            min={fromS}
            max={toS}
            step={1}
            value={timeS}
            onChange={(event) => seek(Number(event.currentTarget.value))}
          />
          <div className="player-marks" aria-hidden="true">
            {marks.map((share, index) => (
              <i key={index} style={{ left: `${share * 100}%` }} />
            ))}
          </div>
        </div>
        <Text size="sm" className="figures" data-testid="replay-time">
          {wall.day} {clock(wall.minutes)}:{String(Math.floor(timeS) % 60).padStart(2, "0")}
        </Text>
        <NativeSelect
          size="xs"
          data-testid="replay-speed"
          aria-label={t("replay.speed")}
          data={SPEEDS.map((value) => ({ value: String(value), label: `${value}×` }))}
          value={String(speed)}
          onChange={(event) => setSpeed(Number(event.currentTarget.value))}
        />
        {selected && (
          <Button size="compact-sm" variant="default" onClick={() => setFocus({ robot: selected })}>
            {selected}
          </Button>
        )}
      </div>
    </div>
  );
}
