/** Why a robot is where it is, in the manager's own words. */
import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { explanationQuery } from "../api/queries";
import { useI18n } from "../i18n/I18nProvider";

export function WhyHere({ robot }: { robot: string }) {
  const { t } = useI18n();
  const { data } = useQuery(explanationQuery(robot));
  if (!data || data.sentences.length === 0) return null;
  return (
    <section aria-label={t("robot.why")} data-testid="robot-why" className="robot-why">
      <Text size="xs" fw={700} component="h3" m={0}>
        {t("robot.why")}
      </Text>
      {data.sentences.map((sentence) => (
        <Text key={sentence} size="xs" lang="en">
          {sentence}
        </Text>
      ))}
    </section>
  );
}
