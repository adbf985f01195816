/** The message catalogues and how a message is made from one. */
import { en } from "./en";

export type MessageKey = keyof typeof en;
export type Catalogue = Record<MessageKey, string>;

type PlaceholderOf<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PlaceholderOf<Rest>
  : never;

/** What a message needs beside its key: nothing, or a value for each placeholder. */
export type Values<Key extends MessageKey> = [PlaceholderOf<(typeof en)[Key]>] extends [never]
  ? []
  : [values: Record<PlaceholderOf<(typeof en)[Key]>, string | number>];

export const LANGUAGES = [
  { code: "en", name: "English", locale: "en-GB" },
  { code: "zh", name: "简体中文", locale: "zh-CN" },
  { code: "ko", name: "한국어", locale: "ko-KR" },
] as const;

export type Language = (typeof LANGUAGES)[number]["code"];

const LOADERS: Record<Language, () => Promise<Catalogue>> = {
  en: () => Promise.resolve(en),
  zh: () => import("./zh").then(({ zh }) => zh),
  ko: () => import("./ko").then(({ ko }) => ko),
};

/** Those that were loaded; English, which all others are measured by, always is. */
const loaded: Partial<Record<Language, Catalogue>> = { en };

/** Fetch the catalogue of a language, so that it can be spoken. */
export async function loadCatalogue(language: Language): Promise<Catalogue> {
  const catalogue = loaded[language] ?? (await LOADERS[language]());
  loaded[language] = catalogue;
  return catalogue;
}

const catalogueOf = (language: Language): Catalogue => loaded[language] ?? en;

export function isLanguage(code: string | null | undefined): code is Language {
  return LANGUAGES.some((language) => language.code === code);
}

/** The first wanted language there is a catalogue for; English else. */
export function languageOf(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const code = tag.toLowerCase().split("-")[0];
    if (isLanguage(code)) return code;
  }
  return "en";
}

/** A message of a language with its placeholders filled. */
export function message<Key extends MessageKey>(
  language: Language,
  key: Key,
  ...values: Values<Key>
): string {
  const given: Record<string, string | number> = values[0] ?? {};
  return catalogueOf(language)[key].replace(/\{(\w+)\}/g, (whole, name: string) =>
    String(given[name] ?? whole),
  );
}

/** Families of messages for words that come over the wire and that later versions may add to. */
export type Family =
  | "kind"
  | "robotStatus"
  | "taskStatus"
  | "programmeStatus"
  | "category"
  | "mode"
  | "assetKind"
  | "asset"
  | "feature"
  | "purpose"
  | "surface"
  | "structure"
  | "obstacle"
  | "role"
  | "measure"
  | "weather"
  | "passageState"
  | "session"
  | "check"
  | "severity"
  | "incidentStatus"
  | "incidentKind"
  | "verdict"
  | "measureOf"
  | "inspection";

/** The word for a value of the wire, or the value itself where the catalogue does not know it. */
export function wordFor(language: Language, family: Family, value: string | number): string {
  const key = `${family}.${value}`;
  const known: Partial<Record<string, string>> = catalogueOf(language);
  return known[key] ?? String(value).replaceAll("_", " ");
}
