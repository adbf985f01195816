/** The list of incidents beside the one that is chosen; on a phone the one replaces the other. */
import { Alert, Button, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useMemo, useState } from "react";
import { useI18n } from "../i18n/I18nProvider";
import { PHONE } from "../layout/media";
import { Icon } from "../ui/icons";
import { usePerson } from "../ui/Person";
import { IncidentDetails } from "./IncidentDetails";
import { IncidentList } from "./IncidentList";
import { ReportDialog } from "./ReportDialog";
import { namesIn, useIncidents } from "./useIncidents";

interface Props {
  chosen: string | null;
  onChoose: (id: string | null) => void;
  onRobot: (robot: string) => void;
}

export function IncidentDesk({ chosen, onChoose, onRobot }: Props) {
  const { t } = useI18n();
  const { may } = usePerson();
  const phone = useMediaQuery(PHONE);
  const incidents = useIncidents();
  const [reporting, setReporting] = useState(false);
  const incident = incidents.all.find(({ id }) => id === chosen);
  const names = useMemo(() => namesIn(incidents.all), [incidents.all]);
  const listed = !phone || chosen === null;
  return (
    <div className="desk">
      {listed && (
        <section className="desk-list" aria-label={t("nav.incidents")}>
          <div className="list-title">
            <h1 className="page-title">{t("nav.incidents")}</h1>
            {may("incidents:handle") && (
              <Button size="xs" data-testid="report-open" leftSection={<Icon name="plus" size={14} />} onClick={() => setReporting(true)}>
                {t("incident.raise")}
              </Button>
            )}
          </div>
          <IncidentList incidents={incidents} chosen={chosen} onChoose={onChoose} />
        </section>
      )}
      {(!phone || chosen !== null) && (
        <div className="desk-main">
          {phone && (
            <Button size="xs" variant="default" m="sm" data-testid="incident-back" onClick={() => onChoose(null)}>
              {t("incident.back")}
            </Button>
          )}
          {incident && <IncidentDetails key={incident.id} incident={incident} names={names} onRobot={onRobot} />}
          {!incident && chosen !== null && incidents.past.isSuccess && (
            <Alert m="md" color="gray" title={t("incident.gone", { id: chosen })} />
          )}
          {chosen === null && (
            <Text className="empty" c="dimmed">
              {t("incident.choose")}
            </Text>
          )}
        </div>
      )}
      <ReportDialog
        opened={reporting}
        onClose={() => setReporting(false)}
        onDone={({ id }) => {
          setReporting(false);
          onChoose(id);
        }}
      />
    </div>
  );
}
