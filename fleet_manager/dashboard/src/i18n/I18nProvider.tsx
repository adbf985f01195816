/** The chosen language, remembered, and the functions that speak it. */
import { createContext, useContext, useEffect, useMemo, useState } from "react";
import type { ReactNode } from "react";
import {
  LANGUAGES,
  isLanguage,
  languageOf,
  loadCatalogue,
  message,
  wordFor,
  type Family,
  type Language,
  type MessageKey,
  type Values,
} from "./catalogue";
import { formatsOf, type Formats } from "./formats";
import { remember, remembered } from "../ui/memory";

const KEY = "campus-fleet.language";

export interface I18n extends Formats {
  language: Language;
  setLanguage: (language: Language) => void;
  t: <Key extends MessageKey>(key: Key, ...values: Values<Key>) => string;
  word: (family: Family, value: string | number) => string;
}

const Context = createContext<I18n | null>(null);

/** The language this reader has chosen, else the first of the browser's that there is. */
export function firstLanguage(): Language {
  const stored = remembered(KEY);
  return isLanguage(stored) ? stored : languageOf(navigator.languages);
}

export function I18nProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState(firstLanguage);
  const locale = LANGUAGES.find(({ code }) => code === language)?.locale ?? "en-GB";

  useEffect(() => {
    document.documentElement.lang = locale;
    document.title = message(language, "app.name");
  }, [language, locale]);

  const value = useMemo<I18n>(
    () => ({
      language,
      setLanguage: (next) => {
        remember(KEY, next);
        void loadCatalogue(next).then(() => setLanguage(next));
      },
      t: (key, ...values) => message(language, key, ...values),
      word: (family, wire) => wordFor(language, family, wire),
      ...formatsOf(locale),
    }),
    [language, locale],
  );
  return <Context value={value}>{children}</Context>;
}

export function useI18n(): I18n {
  const i18n = useContext(Context);
  if (!i18n) throw new Error("useI18n needs an I18nProvider above it");
  return i18n;
}
