/** The configuration of the terminal: what the guide shows works, and what cannot be is named. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { keyOf } from "../keys/bindings.ts";
import { readTerminalSettings } from "./terminal-settings.ts";

it("works as the guide shows it", () => {
  const guide = readFileSync(new URL("../../../../docs/terminal.md", import.meta.url), "utf8");
  const [, example = ""] = /```json\n([^]*?)```/.exec(guide) ?? [];
  const read = readTerminalSettings(JSON.parse(example).terminal);
  expect(read.ok && read.value.settings).toEqual({ vim: false, tellCorrections: false });
  expect(read.ok && keyOf(read.value.bindings, "input", "newline")).toBe("Ctrl-O");
});

it.each([
  [{ vim: "yes" }, '"terminal.vim" must be true or false.'],
  [{ corrections: true }, '"terminal.corrections" must be "offer" or "tell".'],
  [{ colour: "red" }, '"terminal.colour" is unknown; known are keys, vim, corrections.'],
  [{ keys: { "review.agree": ["y"] } }, '"terminal.keys.review.agree" is no action'],
])("refuses %j", (stored, message) => {
  const read = readTerminalSettings(stored);
  expect(read.ok ? "" : `${read.failure.code} ${read.failure.message}`).toContain(`CONFIG_INVALID ${message}`);
});

it("has what everybody has where nothing is said", () => {
  const read = readTerminalSettings({});
  expect(read.ok && read.value.settings).toEqual({ vim: false, tellCorrections: false });
});
