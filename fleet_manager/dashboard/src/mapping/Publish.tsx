/** Publishing another map: the file is checked first, what is wrong is shown, then a person decides. */
import { Alert, Button, FileButton, Group, Stack, Switch, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { publishMap } from "../api/commands";
import { ProblemError } from "../api/client";
import type { PublishedMap } from "../api/types";
import { useI18n } from "../i18n/I18nProvider";
import { usePerson } from "../ui/Person";
import { ProblemAlert, useNotices } from "../ui/problems";
import { Icon } from "../ui/icons";
import { Findings } from "./Report";

interface Checked {
  file: string;
  document: unknown;
  answer: PublishedMap;
}

async function documentOf(file: File, notJson: string): Promise<unknown> {
  try {
    return JSON.parse(await file.text()) as unknown;
  } catch {
    throw new ProblemError({ title: notJson, status: 422, detail: file.name });
  }
}

export function Publish({ inUse }: { inUse: string }) {
  const { t } = useI18n();
  const person = usePerson();
  const notices = useNotices();
  const queries = useQueryClient();
  const [checked, setChecked] = useState<Checked | null>(null);
  const [note, setNote] = useState("");
  const [force, setForce] = useState(false);
  const checking = useMutation({
    mutationFn: async (file: File): Promise<Checked> => {
      const document = await documentOf(file, t("publish.notJson"));
      return { file: file.name, document, answer: await publishMap({ document, check_only: true }) };
    },
    onSuccess: setChecked,
  });
  const publishing = useMutation({
    mutationFn: ({ document }: Checked) =>
      publishMap({ document, note, by: person.name, parent: inUse, force }),
    onSuccess: ({ version }) => {
      notices.done(t("publish.done", { version }));
      start();
      void queries.invalidateQueries({ queryKey: ["map-versions"] });
    },
  });
  const start = () => {
    setChecked(null);
    setNote("");
    setForce(false);
    checking.reset();
    publishing.reset();
  };
  const errors = checked?.answer.findings.filter(({ severity }) => severity === "error").length ?? 0;
  return (
    <Stack gap="sm" p="sm">
      {!checked && (
        <Group gap="sm">
          <FileButton
            accept=".geojson,.json,application/geo+json,application/json"
            inputProps={{ "aria-label": t("publish.choose"), "data-testid": "publish-file" } as never}
            onChange={(file) => file && checking.mutate(file)}
          >
            {(props) => (
              <Button size="xs" variant="default" leftSection={<Icon name="upload" size={14} />} loading={checking.isPending} {...props}>
                {t("publish.choose")}
              </Button>
            )}
          </FileButton>
          <Text size="xs" c="dimmed">
            {t(checking.isPending ? "publish.checking" : "publish.hint")}
          </Text>
        </Group>
      )}
      {checking.isError && <ProblemAlert error={checking.error} />}
      {checked && (
        <>
          <Alert
            color={checked.answer.findings.length === 0 ? "teal" : errors > 0 ? "red" : "yellow"}
            title={t(checked.answer.findings.length === 0 ? "publish.fine" : "publish.found", {
              file: checked.file,
              count: checked.answer.findings.length,
              version: checked.answer.version,
            } as never)}
          />
          <div className="publish-findings">
            <Findings findings={checked.answer.findings} />
          </div>
          <TextInput label={t("publish.note")} data-testid="publish-note" value={note} onChange={(event) => setNote(event.currentTarget.value)} />
          {errors > 0 && (
            <Switch label={t("publish.force")} color="red" checked={force} onChange={(event) => setForce(event.currentTarget.checked)} />
          )}
          {publishing.isError && <ProblemAlert error={publishing.error} />}
          <Group justify="flex-end">
            <Button size="xs" variant="default" onClick={start}>
              {t("common.cancel")}
            </Button>
            <Button
              size="xs"
              data-testid="publish-submit"
              disabled={errors > 0 && !force}
              loading={publishing.isPending}
              onClick={() => publishing.mutate(checked)}
            >
              {t("publish.submit")}
            </Button>
          </Group>
        </>
      )}
    </Stack>
  );
}
