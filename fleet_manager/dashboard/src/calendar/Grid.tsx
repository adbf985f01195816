/** Days as columns, hours as rows: what is planned can be dragged to another time. */
import { Text } from "@mantine/core";
import { useEffect, useRef, useState, type PointerEvent } from "react";
import { useI18n } from "../i18n/I18nProvider";
import type { Calendar, Occurrence } from "./calendar";
import { SHOWN_MINUTES, sideBySide } from "./lanes";
import { addDays, clock, hoursOf, unixOf, wallOf, type Wall } from "./time";

const HOUR_PX = 46;
const STEP_MINUTES = 15;
const DAY_MINUTES = 24 * 60;
const DRAG_PX = 5;
const BEFORE_MINUTES = 60;

interface Props {
  calendar: Calendar;
  days: readonly string[];
  nowS: number;
  /** Whether what is planned may be moved. */
  movable: boolean;
  onOpen: (occurrence: Occurrence) => void;
  onMove: (occurrence: Occurrence, to: Wall) => void;
}

interface Drag {
  occurrence: Occurrence;
  /** Where the pointer went down in the block, pixels below its top. */
  grip: number;
  fromX: number;
  fromY: number;
  to: Wall | null;
}

const keyOf = ({ schedule, due_s }: Occurrence) => `${schedule} ${due_s}`;
const topOf = (minutes: number) => (minutes / 60) * HOUR_PX;

export function Grid({ calendar, days, nowS, movable, onOpen, onMove }: Props) {
  const { t, word } = useI18n();
  const { timezone } = calendar;
  const scroll = useRef<HTMLDivElement>(null);
  const columns = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<Drag | null>(null);
  const dragged = useRef(false);
  const now = wallOf(nowS, timezone);

  // What comes next is in sight at first; then people scroll.
  const first = useRef(now.minutes);
  useEffect(() => {
    if (scroll.current) scroll.current.scrollTop = topOf(first.current - BEFORE_MINUTES);
  }, []);

  const wallAt = (x: number, y: number, grip: number): Wall | null => {
    const area = columns.current?.getBoundingClientRect();
    if (!area) return null;
    const column = Math.floor(((x - area.left) / area.width) * days.length);
    const day = days[column];
    const minutes = Math.round(((y - grip - area.top) / HOUR_PX) * (60 / STEP_MINUTES)) * STEP_MINUTES;
    return day ? { day, minutes: Math.min(Math.max(0, minutes), DAY_MINUTES - STEP_MINUTES) } : null;
  };
  const begin = (event: PointerEvent<HTMLElement>, occurrence: Occurrence) => {
    dragged.current = false;
    if (!movable || occurrence.at === null || event.button !== 0) return;
    const grip = event.clientY - event.currentTarget.getBoundingClientRect().top;
    event.currentTarget.setPointerCapture(event.pointerId);
    setDrag({ occurrence, grip, fromX: event.clientX, fromY: event.clientY, to: null });
  };
  const move = (event: PointerEvent<HTMLElement>) => {
    if (!drag) return;
    const far = Math.hypot(event.clientX - drag.fromX, event.clientY - drag.fromY) > DRAG_PX;
    if (!far && !drag.to) return;
    dragged.current = true;
    setDrag({ ...drag, to: wallAt(event.clientX, event.clientY, drag.grip) });
  };
  const end = () => {
    if (drag?.to) {
      const { day, minutes } = wallOf(drag.occurrence.due_s, timezone);
      if (drag.to.day !== day || drag.to.minutes !== minutes) onMove(drag.occurrence, drag.to);
    }
    setDrag(null);
  };

  const block = (occurrence: Occurrence, minutes: number, lane: number, lanes: number) => {
    const { name, category, outcome, moved, task_status: status } = occurrence;
    const state = outcome === "ran" && status ? word("taskStatus", status) : t(`calendar.${outcome}`);
    return (
      <button
        key={keyOf(occurrence)}
        type="button"
        className="occurrence"
        data-testid={`occurrence-${occurrence.schedule}-${occurrence.due_s}`}
        data-outcome={outcome}
        data-status={status ?? ""}
        data-category={category}
        data-movable={movable && occurrence.at !== null}
        data-dragged={drag?.occurrence === occurrence && drag.to !== null}
        aria-label={`${clock(minutes)} ${name}: ${state}`}
        title={`${clock(minutes)} ${name}\n${state}${occurrence.why ? `: ${occurrence.why}` : ""}`}
        style={{ top: topOf(minutes), height: topOf(SHOWN_MINUTES) - 2, left: `${(lane / lanes) * 100}%`, width: `calc(${100 / lanes}% - 3px)` }}
        onPointerDown={(event) => begin(event, occurrence)}
        onPointerMove={move}
        onPointerUp={end}
        onPointerCancel={() => setDrag(null)}
        onClick={() => !dragged.current && onOpen(occurrence)}
      >
        <span className="figures">
          {clock(minutes)}
          {moved && " ↷"}
        </span>{" "}
        {name}
      </button>
    );
  };

  return (
    <div className="calendar" ref={scroll} data-testid="calendar" data-timezone={timezone}>
      <div className="calendar-head" style={{ gridTemplateColumns: `52px repeat(${days.length}, minmax(0, 1fr))` }}>
        <span />
        {days.map((day) => (
          <DayHead key={day} day={day} today={day === now.day} timezone={timezone} />
        ))}
      </div>
      <div className="calendar-body">
        <div className="calendar-hours" aria-hidden="true">
          {Array.from({ length: 24 }, (_, hour) => (
            <span key={hour} style={{ height: HOUR_PX }} className="figures">
              {clock(hour * 60)}
            </span>
          ))}
        </div>
        <div
          className="calendar-days"
          ref={columns}
          style={{ gridTemplateColumns: `repeat(${days.length}, minmax(0, 1fr))`, height: 24 * HOUR_PX, backgroundSize: `100% ${HOUR_PX}px` }}
        >
          {days.map((day) => {
            const here = calendar.occurrences.filter(({ due_s }) => wallOf(due_s, timezone).day === day);
            return (
              <div key={day} className="calendar-day" role="group" aria-label={day} data-today={day === now.day}>
                <Windows calendar={calendar} day={day} />
                {sideBySide(here, ({ due_s }) => wallOf(due_s, timezone).minutes).map(({ item, minutes, lane, lanes }) =>
                  block(item, minutes, lane, lanes),
                )}
                {drag?.to?.day === day && (
                  <div className="occurrence-ghost" style={{ top: topOf(drag.to.minutes), height: topOf(SHOWN_MINUTES) - 2 }}>
                    {clock(drag.to.minutes)} {drag.occurrence.name}
                  </div>
                )}
                {day === now.day && <div className="calendar-now" style={{ top: topOf(now.minutes) }} />}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** The name of a day; where clocks change, how long it is. */
function DayHead({ day, today, timezone }: { day: string; today: boolean; timezone: string }) {
  const { t, dayName } = useI18n();
  const hours = hoursOf(day, timezone);
  return (
    <div className="day-head" data-today={today}>
      <Text size="sm" fw={today ? 700 : 500}>
        {dayName(day)}
      </Text>
      {hours !== 24 && (
        <Text size="xs" c="orange.9" className="clocks-change" data-testid={`clocks-${day}`}>
          {t(hours < 24 ? "calendar.clocks.forward" : "calendar.clocks.back", { hours })}
        </Text>
      )}
    </div>
  );
}

/** When programmes keep their promise on a day, as stripes beside the hours. */
function Windows({ calendar: { windows, timezone }, day }: { calendar: Calendar; day: string }) {
  const { t } = useI18n();
  const beginS = unixOf({ day, minutes: 0 }, timezone);
  const endS = unixOf({ day: addDays(day, 1), minutes: 0 }, timezone);
  const here = windows.filter(({ from_s, until_s }) => from_s < endS && until_s > beginS);
  return here.map(({ programme, name, from_s, until_s }, index) => {
    const from = from_s <= beginS ? 0 : wallOf(from_s, timezone).minutes;
    const until = until_s >= endS ? DAY_MINUTES : wallOf(until_s, timezone).minutes;
    return (
      <div
        key={`${programme} ${from_s}`}
        className="calendar-window"
        role="img"
        aria-label={t("calendar.window", { name, from: clock(from), until: clock(until % DAY_MINUTES) })}
        title={t("calendar.window", { name, from: clock(from), until: clock(until % DAY_MINUTES) })}
        style={{ top: topOf(from), height: topOf(Math.max(10, until - from)), right: index * 7 }}
      />
    );
  });
}
