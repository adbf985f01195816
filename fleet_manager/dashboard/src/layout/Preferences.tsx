/** Language and colours; both are remembered on this device. */
import { NativeSelect, useMantineColorScheme, type MantineColorScheme } from "@mantine/core";
import { LANGUAGES, isLanguage } from "../i18n/catalogue";
import { useI18n } from "../i18n/I18nProvider";

const SCHEMES = ["auto", "light", "dark"] as const;

export function Preferences() {
  const { t, language, setLanguage } = useI18n();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <>
      <NativeSelect
        data-testid="language"
        aria-label={t("app.language")}
        title={t("app.language")}
        size="xs"
        data={LANGUAGES.map(({ code, name }) => ({ value: code, label: name }))}
        value={language}
        onChange={({ currentTarget: { value } }) => {
          if (isLanguage(value)) setLanguage(value);
        }}
      />
      <NativeSelect
        data-testid="theme"
        aria-label={t("app.theme")}
        title={t("app.theme")}
        size="xs"
        data={SCHEMES.map((value) => ({ value, label: t(`theme.${value}`) }))}
        value={colorScheme}
        onChange={({ currentTarget: { value } }) => setColorScheme(value as MantineColorScheme)}
      />
    </>
  );
}
