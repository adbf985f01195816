/** The tools of the map editor: what to add, what is chosen, what is wrong, and publishing. */
import { ActionIcon, Alert, Button, Group, Loader, NativeSelect, NumberInput, Stack, Switch, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { publishMap } from "../api/commands";
import type { CampusFeature, CampusProperties, Finding } from "../api/types";
import { useI18n } from "../i18n/I18nProvider";
import { Findings } from "../mapping/Report";
import { ProblemAlert, useNotices } from "../ui/problems";
import { Icon } from "../ui/icons";
import { described, publishable, removed } from "./draft";
import type { Editor, Tool } from "./useEditor";

const TOOLS: readonly Tool[] = ["choose", "lane", "junction", "bay", "dock", "asset", "zone"];
const CHECKED_AFTER_MS = 700;
const ASSET_KINDS = ["extinguisher", "hydrant", "exit", "aed", "electrical_panel"] as const;
const PURPOSES = ["clean", "watch", "closed"] as const;

interface Props {
  editor: Editor;
  level: string;
  onFinding: (finding: Finding) => void;
  onStop: () => void;
}

export function EditPanel({ editor, level, onFinding, onStop }: Props) {
  const { t } = useI18n();
  const { draft, tool, begun, chosen } = editor;
  useKeys(editor, level);
  return (
    <Stack gap="sm" p="sm" className="edit-panel" data-testid="edit-panel" data-steps={draft.past.length}>
      <Group justify="space-between">
        <Text component="h2" fw={700} size="sm" m={0}>
          {t("editing.title")}
        </Text>
        <Group gap={6}>
          <ActionIcon variant="default" aria-label={t("editing.undo")} title={t("editing.undo")} data-testid="edit-undo" disabled={draft.past.length === 0} onClick={editor.undo}>
            ↶
          </ActionIcon>
          <ActionIcon variant="default" aria-label={t("editing.redo")} title={t("editing.redo")} data-testid="edit-redo" disabled={draft.future.length === 0} onClick={editor.redo}>
            ↷
          </ActionIcon>
          <Button size="compact-sm" variant="default" data-testid="edit-stop" onClick={onStop}>
            {t(draft.past.length > 0 ? "editing.discard" : "common.close")}
          </Button>
        </Group>
      </Group>
      <div role="toolbar" aria-label={t("editing.tools")} className="edit-tools">
        {TOOLS.map((each) => (
          <Button
            key={each}
            size="compact-sm"
            variant={each === tool ? "filled" : "default"}
            aria-pressed={each === tool}
            data-testid={`tool-${each}`}
            onClick={() => editor.use(each)}
          >
            {t(`tool.${each}`)}
          </Button>
        ))}
      </div>
      <Text size="xs" c="dimmed" role="status">
        {t(tool === "lane" && begun.length > 0 ? "editing.how.laneEnd" : `editing.how.${tool}`)}
      </Text>
      {tool === "zone" && begun.length >= 3 && (
        <Button size="xs" data-testid="zone-finish" onClick={() => editor.finish(level)}>
          {t("editing.finish")}
        </Button>
      )}
      {chosen && <Chosen key={chosen.id} feature={chosen} editor={editor} />}
      <Checked editor={editor} onFinding={onFinding} onStop={onStop} />
    </Stack>
  );
}

/** Undo, redo and delete from the keyboard, unless somebody is typing. */
function useKeys(editor: Editor, level: string) {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLElement && event.target.matches("input, textarea, select");
      if (typing) return;
      const key = event.key.toLowerCase();
      if ((event.ctrlKey || event.metaKey) && key === "z") (event.shiftKey ? editor.redo : editor.undo)();
      else if ((event.ctrlKey || event.metaKey) && key === "y") editor.redo();
      else if (key === "delete" && editor.chosen) editor.change(removed(editor.chosen.id));
      else if (key === "escape") editor.use("choose");
      else if (key === "enter" && editor.tool === "zone") editor.finish(level);
      else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [editor, level]);
}

/** The properties of what is chosen, as far as they are edited here. */
function Chosen({ feature, editor }: { feature: CampusFeature; editor: Editor }) {
  const { t, word } = useI18n();
  const { id, properties } = feature;
  const { feature: kind } = properties;
  const set = (change: Partial<CampusProperties>) => editor.change(described(id, change));
  return (
    <Stack gap="xs" data-testid="edit-chosen" data-feature={id}>
      <Group justify="space-between">
        <Text size="sm" fw={600}>
          {word("feature", kind)} {id}
        </Text>
        <Button size="compact-xs" variant="default" color="red" data-testid="edit-remove" onClick={() => editor.change(removed(id))}>
          {t("editing.remove")}
        </Button>
      </Group>
      {kind !== "lane" && <NameField value={properties.name ?? ""} onSet={(name) => set({ name: name || undefined } as Partial<CampusProperties>)} />}
      {kind === "lane" && (
        <Group gap="xs" align="flex-end">
          <NumberField label={t("editing.speed")} value={properties.speed_limit_mps ?? 1} least={0.2} testId="edit-speed" onSet={(value) => set({ speed_limit_mps: value })} />
          <NumberField label={t("editing.width")} value={properties.width_m ?? 1.6} least={0.5} testId="edit-width" onSet={(value) => set({ width_m: value })} />
          <Switch
            label={t("fact.oneWay")}
            checked={properties.direction === "forward"}
            onChange={(event) => set({ direction: event.currentTarget.checked ? "forward" : "both" })}
          />
        </Group>
      )}
      {kind === "asset" && (
        <NativeSelect
          size="xs"
          label={t("fact.kind")}
          data={ASSET_KINDS.map((value) => ({ value, label: word("asset", value) }))}
          value={properties.kind ?? ""}
          onChange={(event) => set({ kind: event.currentTarget.value })}
        />
      )}
      {kind === "zone" && (
        <NativeSelect
          size="xs"
          label={t("fact.purpose")}
          data={PURPOSES.map((value) => ({ value, label: word("purpose", value) }))}
          value={properties.purpose ?? "clean"}
          onChange={(event) => set({ purpose: event.currentTarget.value as "clean" })}
        />
      )}
    </Stack>
  );
}

/** Told when it is left, so that a name is one step and not one a letter. */
function NameField({ value, onSet }: { value: string; onSet: (name: string) => void }) {
  const { t } = useI18n();
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  return (
    <TextInput
      size="xs"
      data-testid="edit-name"
      label={t("editing.name")}
      value={typed}
      maxLength={100}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={() => typed.trim() !== value && onSet(typed.trim())}
    />
  );
}

function NumberField({ label, value, least, testId, onSet }: { label: string; value: number; least: number; testId: string; onSet: (value: number) => void }) {
  const [typed, setTyped] = useState<number | string>(value);
  useEffect(() => setTyped(value), [value]);
  return (
    <NumberInput
      size="xs"
      w={120}
      data-testid={testId}
      label={label}
      value={typed}
      min={least}
      max={20}
      step={0.1}
      decimalScale={2}
      onChange={setTyped}
      onBlur={() => {
        const number = Math.max(least, Number(typed) || least);
        setTyped(number);
        if (number !== value) onSet(number);
      }}
    />
  );
}

/** What the manager's validation says of the draft, and the way to publish it. */
function Checked({ editor: { draft }, onFinding, onStop }: Omit<Props, "level">) {
  const { t } = useI18n();
  const notices = useNotices();
  const queries = useQueryClient();
  const [note, setNote] = useState("");
  const [document] = useDebouncedValue(draft.document, CHECKED_AFTER_MS);
  const edited = draft.past.length > 0;
  const check = useQuery({
    queryKey: ["draft-check", document],
    queryFn: () => publishMap({ document: publishable({ ...draft, document }), check_only: true }),
    enabled: edited,
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const publishing = useMutation({
    mutationFn: () => publishMap({ document: publishable(draft), note: note.trim(), parent: draft.parent }),
    onSuccess: ({ version }) => {
      notices.done(t("publish.done", { version }));
      void queries.invalidateQueries({ queryKey: ["map-versions"] });
      void queries.invalidateQueries({ queryKey: ["map"] });
      onStop();
    },
  });
  if (!edited) return null;
  const current = check.isSuccess && document === draft.document;
  const errors = check.data?.findings.filter(({ severity }) => severity === "error").length ?? 0;
  return (
    <Stack gap="xs" data-testid="edit-check" data-checked={current} data-errors={errors}>
      {!current && !check.isError && (
        <Group gap="xs">
          <Loader size="xs" aria-label={t("publish.checking")} />
          <Text size="xs">{t("publish.checking")}</Text>
        </Group>
      )}
      {check.isError && <ProblemAlert error={check.error} />}
      {current && check.data.findings.length === 0 && <Alert color="teal" title={t("report.fine")} p="xs" />}
      {current && check.data.findings.length > 0 && (
        <div className="publish-findings">
          <Findings findings={check.data.findings} onChoose={onFinding} />
        </div>
      )}
      <TextInput size="xs" data-testid="edit-note" label={t("publish.note")} maxLength={1000} value={note} onChange={(event) => setNote(event.currentTarget.value)} />
      {publishing.isError && <ProblemAlert error={publishing.error} />}
      <Group justify="flex-end">
        <Button
          size="xs"
          data-testid="edit-publish"
          leftSection={<Icon name="upload" size={14} />}
          disabled={!current || errors > 0}
          loading={publishing.isPending}
          onClick={() => publishing.mutate()}
        >
          {t("publish.submit")}
        </Button>
      </Group>
    </Stack>
  );
}
