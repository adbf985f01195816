/** Every language says everything. */
import { beforeAll, describe, expect, it } from "vitest";
import { LANGUAGES, languageOf, loadCatalogue, message, wordFor } from "../src/i18n/catalogue";
import { en } from "../src/i18n/en";
import { formatsOf } from "../src/i18n/formats";

const placeholders = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();

describe.each(LANGUAGES.map(({ code }) => code))("the catalogue %s", (code) => {
  let catalogue: Record<string, string> = {};
  beforeAll(async () => {
    catalogue = await loadCatalogue(code);
  });

  it("has the keys of the English one", () => {
    expect(Object.keys(catalogue).sort()).toEqual(Object.keys(en).sort());
  });

  it("has the same placeholders in every message, and no empty one", () => {
    for (const [key, text] of Object.entries(en)) {
      expect(catalogue[key]?.trim(), key).toBeTruthy();
      expect(placeholders(catalogue[key] ?? ""), key).toEqual(placeholders(text));
    }
  });

  it("is in its own script", () => {
    const script = { en: /[a-z]/, zh: /[\u4e00-\u9fff]/, ko: /[\uac00-\ud7a3]/ }[code];
    const foreign = Object.entries(catalogue).filter(
      ([key, text]) => key !== "common.none" && !script.test(text),
    );
    expect(foreign.map(([key]) => key).filter((key) => !/\.(of|alarm)$/.test(key))).toEqual([]);
  });
});

describe("messages", () => {
  it("take their values", () => {
    expect(message("en", "dispatch.done", { id: "patrol-7" })).toBe("Task patrol-7 has been accepted");
  });

  it("show a word of the wire that no catalogue knows as it is", () => {
    expect(wordFor("ko", "taskStatus", "underway")).toBe("진행 중");
    expect(wordFor("ko", "kind", "lawn_mower")).toBe("lawn mower");
  });

  it("come in the first language there is a catalogue for", () => {
    expect(languageOf(["de-DE", "ko-KR", "en"])).toBe("ko");
    expect(languageOf(["zh-Hans-CN"])).toBe("zh");
    expect(languageOf(["fr"])).toBe("en");
  });

  it("say ages and durations in their largest unit", () => {
    const { ago, duration } = formatsOf("en-GB");
    expect(ago(0.4)).toBe("now");
    expect(ago(95)).toMatch(/^2 min.* ago$/);
    expect(duration(7_200)).toMatch(/^2 h/);
  });
});
