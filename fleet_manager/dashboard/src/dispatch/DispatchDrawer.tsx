/** The dispatch form beside (on a phone: below) the map, which stays free for choosing by click. */
import { Drawer } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useI18n } from "../i18n/I18nProvider";
import { PHONE } from "../layout/media";
import { useDispatch } from "./DispatchProvider";
import { DispatchForm } from "./DispatchForm";

export default function DispatchDrawer() {
  const { t } = useI18n();
  const { opened, close } = useDispatch();
  const phone = useMediaQuery(PHONE);
  return (
    <Drawer
      opened={opened}
      onClose={close}
      position={phone ? "bottom" : "right"}
      size={phone ? "58dvh" : 420}
      title={t("dispatch.title")}
      withOverlay={false}
      lockScroll={false}
      trapFocus={false}
      closeOnClickOutside={false}
      closeButtonProps={{ "aria-label": t("common.close") }}
      classNames={{ content: "dispatch-drawer", inner: "dispatch-inner" }}
      attributes={{ inner: { "data-side": phone ? "bottom" : "right" } }}
      padding="md"
      shadow="xl"
    >
      <DispatchForm />
    </Drawer>
  );
}
