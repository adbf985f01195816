/** Finds a place, building, zone, asset or camera by its name or id and brings it into the middle. */
import { Combobox, Text, TextInput, useCombobox } from "@mantine/core";
import { memo, useState } from "react";
import { useI18n } from "../i18n/I18nProvider";
import { Icon } from "../ui/icons";
import type { CampusModel, MapFeature } from "./campusModel";
import { labelOf } from "./search";
import { searchOf } from "./useCampus";

interface Props {
  model: CampusModel;
  onFound: (feature: MapFeature) => void;
}

export const SearchBox = memo(function SearchBox({ model, onFound }: Props) {
  const { t, word } = useI18n();
  const [text, setText] = useState("");
  const box = useCombobox({ onDropdownClose: () => box.resetSelectedOption() });
  const found = searchOf(model).find(text);
  const levels = new Map(model.levels.map(({ id, name }) => [id, name]));
  const noteOf = ({ kind, properties, levels: on }: MapFeature) =>
    [
      kind === "asset" && properties.kind ? word("asset", properties.kind) : word("feature", kind === "waypoint" && properties.role === "dock" ? "dock" : kind),
      on.length === 1 && levels.size > 1 ? levels.get(on[0] ?? "") : null,
    ]
      .filter(Boolean)
      .join(" · ");
  const submit = (id: string) => {
    const feature = model.get(id);
    if (feature) onFound(feature);
    setText("");
    box.closeDropdown();
  };
  return (
    <div className="map-search">
      <Combobox store={box} onOptionSubmit={submit} withinPortal position="bottom-start" width={300}>
        <Combobox.Target>
          <TextInput
            data-testid="map-search"
            type="search"
            size="sm"
            aria-label={t("map.search")}
            placeholder={t("map.search")}
            leftSection={<Icon name="search" size={16} />}
            value={text}
            onChange={(event) => {
              setText(event.currentTarget.value);
              box.openDropdown();
              box.updateSelectedOptionIndex();
              box.selectFirstOption();
            }}
            onFocus={() => box.openDropdown()}
            onBlur={() => box.closeDropdown()}
            onKeyDown={(event) => {
              if (event.key === "Escape") setText("");
            }}
          />
        </Combobox.Target>
        <Combobox.Dropdown hidden={!text.trim()}>
          <Combobox.Options mah={320} style={{ overflowY: "auto" }}>
            {found.length === 0 && <Combobox.Empty>{t("map.search.nothing")}</Combobox.Empty>}
            {found.map((feature) => (
              <Combobox.Option key={feature.id} value={feature.id}>
                <Text size="sm" truncate>
                  {labelOf(feature)}
                </Text>
                <Text size="xs" c="dimmed" truncate>
                  {noteOf(feature)}
                </Text>
              </Combobox.Option>
            ))}
          </Combobox.Options>
        </Combobox.Dropdown>
      </Combobox>
    </div>
  );
});
