/** What is to be otherwise than it is. */
import { Button, Checkbox, Group, MultiSelect, NumberInput, Stack, Text, TextInput } from "@mantine/core";
import { useMemo, useState, type FormEvent } from "react";
import type { CampusDocument } from "../api/types";
import { useI18n } from "../i18n/I18nProvider";
import { FIRST_WISH, questionOf, type ClosedKind, type Wish } from "./whatIf";

const CLOSABLE: Partial<Record<string, ClosedKind>> = { zone: "zones", lane: "lanes", door: "passages", lift: "passages", crossing: "passages" };
const SHOWN = 60;

interface Props {
  campus: CampusDocument;
  /** How many robots of each kind there are. */
  fleet: Readonly<Record<string, number>>;
  busy: boolean;
  onAsk: (question: ReturnType<typeof questionOf>) => void;
}

export function WishForm({ campus, fleet, busy, onAsk }: Props) {
  const { t, word } = useI18n();
  const [wish, setWish] = useState<Wish>(FIRST_WISH);
  const { choices, kinds } = useMemo(() => {
    const found = campus.features.flatMap(({ id, properties }) => {
      const kind = CLOSABLE[properties.feature];
      return kind ? [{ value: id, label: properties.name ?? id, kind }] : [];
    });
    // Lanes are many and seldom meant: last.
    found.sort((one, other) => Number(one.kind === "lanes") - Number(other.kind === "lanes") || one.label.localeCompare(other.label));
    return { choices: found.map(({ value, label }) => ({ value, label })), kinds: new Map(found.map(({ value, kind }) => [value, kind])) };
  }, [campus]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const name = wish.name.trim() || t("whatIf.otherwise");
    onAsk(questionOf({ ...wish, name }, (id) => kinds.get(id) ?? "lanes", fleet));
  };
  const numeric = (value: string | number, least: number) => Math.max(least, Number(value) || least);
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="sm">
        <TextInput
          size="sm"
          data-testid="what-if-name"
          label={t("whatIf.name")}
          placeholder={t("whatIf.name.hint")}
          maxLength={80}
          value={wish.name}
          onChange={(event) => setWish({ ...wish, name: event.currentTarget.value })}
        />
        <Group gap="sm" align="flex-end">
          {Object.entries(fleet).map(([kind, count]) => (
            <NumberInput
              key={kind}
              w={110}
              data-testid={`what-if-robots-${kind}`}
              label={word("kind", kind)}
              value={wish.robots[kind] ?? count}
              min={0}
              max={500}
              allowDecimal={false}
              onChange={(value) => setWish({ ...wish, robots: { ...wish.robots, [kind]: numeric(value, 0) } })}
            />
          ))}
        </Group>
        <MultiSelect
          data-testid="what-if-closed"
          label={t("whatIf.closed")}
          data={choices}
          value={[...wish.closed]}
          onChange={(closed) => setWish({ ...wish, closed })}
          searchable
          selectFirstOptionOnChange
          clearable
          hidePickedOptions
          limit={SHOWN}
          nothingFoundMessage={t("dispatch.nothing")}
        />
        <NumberInput
          w={220}
          label={t("whatIf.incidents")}
          placeholder={t("whatIf.asItIs")}
          value={wish.incidentsPerDay ?? ""}
          min={0}
          max={500}
          onChange={(value) => setWish({ ...wish, incidentsPerDay: value === "" ? null : numeric(value, 0) })}
        />
        <Checkbox label={t("whatIf.rain")} checked={wish.rain} onChange={(event) => setWish({ ...wish, rain: event.currentTarget.checked })} />
        <Group gap="sm" align="flex-end">
          <NumberInput
            w={130}
            data-testid="what-if-days"
            label={t("whatIf.days")}
            value={wish.days}
            min={0.05}
            max={31}
            decimalScale={2}
            onChange={(value) => setWish({ ...wish, days: numeric(value, 0.05) })}
          />
          <NumberInput
            w={130}
            data-testid="what-if-seeds"
            label={t("whatIf.seeds")}
            value={wish.seeds}
            min={2}
            max={200}
            allowDecimal={false}
            onChange={(value) => setWish({ ...wish, seeds: numeric(value, 2) })}
          />
          <Button type="submit" data-testid="what-if-ask" loading={busy}>
            {t("whatIf.ask")}
          </Button>
        </Group>
        <Text size="xs" c="dimmed">
          {t("whatIf.how")}
        </Text>
      </Stack>
    </form>
  );
}
