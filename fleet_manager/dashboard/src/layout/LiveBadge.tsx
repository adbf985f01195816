/** Whether what is shown is live, and how old it is when it is not. */
import { Badge, Tooltip } from "@mantine/core";
import { useEffect, useState } from "react";
import { useI18n } from "../i18n/I18nProvider";
import { useLive, useLiveStore, selectPhase } from "../live/LiveProvider";
import type { LinkPhase } from "../live/store";

const COLOURS: Record<LinkPhase, string> = {
  connecting: "gray",
  live: "green",
  reconnecting: "orange",
  offline: "red",
};

export function LiveBadge() {
  const { t, ago } = useI18n();
  const store = useLiveStore();
  const phase = useLive(selectPhase);
  const [ageS, setAgeS] = useState<number | null>(null);

  useEffect(() => {
    const read = () => {
      const { view } = store.get();
      setAgeS(view.seq === 0 ? null : (performance.now() - view.receivedMs) / 1000);
    };
    read();
    const timer = setInterval(read, 1_000);
    return () => clearInterval(timer);
  }, [store, phase]);

  const age = ageS === null ? "" : ago(ageS);
  const old = phase !== "live" || (ageS ?? 0) > 7;
  const hint = ageS === null ? t(`live.${phase}`) : t("live.age", { age });
  return (
    <Tooltip label={phase === "live" || ageS === null ? hint : t("live.stale", { age })} withArrow>
      <Badge
        data-testid="live-status"
        data-status={phase}
        role="status"
        color={COLOURS[phase]}
        variant={phase === "live" ? "light" : "filled"}
        size="lg"
        className="live-badge"
        leftSection={<span className="pulse" />}
      >
        {t(`live.${phase}`)}
        {old && age && ` · ${age}`}
      </Badge>
    </Tooltip>
  );
}
