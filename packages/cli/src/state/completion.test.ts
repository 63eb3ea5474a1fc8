import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Completion,
  closeMenu,
  completeAt,
  menuIsOpen,
  moveMenu,
  noCompletion,
  offerPaths,
  takeEntry,
} from "./completion.ts";
import { slashCommands } from "./slash.ts";
import { leastCpuMs } from "../../../../tools/cpu-time.ts";

const scale = Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);

/** `|` is the cursor. */
function at(marked: string, before: Completion = noCompletion): Completion {
  const cursor = marked.indexOf("|");
  const models = ["groq/gpt-oss", "openai/gpt-5.3-codex-spark", "instant"];
  return completeAt(before, {
    text: marked.replace("|", ""),
    cursor,
    commands: slashCommands,
    hunks: ["h1", "h2", "h11"],
    models,
  });
}

const texts = ({ entries }: Completion): string[] => entries.map(({ text }) => text);
const offered = (completion: Completion, paths: readonly string[]): Completion =>
  offerPaths(completion, completion.generation, paths);
/** The line after the entry has been taken. */
function taken(completion: Completion): string {
  const { text, cursor } = takeEntry(completion);
  return `${text.slice(0, cursor)}|${text.slice(cursor)}`;
}

describe("what is completed", () => {
  it.each([
    ["@|", ""],
    ["fix @src/pr|", "src/pr"],
    ["fix (@src|) now", "src"],
    ['fix @"my fold|', "my fold"],
    ["one\n@a|", "a"],
    ["/scope sr|", "sr"],
    ['/scope a "my fo|', "my fo"],
    ["/scope @sr|", "sr"],
    ["mail me@home|", undefined],
    ["fix @src |", undefined],
    ['fix @"a b" |', undefined],
    ["! ls @src|", undefined],
    ["!/he|", undefined],
    ["/scope |", undefined],
    ["|@src", undefined],
  ])("paths at %s", (marked, wanted) => {
    expect(at(marked).wanted).toBe(wanted);
  });

  it.each([
    ["/|", slashCommands.map(({ name }) => `/${name}`)],
    ["/mo|", ["/mode", "/model"]],
    ["/MO|", ["/mode", "/model"]],
    ["/mode |", ["flow", "step", "plan"]],
    ["/mode s|", ["step"]],
    ["/mode step|", []],
    ["/model g|", ["groq/gpt-oss"]],
    ["/undo |", ["h11", "h2", "h1"]],
    ["/accept h1|", ["h11"]],
    ["/accept h2 h1|", ["h11"]],
    ["/btw what is |", []],
    ["/nosuch h|", []],
    ["say /mo|", []],
    ["!/mo|", []],
    ["one\n/mo|", []],
  ])("words at %s", (marked, words) => {
    expect(texts(at(marked))).toEqual(words);
  });

  it("says what a command is for", () => {
    expect(at("/sco|").entries[0]?.note).toBe("[path …]: only these paths may change; `all` lifts it");
  });

  it("looks at a megabyte no longer than at a line", () => {
    const all = leastCpuMs(1, () => {
      for (let time = 0; time < 100; time++) at(`${"=@=@".repeat(250_000)} @s|`);
    });
    expect(all / 100).toBeLessThan(20);
    expect(at(`${"word ".repeat(200_000)}@src|`).wanted).toBe("src");
    expect(texts(at(`/${"m".repeat(5000)}|`))).toEqual([]);
  });
});

describe("answers", () => {
  it("count only for the question that was asked last", () => {
    const first = at("@s|");
    const second = at("@sr|", first);
    expect(texts(offerPaths(second, first.generation, ["old"]))).toEqual([]);
    expect(texts(offerPaths(second, second.generation, ["src/a"]))).toEqual(["src/a", "src/"]);
    const gone = at("no|", second);
    expect(texts(offerPaths(gone, gone.generation, ["src/a"]))).toEqual([]);
  });

  it("still count when the rest of the line has changed", () => {
    const asked = at("@s| and more");
    const same = at("@s|", asked);
    expect(texts(offerPaths(same, asked.generation, ["src/a"]))).toEqual(["src/a", "src/"]);
    expect(taken(offerPaths(same, asked.generation, ["src/a"]))).toBe("@src/a |");
  });

  it("stay until the next ones are there, as far as they fit", () => {
    const shown = offered(at("@s|"), ["src/a.ts", "src/B.ts", "list"]);
    expect(texts(at("@sb|", shown))).toEqual(["src/B.ts"]);
    expect(texts(at("@s| @s", shown))).toEqual(["src/a.ts", "src/", "src/B.ts", "list"]);
    expect(texts(at("@s @s|", shown))).toEqual([]);
  });

  it("offer nothing to whom has typed all of it", () => {
    expect(menuIsOpen(offered(at("@src/a.ts|"), ["src/a.ts", "src/a.tsx"]))).toBe(false);
    expect(menuIsOpen(offered(at("@src/a|"), ["src/a.ts", "src/a.tsx"]))).toBe(true);
  });

  it("are at most fifty", () => {
    expect(
      offered(
        at("@|"),
        Array.from({ length: 500 }, (_, index) => `f${index}`),
      ).entries,
    ).toHaveLength(50);
  });
});

describe("the menu", () => {
  const open = offered(at("see @s| now"), ["a/s.ts", "my files.md", "s"]);

  it("goes round in both directions, but by a page only as far as it goes", () => {
    const steps = (by: number, count: number) =>
      Array.from({ length: count }).reduce((at: typeof open) => moveMenu(at, by), open);
    expect([1, 2, 3, 4].map((count) => steps(1, count).selected)).toEqual([0, 1, 2, 0]);
    expect([steps(-1, 1).selected, moveMenu(open, 8).selected, moveMenu(moveMenu(open, 8), -8).selected]).toEqual([2, 2, 0]);
    expect(moveMenu(noCompletion, 1)).toBe(noCompletion);
  });

  it("puts the entry in place of the word, quoted where it has blanks", () => {
    expect(taken(open)).toBe("see @a/s.ts |now");
    expect(taken(moveMenu(moveMenu(open, 1), 1))).toBe('see @"my files.md" |now');
    expect(taken(offered(at('@"my f|'), ["my file.md"]))).toBe('@"my file.md" |');
    expect(taken(offered(at('/scope "my f|'), ["my file.md"]))).toBe('/scope "my file.md" |');
    expect(taken(offered(at("/scope sr|"), ["src"]))).toBe("/scope src |");
    expect(taken(at("/mod|"))).toBe("/mode |");
    expect(taken(at("/mode fl|"))).toBe("/mode flow |");
    expect(taken(noCompletion)).toBe("|");
  });

  it("has the folders of what is found first, behind which one goes on", () => {
    const open = offered(at("/scope li|"), ["lib/utils.js", "lib/my parts/list.js", "src/lib/a.js", "list.md", "other/oli.js"]);
    expect(texts(open).slice(0, 3)).toEqual(["lib/", "src/lib/", "lib/utils.js"]);
    expect(taken(open)).toBe("/scope lib/|");
    expect(texts(offered(at("@lib/|"), ["lib/utils.js", "lib/my parts/list.js"]))[1]).toBe("lib/my parts/");
    expect(taken(moveMenu(offered(at("@lib/m|"), ["lib/my parts/list.js"]), -1))).toBe('@"lib/my parts/|');
  });

  it("is what Enter takes only where it was moved in or asked for, or where nothing else can be meant", () => {
    const chosen = [at("/mo|"), at("/mode s|"), at("/accept h1|"), open, moveMenu(open, 1)].map((menu) => menu.chosen);
    expect(chosen).toEqual([true, true, false, false, true]);
    expect(offered(moveMenu(offered(at("@s|"), ["src/a.ts"]), 1), ["src/b.ts"]).chosen).toBe(false);
    const asked = completeAt(noCompletion, { text: "!ls s", cursor: 5, commands: [], hunks: [], asked: true });
    expect(offered(asked, ["src/a.ts"]).chosen).toBe(true);
  });

  it("is closed then, and late answers do not open it", () => {
    const { completion } = takeEntry(open);
    expect(menuIsOpen(completion)).toBe(false);
    expect(menuIsOpen(offerPaths(completion, open.generation, ["late"]))).toBe(false);
  });

  it("stays closed by hand for this word, whatever is typed in it", () => {
    const closed = closeMenu(open);
    expect(menuIsOpen(closed)).toBe(false);
    const further = at("see @sr| now", closed);
    expect(further.wanted).toBeUndefined();
    expect(at("see @sr and @x|", further).wanted).toBe("x");
    expect(at("see @s| now", at("see | now", further)).wanted).toBe("s");
    expect(menuIsOpen(at("/mod|", closeMenu(at("/mo|"))))).toBe(false);
  });

  it("never takes anything but the word away", () => {
    const texts = fc.array(fc.constantFrom("@", "/", '"', " ", "a", "src/", "\n", "mode ", "!"), { maxLength: 12 });
    fc.assert(
      fc.property(texts, fc.nat(), fc.string({ minLength: 1 }), (pieces, place, path) => {
        const text = pieces.join("");
        const cursor = place % (text.length + 1);
        const completion = offered(at(`${text.slice(0, cursor)}|${text.slice(cursor)}`), [path]);
        const result = takeEntry(completion);
        if (!menuIsOpen(completion)) {
          expect(result.text).toBe(text);
          return;
        }
        expect(result.text.startsWith(text.slice(0, completion.from))).toBe(true);
        expect(result.text.slice(result.cursor)).toBe(text.slice(cursor).replace(/^ /, ""));
        expect(text.slice(completion.from, cursor)).not.toMatch(/^\s/);
      }),
      { numRuns: 300 * scale },
    );
  });
});

it("the guide names every command", () => {
  const guide = readFileSync(new URL("../../../../docs/terminal.md", import.meta.url), "utf8");
  const [, listed = ""] = /^`(\/help [^`]*)`/m.exec(guide) ?? [];
  expect(listed.split(" ").sort()).toEqual(slashCommands.map(({ name }) => `/${name}`).sort());
});
