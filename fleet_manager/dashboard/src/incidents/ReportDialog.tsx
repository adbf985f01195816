/** Reporting an incident by hand: what, how bad, where. */
import { Button, Group, Modal, NativeSelect, Select, Stack, Text, TextInput, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState, type FormEvent } from "react";
import { campusQuery } from "../api/queries";
import type { Incident } from "../api/types";
import { placeChoices } from "../dispatch/choices";
import { useI18n } from "../i18n/I18nProvider";
import { usePerson } from "../ui/Person";
import { useIncidentCommands } from "./useIncidents";

const KINDS = ["injury", "fire", "smoke", "intruder", "spill", "litter", "blocked_exit", "damage", "theft", "other"] as const;
const SEVERITIES = ["3", "2", "1", "0"] as const;

export function ReportDialog({ opened, onClose, onDone }: { opened: boolean; onClose: () => void; onDone: (raised: Incident) => void }) {
  const { t } = useI18n();
  return (
    <Modal opened={opened} onClose={onClose} centered title={t("incident.raise.title")} closeButtonProps={{ "aria-label": t("common.close") }}>
      <ReportForm onClose={onClose} onDone={onDone} />
    </Modal>
  );
}

function ReportForm({ onClose, onDone }: { onClose: () => void; onDone: (raised: Incident) => void }) {
  const { t, word } = useI18n();
  const { name } = usePerson();
  const commands = useIncidentCommands();
  const campus = useQuery(campusQuery);
  const [title, setTitle] = useState("");
  const [kind, setKind] = useState<string>(KINDS[0]);
  const [severity, setSeverity] = useState("2");
  const [place, setPlace] = useState<string | null>(null);
  const [note, setNote] = useState("");
  const [tried, setTried] = useState(false);
  const places = useMemo(() => (campus.data ? placeChoices(campus.data) : { named: [], bays: [] }), [campus.data]);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!title.trim()) return;
    const raised = await commands.report({
      kind,
      title: title.trim(),
      severity: Number(severity),
      ...(place ? { place } : {}),
      ...(note.trim() ? { note: note.trim() } : {}),
    });
    if (raised) onDone(raised);
  };

  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack gap="sm">
        <TextInput
          data-testid="report-title"
          data-autofocus
          label={t("incident.raise.what")}
          required
          maxLength={300}
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
          error={tried && !title.trim() ? t("common.needed") : null}
        />
        <Group grow align="flex-start">
          <NativeSelect
            data-testid="report-kind"
            label={t("incident.raise.kind")}
            data={KINDS.map((value) => ({ value, label: word("incidentKind", value) }))}
            value={kind}
            onChange={(event) => setKind(event.currentTarget.value)}
          />
          <NativeSelect
            data-testid="report-severity"
            label={t("incident.raise.severity")}
            data={SEVERITIES.map((value) => ({ value, label: word("severity", value) }))}
            value={severity}
            onChange={(event) => setSeverity(event.currentTarget.value)}
          />
        </Group>
        <Select
          data-testid="report-place"
          label={t("incident.raise.place")}
          placeholder={t("incident.raise.place.hint")}
          data={[
            { group: t("dispatch.places.named"), items: places.named },
            { group: t("dispatch.places.bays"), items: places.bays },
          ]}
          value={place}
          onChange={setPlace}
          searchable
          selectFirstOptionOnChange
          clearable
          limit={60}
          nothingFoundMessage={t("dispatch.nothing")}
        />
        <Textarea
          label={t("incident.raise.note")}
          rows={3}
          maxLength={4000}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <Text size="xs" c="dimmed">
          {t("account.as", { name })}
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button data-testid="report-submit" type="submit" loading={commands.busy}>
            {t("incident.raise")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
