/** What is in emergency stop: shown until every robot has confirmed, and then until it is released. */
import { Button, Text } from "@mantine/core";
import { useState } from "react";
import { useI18n } from "../i18n/I18nProvider";
import { selectStops, selectZoneStops, useLive } from "../live/LiveProvider";
import { ReleaseDialog } from "../robots/ReleaseDialog";
import { Icon } from "../ui/icons";
import { usePerson } from "../ui/Person";
import { standingOf } from "./stops";

const NAMED = 6;

export function StopBanner() {
  const { t } = useI18n();
  const { may } = usePerson();
  const stops = useLive(selectStops);
  const zones = useLive(selectZoneStops);
  const [releasing, setReleasing] = useState(false);
  if (stops.length === 0 && zones.length === 0) return null;
  const { by, reason, silent, stopped, standing, released } = standingOf(stops);
  const named = silent.slice(0, NAMED).join(", ") + (silent.length > NAMED ? ` +${silent.length - NAMED}` : "");
  return (
    <section className="stop-banner" data-testid="stop-banner" data-unconfirmed={silent.length} aria-label={t("stop.title")}>
      <Icon name="stop" size={22} />
      <div className="stop-text" role="alert">
        <Text fw={700} size="sm">
          {by.length > 0 ? t("stop.by", { names: by.join(", ") }) : t("stop.title")}
          {reason && ` · ${reason}`}
        </Text>
        <Text size="sm">
          {stopped > 0 && t("stop.confirmed", { standing, stopped })}{" "}
          {silent.length > 0 && <strong>{t("stop.waiting", { robots: named })}</strong>}{" "}
          {zones.length > 0 && t("stop.zones", { zones: zones.join(", ") })}{" "}
          {released.length > 0 && t("stop.releasing", { robots: released.join(", ") })}
        </Text>
      </div>
      {may("robots:release") && (
        <Button size="xs" variant="white" color="dark" data-testid="banner-release" onClick={() => setReleasing(true)}>
          {t("fleet.release")}
        </Button>
      )}
      <ReleaseDialog robot={null} opened={releasing} onClose={() => setReleasing(false)} />
    </section>
  );
}
