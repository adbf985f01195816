/** Every map that was published: which is in use, by whom, when, why; and publishing another. */
import { Badge, Group, Loader, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { mapVersionsQuery } from "../api/queries";
import { useI18n } from "../i18n/I18nProvider";
import { ProblemAlert } from "../ui/problems";
import { Publish } from "./Publish";

export function Versions({ inUse }: { inUse: string }) {
  const { t, time } = useI18n();
  const versions = useQuery(mapVersionsQuery);
  return (
    <div data-testid="map-versions">
      <Publish inUse={inUse} />
      {versions.isPending && <Loader m="sm" size="sm" aria-label={t("app.loading")} />}
      {versions.isError && <ProblemAlert error={versions.error} onRetry={() => void versions.refetch()} />}
      <ul className="rows">
        {versions.data?.map((each) => (
          <li key={each.number} className="row" data-testid={`version-${each.number}`} data-in-use={each.in_use}>
            <Group gap={8}>
              <Text size="sm" fw={650} className="figures">
                {t("versions.number", { number: each.number, version: each.version })}
              </Text>
              {each.in_use && (
                <Badge size="sm" className="status" color="teal" variant="light">
                  {t("versions.inUse")}
                </Badge>
              )}
            </Group>
            {each.note && <Text size="sm">{each.note}</Text>}
            <Text size="xs" c="dimmed">
              {each.source === "files"
                ? t("versions.fromFiles", { time: time(each.time_s) })
                : t("versions.by", { name: each.by || t("common.none"), time: time(each.time_s) })}
            </Text>
          </li>
        ))}
      </ul>
    </div>
  );
}
