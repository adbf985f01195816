/** The form to ask for a patrol, a cleaning or an inspection. */
import {
  Button,
  Group,
  Loader,
  MultiSelect,
  NumberInput,
  SegmentedControl,
  Select,
  Stack,
  Switch,
  Text,
} from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState, type FormEvent } from "react";
import { campusQuery } from "../api/queries";
import type { CampusDocument } from "../api/types";
import { useI18n } from "../i18n/I18nProvider";
import { selectZones, useLive } from "../live/LiveProvider";
import { usePerson } from "../ui/Person";
import { ProblemAlert, useNotices } from "../ui/problems";
import { assetChoices, placeChoices, zoneChoices } from "./choices";
import { useDispatch } from "./DispatchProvider";
import { useSubmit } from "./useSubmit";
import { EMPTY_WISH, WISH_CATEGORIES, missingOf, requestOf, type WishCategory } from "./wish";

/** Search fields show this many; typing narrows them. */
const SHOWN = 60;

interface FieldProps {
  campus: CampusDocument;
  error: string | null;
}

function PatrolFields({ campus, error }: FieldProps) {
  const { t } = useI18n();
  const { wish, setWish } = useDispatch();
  const { named, bays } = useMemo(() => placeChoices(campus), [campus]);
  return (
    <>
      <MultiSelect
        data-testid="dispatch-places"
        label={t("dispatch.places")}
        description={t("dispatch.places.hint")}
        data={[
          { group: t("dispatch.places.named"), items: named },
          { group: t("dispatch.places.bays"), items: bays },
        ]}
        value={wish.places}
        onChange={(places) => setWish({ ...wish, places })}
        error={error}
        searchable
        selectFirstOptionOnChange
        clearable
        hidePickedOptions
        limit={SHOWN}
        nothingFoundMessage={t("dispatch.nothing")}
        maxDropdownHeight={240}
      />
      <NumberInput
        data-testid="dispatch-rounds"
        label={t("dispatch.rounds")}
        value={wish.rounds}
        onChange={(rounds) => setWish({ ...wish, rounds: Math.max(1, Number(rounds) || 1) })}
        min={1}
        max={99}
        allowDecimal={false}
        w={120}
      />
    </>
  );
}

function CleanFields({ campus, error }: FieldProps) {
  const { t, percent } = useI18n();
  const { wish, setWish } = useDispatch();
  const fractions = useLive(selectZones);
  const zones = useMemo(() => zoneChoices(campus), [campus]);
  const data = zones.map(({ value, label }) => {
    const fraction = fractions.get(value);
    return {
      value,
      label:
        typeof fraction === "number"
          ? t("dispatch.zone.clean", { name: label, percent: percent(fraction) })
          : label,
    };
  });
  return (
    <Select
      data-testid="dispatch-zone"
      allowDeselect={false}
      label={t("dispatch.zone")}
      description={t("dispatch.zone.hint")}
      data={data}
      value={wish.zone}
      onChange={(zone) => setWish({ ...wish, zone })}
      error={error}
      searchable
      selectFirstOptionOnChange
      clearable
      nothingFoundMessage={t("dispatch.nothing")}
      maxDropdownHeight={240}
    />
  );
}

function InspectFields({ campus, error }: FieldProps) {
  const { t, word } = useI18n();
  const { wish, setWish } = useDispatch();
  const byKind = useMemo(() => assetChoices(campus), [campus]);
  return (
    <MultiSelect
      data-testid="dispatch-assets"
      label={t("dispatch.assets")}
      description={t("dispatch.assets.hint")}
      data={[...byKind].map(([kind, items]) => ({ group: word("assetKind", kind), items }))}
      value={wish.assets}
      onChange={(assets) => setWish({ ...wish, assets })}
      error={error}
      searchable
      selectFirstOptionOnChange
      clearable
      hidePickedOptions
      limit={SHOWN}
      nothingFoundMessage={t("dispatch.nothing")}
      maxDropdownHeight={240}
    />
  );
}

const FIELDS = { patrol: PatrolFields, clean: CleanFields, inspect: InspectFields };

export function DispatchForm() {
  const { t, word } = useI18n();
  const { wish, setWish, close } = useDispatch();
  const { name } = usePerson();
  const campus = useQuery(campusQuery);
  const notices = useNotices();
  const { submit, busy } = useSubmit();
  const [tried, setTried] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const missing = missingOf(wish);
  const Fields = FIELDS[wish.category];

  const onSubmit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (missing) return;
    setFailure(null);
    try {
      const { state } = await submit(requestOf(wish, name));
      notices.done(t("dispatch.done", { id: state.booking.id }));
      setWish({ ...EMPTY_WISH, category: wish.category });
      setTried(false);
      close();
    } catch (error) {
      setFailure(error);
      notices.failed(error);
    }
  };

  if (campus.isPending) return <Loader aria-label={t("map.loading")} />;
  if (campus.isError) {
    return <ProblemAlert error={campus.error} onRetry={() => void campus.refetch()} />;
  }
  return (
    <form onSubmit={(event) => void onSubmit(event)} noValidate>
      <Stack gap="sm">
        <div>
          <Text size="sm" fw={500} id="dispatch-category-label" mb={4}>
            {t("dispatch.category")}
          </Text>
          <SegmentedControl
            data-testid="dispatch-category"
            aria-labelledby="dispatch-category-label"
            fullWidth
            data={WISH_CATEGORIES.map((value) => ({
              value,
              label: <span data-testid={`dispatch-category-${value}`}>{word("category", value)}</span>,
            }))}
            value={wish.category}
            onChange={(category) => {
              setTried(false);
              setWish({ ...wish, category: category as WishCategory });
            }}
          />
        </div>
        <Fields campus={campus.data} error={tried && missing ? t(missing) : null} />
        <Switch
          data-testid="dispatch-urgent"
          label={t("dispatch.urgent")}
          checked={wish.urgent}
          onChange={(event) => setWish({ ...wish, urgent: event.currentTarget.checked })}
        />
        {failure !== null && <ProblemAlert error={failure} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t("common.cancel")}
          </Button>
          <Button data-testid="dispatch-submit" type="submit" loading={busy}>
            {t("dispatch.submit")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
