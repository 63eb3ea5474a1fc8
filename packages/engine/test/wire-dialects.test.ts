/**
 * Dialects on every wire and in every form, through a whole session: what teaches them is in the request, their hunks land, one that
 * finds no place and one that is rejected are told in the wire's own way, and the server takes the conversation back.
 */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { DialectName, ModelCapabilities, Session, TwolaneEvent } from "@twolane/protocol";
import { type ScenarioInput, type Sim, startSim } from "@twolane/responses/sim";
import type { ResponseInputItem } from "openai/resources/responses/responses";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openEngine } from "../src/engine.ts";

type Form = ModelCapabilities["editForm"];

let base: string;
const open: (Session | Sim)[] = [];
beforeEach(() => void (base = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "twolane-wires-")))));
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
  fs.rmSync(base, { recursive: true, force: true });
});

const file = (): string => path.join(base, "work/a.txt");
const before = "one\ntwo\nthree\nfour\nfive\n";

/** Two hunks that fit and one that finds no place. */
const lines = [
  { old: "two", new: "zwei" },
  { old: "nine", new: "neun" },
  { old: "four", new: "vier-token" },
];
const unified = `--- a/a.txt\n+++ b/a.txt\n${lines.map((line) => `@@ -1 +1 @@\n-${line.old}\n+${line.new}\n`).join("")}`;
const operation = {
  type: "update_file",
  path: "a.txt",
  diff: lines.map((line) => `@@\n-${line.old}\n+${line.new}\n`).join(""),
};
const envelope = `*** Begin Patch\n*** Update File: a.txt\n${operation.diff}*** End Patch\n`;

function editStep(dialect: DialectName, form: Form): ScenarioInput["answers"][number]["reply"][number] {
  const text = dialect === "unified-diff" ? unified : envelope;
  if (form === "message") return { text: `I change it.\n\n\`\`\`\n${text}\`\`\`\n` };
  const name = ["edit", "apply_patch"];
  return { call: dialect === "unified-diff" ? { name, input: unified } : { name, arguments: operation } };
}

interface Way {
  readonly provider: string;
  readonly dialect: DialectName;
  readonly editForm: Form;
}

const ways: readonly Way[] = ["sim", "sim-chat", "sim-messages"].flatMap((provider) =>
  (["unified-diff", "apply-patch-call"] as const).flatMap((dialect) =>
    (["json", "message", "freeform"] as const)
      .filter((form) => form !== "freeform" || (provider === "sim" && dialect === "unified-diff"))
      .map((editForm) => ({ provider, dialect, editForm })),
  ),
);

async function start({ provider, dialect, editForm }: Way, faults: ScenarioInput["faults"] = []) {
  const step = editStep(dialect, editForm);
  const sim = await startSim({
    scenario: {
      defaults: { chunk: { unit: "bytes", size: 7 } },
      // The model sends the same once more for what found no place, as far as the loop lets it; then it gives in.
      answers: [
        { when: { prompt: "change", round: 0 }, reply: [step] },
        { when: { prompt: "change" }, reply: [{ text: "Done." }] },
        { reply: [{ text: "Heard." }] },
      ],
      faults,
    },
  });
  const config = path.join(base, "config/twolane");
  fs.mkdirSync(config, { recursive: true });
  fs.mkdirSync(path.dirname(file()), { recursive: true });
  fs.writeFileSync(file(), before);
  const capabilities = { dialect, editForm, ...(editForm === "message" && { tools: false, parallelCalls: false }) };
  fs.writeFileSync(path.join(config, "config.json"), JSON.stringify({ providers: { [provider]: { capabilities } } }));
  const env = { PATH: process.env["PATH"], HOME: base, XDG_STATE_HOME: path.join(base, "state"), TWOLANE_SIM_URL: sim.url };
  const opened = await openEngine({
    ...{ cwd: path.dirname(file()), env: { ...env, XDG_CONFIG_HOME: path.join(base, "config") } },
    ...{ scope: [], landing: "hunk", dryRun: false, model: `${provider}/scripted` },
  });
  if (!opened.ok) throw new Error(opened.failure.message);
  open.push(opened.value, sim);
  const events: TwolaneEvent[] = [];
  opened.value.subscribe((event) => events.push(event));
  const say = async (text: string): Promise<void> => {
    opened.value.send({ type: "prompt", text });
    await opened.value.idle();
  };
  const asked = () => sim.requests.filter(({ kind }) => kind === "responses" || kind === "chat" || kind === "messages");
  return { session: opened.value, events, say, asked };
}

const bodiesOf = (requests: readonly { readonly body: unknown }[]): string => JSON.stringify(requests.map(({ body }) => body));

describe.each(ways)("$dialect as $editForm on $provider", (way) => {
  it("is taught, lands, and tells what found no place", async () => {
    const { say, asked, events } = await start(way);
    await say("change a.txt");
    expect(fs.readFileSync(file(), "utf8")).toBe("one\nzwei\nthree\nvier-token\nfive\n");
    expect(events.filter(({ type }) => type === "hunk.landed")).toHaveLength(2);
    const first = bodiesOf(asked().slice(0, 1));
    const own = way.provider === "sim" && way.dialect === "apply-patch-call" && way.editForm === "json";
    if (own) expect(first).toContain('{"type":"apply_patch"}');
    else expect(first).toMatch(way.dialect === "unified-diff" ? /--- a\/path/ : /@@ enclosing line/);
    const second = bodiesOf(asked().slice(1, 2));
    expect(second).toMatch(/failed a\.txt: the old lines are not in the file/);
    if (own) expect(second).toMatch(/"type":"apply_patch_call_output","call_id":"[^"]+","status":"failed"/);
    if (way.provider === "sim-messages" && way.editForm === "json") expect(second).toMatch(/"is_error":true/);
    expect(asked().map(({ outcome }) => outcome)).not.toContain("refused");
  });

  it("leaves a rejected hunk out of what is said again", async () => {
    const { session, say, asked, events } = await start(way);
    await say("change a.txt");
    const gone = events.flatMap((event) => (event.type === "hunk.landed" && event.hunk.line === 4 ? [event.hunk.id] : []));
    session.send({ type: "hunk.reject", hunks: gone, reason: "no" });
    await session.idle();
    expect(fs.readFileSync(file(), "utf8")).toBe("one\nzwei\nthree\nfour\nfive\n");
    const from = asked().length;
    await say("and now");
    const later = bodiesOf(asked().slice(from));
    expect(later).not.toContain("vier-token");
    expect(later).toContain("zwei");
    expect(asked().map(({ outcome }) => outcome)).not.toContain("refused");
    for (const { body } of asked().slice(from)) expectOperations(body?.["input"]);
  });

  it("leaves no half hunk where the stream is cut", async () => {
    for (const atByte of [0, 700, 1200, 1800, 2600]) {
      const { say, events } = await start(way, [{ kind: "cut", atByte, times: "always" }]);
      await say("change a.txt");
      const text = fs.readFileSync(file(), "utf8").split("\n");
      expect(["two", "zwei"]).toContain(text[1]);
      expect(["four", "vier-token"]).toContain(text[3]);
      const landed = events.filter(({ type }) => type === "hunk.landed").length;
      expect(landed).toBe(Number(text[1] === "zwei") + Number(text[3] === "vier-token"));
      for (const one of open.splice(0)) await one.close();
    }
  });
});

/** The published types of the wire's maker are the judge of what stands in the input. */
function expectOperations(input: unknown): void {
  const isItem = (item: unknown): item is ResponseInputItem => typeof item === "object" && item !== null && "type" in item;
  for (const item of Array.isArray(input) ? input.filter(isItem) : []) {
    if (item.type !== "apply_patch_call") continue;
    expect(["create_file", "update_file", "delete_file"]).toContain(item.operation.type);
    expect(["in_progress", "completed"]).toContain(item.status);
    expect(typeof item.call_id).toBe("string");
  }
}
