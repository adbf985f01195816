/** What has to be said to assign, resolve or call off an incident. */
import { Autocomplete, Button, Group, Modal, Stack, Text, Textarea } from "@mantine/core";
import { useState, type FormEvent } from "react";
import type { Incident } from "../api/types";
import { useI18n } from "../i18n/I18nProvider";
import { usePerson } from "../ui/Person";
import type { IncidentCommands } from "./useIncidents";

export type AskedStep = "assign" | "resolve" | "false_alarm";

const WORDS = {
  assign: { title: "incident.assign.title", submit: "incident.assign.submit" },
  resolve: { title: "incident.resolve.title", submit: "incident.resolve.submit" },
  false_alarm: { title: "incident.false.title", submit: "incident.false.submit" },
} as const;

interface Props {
  incident: Incident;
  step: AskedStep;
  commands: IncidentCommands;
  /** People to suggest. */
  names: readonly string[];
  onClose: () => void;
}

export function StepDialog(props: Props) {
  const { t } = useI18n();
  return (
    <Modal opened onClose={props.onClose} centered title={t(WORDS[props.step].title)} closeButtonProps={{ "aria-label": t("common.close") }}>
      <StepForm {...props} />
    </Modal>
  );
}

function StepForm({ incident, step, commands, names, onClose }: Props) {
  const { t } = useI18n();
  const { name } = usePerson();
  const [assignee, setAssignee] = useState(incident.assigned_to ?? "");
  const [note, setNote] = useState("");
  const [tried, setTried] = useState(false);
  const missing = step === "assign" && !assignee.trim();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (missing) return;
    const more = { ...(note.trim() ? { note: note.trim() } : {}), ...(step === "assign" ? { assignee: assignee.trim() } : {}) };
    if (await commands.move(incident, step, more)) onClose();
  };
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack gap="sm">
        <Text size="sm">{incident.title}</Text>
        {step === "assign" && (
          <Autocomplete
            data-testid="step-assignee"
            data-autofocus
            label={t("incident.assign.who")}
            data={[...new Set([name, ...names])]}
            value={assignee}
            onChange={setAssignee}
            error={tried && missing ? t("common.needed") : null}
          />
        )}
        <Textarea
          data-testid="step-note"
          {...(step === "assign" ? {} : { "data-autofocus": true })}
          label={t("incident.note")}
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
          <Button type="submit" data-testid="step-submit" loading={commands.busy}>
            {t(WORDS[step].submit)}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
