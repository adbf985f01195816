/** What the weather is, as staff say it; the map's rules for it hold at once. */
import { Group, Switch, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { setWeather } from "../api/commands";
import type { Weather } from "../api/types";
import { useI18n } from "../i18n/I18nProvider";
import { selectWeather, useLive } from "../live/LiveProvider";
import { usePerson } from "../ui/Person";
import { useNotices } from "../ui/problems";

const WEATHERS: readonly Weather[] = ["rain", "ice", "wind", "heat"];

export function WeatherSwitches() {
  const { t, word, time, number } = useI18n();
  const weather = useLive(selectWeather);
  const { name, may } = usePerson();
  const notices = useNotices();
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: (conditions: Weather[]) => setWeather(conditions, name),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ["restrictions"] }),
    onError: notices.failed,
  });
  if (!weather) {
    return (
      <Text size="sm" c="dimmed" p="sm">
        {t("weather.unknown")}
      </Text>
    );
  }
  const now = new Set(weather.conditions);
  const toggle = (each: Weather) => {
    const next = new Set(now);
    if (!next.delete(each)) next.add(each);
    change.mutate([...next]);
  };
  return (
    <div className="weather">
      <Group gap="lg" p="sm">
        {WEATHERS.map((each) => (
          <Switch
            key={each}
            data-testid={`weather-${each}`}
            label={word("weather", each)}
            checked={now.has(each)}
            disabled={change.isPending || !may("map:close")}
            onChange={() => toggle(each)}
          />
        ))}
      </Group>
      {weather.conditions.length > 0 && (
        <Text size="xs" c="dimmed" px="sm">
          {t("weather.since", { time: time(weather.since_s), name: weather.by || weather.station || t("common.none") })}
        </Text>
      )}
      <ul className="rows">
        {weather.rules.map((rule) => (
          <li key={rule.id} className="row" data-testid={`rule-${rule.id}`} data-active={rule.active}>
            <Text size="sm" fw={rule.active ? 650 : 400}>
              {word("weather", rule.weather)}:{" "}
              {rule.speed_limit_mps === null
                ? t("weather.closes", { count: rule.lanes })
                : t("weather.slows", { count: rule.lanes, speed: number(rule.speed_limit_mps, 1) })}
            </Text>
            <Text size="xs" c="dimmed">
              {[
                rule.id,
                rule.kinds ? rule.kinds.map((kind) => word("kind", kind)).join(", ") : t("weather.allKinds"),
                rule.active ? t("weather.active") : t("weather.inactive"),
              ].join(" · ")}
            </Text>
          </li>
        ))}
        {weather.rules.length === 0 && (
          <Text size="sm" c="dimmed" p="sm">
            {t("weather.noRules")}
          </Text>
        )}
      </ul>
    </div>
  );
}
