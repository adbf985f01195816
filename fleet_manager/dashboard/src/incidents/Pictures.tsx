/** What cameras saw of an incident: one large picture, and the others to choose from. */
import { Text, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import { useI18n } from "../i18n/I18nProvider";

const addressOf = (id: string, number: number) => `/incidents/${encodeURIComponent(id)}/pictures/${number}`;

export function Pictures({ id, count }: { id: string; count: number }) {
  const { t } = useI18n();
  const [chosen, setChosen] = useState<number | null>(null);
  const [gone, setGone] = useState<ReadonlySet<number>>(new Set());
  const shown = Math.min(chosen ?? count - 1, count - 1);
  return (
    <section aria-label={t("incident.pictures")} data-testid="incident-pictures">
      <h3 className="part-title">{t("incident.pictures")}</h3>
      {gone.has(shown) ? (
        <div className="picture empty">
          <Text size="sm">{t("incident.picture.gone")}</Text>
        </div>
      ) : (
        <img
          className="picture"
          src={addressOf(id, shown)}
          alt={t("incident.picture", { number: shown + 1, count })}
          onError={() => setGone(new Set([...gone, shown]))}
        />
      )}
      {count > 1 && (
        <div className="thumbnails">
          {Array.from({ length: count }, (_, number) => (
            <UnstyledButton
              key={number}
              aria-label={t("incident.picture", { number: number + 1, count })}
              aria-pressed={number === shown}
              onClick={() => setChosen(number)}
            >
              <img src={addressOf(id, number)} alt="" loading="lazy" />
            </UnstyledButton>
          ))}
        </div>
      )}
      <Text size="xs" c="dimmed">
        {t("incident.privacy")}
      </Text>
    </section>
  );
}
