import { afterEach, describe, expect, it } from "vitest";
import type { DialectName, EventBody, ModelCapabilities } from "@twolane/protocol";
import type { HunkFacts, HunkContext, Refusal } from "@twolane/policy";
import type { Files } from "../../host/files.ts";
import { type Workshop, openStream, openWorkshop } from "../../../test/landing/workshop.ts";

let open: Workshop[] = [];
afterEach(async () => {
  for (const made of open.splice(0)) await made.dispose();
  open = [];
});

/** Every cut in a long run. */
const step = Number(process.env["TWOLANE_TEST_SCALE"] ?? 1) > 1 ? 1 : 7;

const hold = (rule: string): Refusal => ({ decision: "hold", rule, reason: `${rule} says no`, wayOut: "Ask." });
const secret = "key-0123456789";

/** Protects `infra/`, finds one secret, and holds more than six lines a turn. */
function refusals({ path, movedTo, added, removed }: HunkFacts, { turn = new Map() }: HunkContext): Refusal[] {
  const before = [...turn.values()].reduce((sum, lines) => sum + lines, 0);
  return [
    ...([path, movedTo].some((end) => end?.startsWith("infra/")) ? [hold("paths")] : []),
    ...(added.some((line) => line.includes(secret)) ? [hold("secrets")] : []),
    ...(before + added.length + removed.length > 6 ? [hold("size")] : []),
  ];
}

interface Sample {
  readonly name: string;
  readonly dialect: DialectName;
  readonly form?: ModelCapabilities["editForm"];
  readonly text: string;
  /** The end of the text with which it is certain; from then on nothing that comes changes it. */
  readonly certainWith: string;
  readonly rule: string;
  readonly files?: Readonly<Record<string, string>>;
}

const v4a = (...lines: string[]): string => ["*** Begin Patch", ...lines, "*** End Patch", ""].join("\n");
const file = { "a.ts": "one\ntwo\n", "infra/main.tf": "one\n" };

const samples: readonly Sample[] = [
  {
    ...{ name: "a protected path, at the end of its line", dialect: "v4a", rule: "paths" },
    text: v4a("*** Update File: infra/main.tf", "@@", "-one", "+zwei"),
    certainWith: "infra/main.tf\n",
  },
  {
    ...{ name: "a protected path below an allowed one", dialect: "v4a", rule: "paths" },
    text: v4a("*** Update File: a.ts", "@@", "-one", "+eins", "*** Delete File: infra/main.tf"),
    certainWith: "infra/main.tf\n",
  },
  {
    ...{ name: "a secret, at the end of its line", dialect: "v4a", rule: "secrets" },
    text: v4a("*** Update File: a.ts", "@@", " one", `+let key = "${secret}";`, "+more", "-two"),
    certainWith: `${secret}";\n`,
  },
  {
    ...{ name: "a secret in a new file", dialect: "v4a", rule: "secrets" },
    text: v4a("*** Add File: b.ts", "+one", `+let key = "${secret}";`, "+more"),
    certainWith: `${secret}";\n`,
  },
  {
    ...{ name: "the line that is too much", dialect: "v4a", rule: "size" },
    text: v4a("*** Add File: b.ts", "+1", "+2", "+3", "+4", "+5", "+6", "+the seventh", "+8", "+9"),
    certainWith: "seventh\n",
  },
  {
    ...{ name: "the line that is too much, after other hunks", dialect: "v4a", rule: "size" },
    text: v4a("*** Update File: a.ts", "@@", "-one", "+1", "+2", "+3", "@@", "-two", "+5", "+6", "+7"),
    certainWith: "+6\n",
  },
  {
    ...{ name: "a secret in a patch inside JSON", dialect: "v4a", form: "json", rule: "secrets" },
    text: JSON.stringify({ patch: v4a("*** Update File: a.ts", "@@", "-one", `+${secret}`, "+more") }),
    certainWith: `${secret}\\n`,
  },
  {
    ...{ name: "a secret in a unified diff", dialect: "unified-diff", rule: "secrets" },
    text: ["--- a/a.ts", "+++ b/a.ts", "@@ -1,2 +1,3 @@", "-one", `+${secret}`, "+more", " two", ""].join("\n"),
    certainWith: `${secret}\n`,
  },
  {
    ...{ name: "a secret in a new file of a diff", dialect: "unified-diff", rule: "secrets" },
    text: ["--- /dev/null", "+++ b/b.ts", "@@ -0,0 +1,3 @@", "+one", `+${secret}`, "+more", ""].join("\n"),
    certainWith: `${secret}\n`,
  },
  {
    ...{ name: "a secret in a block", dialect: "search-replace", form: "message", rule: "secrets" },
    text: `a.ts\n<<<<<<< SEARCH\none\n=======\n${secret}\nmore\n>>>>>>> REPLACE\n`,
    certainWith: `${secret}\n`,
  },
  {
    ...{ name: "a secret in a whole file", dialect: "whole-file", form: "message", rule: "secrets" },
    text: `a.ts\n\`\`\`\none\n${secret}\ntwo\n\`\`\`\n`,
    certainWith: `${secret}\n`,
  },
  {
    ...{ name: "a secret in new text", dialect: "str-replace", form: "json", rule: "secrets" },
    text: JSON.stringify({ path: "a.ts", edits: [{ old: "one", new: `x = "${secret}"` }] }),
    certainWith: `${secret}\\""`,
  },
];

const turnOfEvents = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

async function play(sample: Sample, pieces: readonly string[]): Promise<{ events: EventBody[]; told: number | undefined }> {
  let reading = 0;
  const port = (files: Files): Files => ({
    ...files,
    async read(name) {
      reading += 1;
      const read = await files.read(name);
      reading -= 1;
      return read;
    },
  });
  const shop = await openWorkshop({ files: sample.files ?? file, policy: { refusals }, port });
  open.push(shop);
  const lander = shop.lander();
  const { dialect, form } = sample;
  const events: EventBody[] = [];
  const stream = openStream({ lander, events, dialect, ...(form && { form }) });
  let told: number | undefined;
  let at = 0;
  for (const piece of pieces) {
    stream.push(piece);
    at += piece.length;
    if (told === undefined && events.some((event) => event.type === "hunk.streaming" && event.verdict)) told = at;
    // A model is slower than the disk: the file is read before the next line comes.
    await turnOfEvents();
    while (reading > 0) await turnOfEvents();
  }
  await stream.end(true);
  await lander.finish();
  return { events: [...events, ...shop.events], told };
}

const bytewise = (text: string): string[] => text.split("");

describe("what is certain of an open hunk", () => {
  it.each(samples)("$name", async (sample) => {
    const { events, told } = await play(sample, bytewise(sample.text));
    expect(told).toBe(sample.text.indexOf(sample.certainWith) + sample.certainWith.length);
    const streaming = events.flatMap((event) => (event.type === "hunk.streaming" && event.verdict ? [event] : []));
    const held = events.flatMap((event) => (event.type === "hunk.held" ? [event] : []));
    expect(held.map(({ verdict }) => verdict.rule)).toEqual([sample.rule]);
    expect(new Set(streaming.map(({ hunk }) => hunk))).toEqual(new Set([held[0]?.hunk.id]));
    expect(streaming[0]?.verdict?.rule).toBe(sample.rule);
  });

  it("is the same at every cut: what is held, what lands, and that it is said before the hunk is closed where it can be", async () => {
    for (const sample of samples) {
      const outcomes = new Set<string>();
      for (let at = 1; at < sample.text.length; at += step) {
        const { events } = await play(sample, [sample.text.slice(0, at), sample.text.slice(at)]);
        const after = events.filter(({ type }) => type === "hunk.held" || type === "hunk.landed" || type === "hunk.failed");
        outcomes.add(
          JSON.stringify(after.map((event) => JSON.stringify(["hunk" in event && event.hunk, event.type])).toSorted()),
        );
        const certain = sample.text.indexOf(sample.certainWith) + sample.certainWith.length;
        const isFirstSaid = events.findIndex((event) => event.type === "hunk.streaming" && event.verdict);
        // A line that the cut completes is known with the first piece, unless the hunk is closed in the same one.
        if (at === certain) expect(isFirstSaid).toBeGreaterThanOrEqual(0);
      }
      expect([...outcomes], sample.name).toHaveLength(1);
    }
  }, 60_000);

  it("says nothing of a secret that only stands in the file already", async () => {
    const files = { "a.ts": `${secret}\nold\n` };
    const whole = { name: "", dialect: "whole-file", form: "message", rule: "", certainWith: "" } as const;
    const { events } = await play({ ...whole, files, text: `a.ts\n\`\`\`\n${secret}\nnew\n\`\`\`\n` }, [
      "a.ts\n```\n",
      `${secret}\n`,
      "new\n```\n",
    ]);
    expect(events.map(({ type }) => type)).not.toContain("hunk.held");
    expect(events.some((event) => event.type === "hunk.streaming" && event.verdict)).toBe(false);
  });
});
