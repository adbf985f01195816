/** All that is closed, slowed, or will be. */
import { Text } from "@mantine/core";
import { useMemo } from "react";
import { ClosureItem } from "../closures/ClosureItem";
import { inOrder } from "../closures/closures";
import { useI18n } from "../i18n/I18nProvider";
import { selectClosures, useLive } from "../live/LiveProvider";
import type { CampusModel } from "../map/campusModel";
import { labelOf } from "../map/search";

export function ClosureList({ model, onShow }: { model: CampusModel; onShow: (id: string) => void }) {
  const { t } = useI18n();
  const closures = useLive(selectClosures);
  const shown = useMemo(() => inOrder(closures.values()), [closures]);
  const naming = (id: string) => {
    const feature = model.get(id);
    return feature ? labelOf(feature) : id;
  };
  return (
    <div data-testid="closures">
      <Text size="sm" c="dimmed" p="sm">
        {shown.length === 0 ? t("closures.none") : t("closures.how")}
      </Text>
      <ul className="rows">
        {shown.map((closure) => (
          <li key={closure.id} className="row">
            <ClosureItem closure={closure} naming={naming} showWhat onShow={onShow} />
          </li>
        ))}
      </ul>
    </div>
  );
}
