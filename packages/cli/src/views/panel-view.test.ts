/** Lists and help at every width: nothing is cut off without a sign, and what is chosen is in sight. */
import { describe, expect, it } from "vitest";
import { noCompletion } from "../state/completion.ts";
import { slashCommands } from "../state/slash.ts";
import { commandsHelp, keysHelp } from "./help-view.ts";
import { completionLines, helpPage } from "./panel-view.ts";
import { createStyle } from "./style.ts";
import { displayWidth } from "./text.ts";

const style = createStyle({ NO_COLOR: "1" }, false);
const entries = slashCommands.map(({ name }) => ({ text: `/${name}` }));

describe("a completion", () => {
  it("says which of how many is chosen where not all are shown", () => {
    for (let selected = 0; selected < entries.length; selected++) {
      const lines = completionLines({ ...noCompletion, entries, selected, chosen: true }, { width: 80, height: 20 }, style);
      expect(lines).toHaveLength(8);
      expect(lines).toContain(`› /${slashCommands[selected]?.name}`);
      expect(lines.at(-1)).toContain(`${selected + 1} of ${entries.length}`);
    }
  });

  it("is shown whole without more words where there is room", () => {
    const few = { ...noCompletion, entries: entries.slice(0, 8) };
    const unmarked = entries.slice(0, 8).map(({ text }) => `  ${text}`);
    expect(completionLines(few, { width: 80, height: 8 }, style)).toEqual(unmarked);
    expect(completionLines({ ...few, chosen: true }, { width: 80, height: 8 }, style)).toEqual([
      "› /help",
      ...entries.slice(1, 8).map(({ text }) => `  ${text}`),
    ]);
  });
});

describe("the help", () => {
  it.each([40, 80, 400])("has all of its words within %i columns", (width) => {
    const lines = keysHelp([commandsHelp()], { style, width });
    for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
    const words = lines.join(" ").split(/\s+/);
    for (const { text } of slashCommands) for (const word of text.split(" ")) expect(words).toContain(word);
  });

  it("does not go beyond its last page, so that the way back is as long as it looks", () => {
    const all = Array.from({ length: 30 }, (_, n) => `line ${n}`);
    expect(helpPage(all, 100, { width: 80, height: 11 })).toMatchObject({ first: 20 });
    expect(helpPage(all, 100, { width: 80, height: 11 }).lines).toEqual([
      ...all.slice(20),
      expect.stringContaining("lines 21–30 of 30"),
    ]);
  });
});
