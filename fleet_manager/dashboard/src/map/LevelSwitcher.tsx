/** Chooses the level that the map shows; says how many robots are on each. */
import { memo, useMemo } from "react";
import type { CampusLevel } from "../api/types";
import { useI18n } from "../i18n/I18nProvider";
import type { LiveRobot } from "../live/fleetView";
import { selectRobots, useLiveAtRest } from "../live/LiveProvider";

/** Robots by level. */
export function countByLevel(robots: Iterable<LiveRobot>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { level } of robots) {
    if (level !== null) counts.set(level, (counts.get(level) ?? 0) + 1);
  }
  return counts;
}

interface Props {
  levels: readonly CampusLevel[];
  level: string;
  onChange: (level: string) => void;
}

export const LevelSwitcher = memo(function LevelSwitcher({ levels, level, onChange }: Props) {
  const { t } = useI18n();
  const robots = useLiveAtRest(selectRobots);
  const counts = useMemo(() => countByLevel(robots.values()), [robots]);
  if (levels.length < 2) return null;
  return (
    <div className="levels" role="radiogroup" aria-label={t("map.levels")} data-testid="levels">
      {[...levels].reverse().map(({ id, name }) => {
        const count = counts.get(id) ?? 0;
        return (
          <button
            key={id}
            type="button"
            role="radio"
            aria-checked={id === level}
            className="level"
            data-testid={`level-${id}`}
            title={t("map.level.robots", { level: name, count })}
            aria-label={t("map.level.robots", { level: name, count })}
            onClick={() => onChange(id)}
          >
            <span>{name}</span>
            {count > 0 && <span className="level-count figures">{count}</span>}
          </button>
        );
      })}
    </div>
  );
});
