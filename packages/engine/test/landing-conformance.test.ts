/** The one table of policy cases, through the real loop: an answer that makes the change lands, is held or blocked as the table says. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { type TwolaneEvent, strictest } from "@twolane/protocol";
import { describe, expect, it } from "vitest";
import { type ChangeCase, changeCases } from "@twolane/policy/conformance";
import { openPatch } from "../src/engine.ts";
import { diffLines } from "../src/std/line-diff.ts";

const linesOf = (text: string): string[] => {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
};

/** The change as a model would write it. */
function patchOf({ before, after, moved = {} }: ChangeCase): string {
  const goesFrom = new Map(Object.entries(moved).map(([to, from]) => [from, to]));
  const sections = [
    ...Object.entries(moved).map(([to, from]) => `*** Update File: ${from}\n*** Move to: ${to}\n`),
    ...Object.entries(after).map(([name, text]) => {
      const old = before[moved[name] ?? name];
      if (text === undefined) return goesFrom.has(name) ? "" : `*** Delete File: ${name}\n`;
      return old === undefined
        ? `*** Add File: ${name}\n${linesOf(text)
            .map((line) => `+${line}\n`)
            .join("")}`
        : update(name, old, text);
    }),
  ];
  return `*** Begin Patch\n${sections.join("")}*** End Patch\n`;
}

function update(name: string, before: string, after: string): string {
  const [old, fresh] = [linesOf(before), linesOf(after)];
  const lines: string[] = [];
  let shown = 0;
  for (const run of diffLines(old, fresh)) {
    lines.push(
      ...old.slice(shown, run.start).map((line) => ` ${line}`),
      ...old.slice(run.start, run.end).map((line) => `-${line}`),
    );
    lines.push(...fresh.slice(run.newStart, run.newEnd).map((line) => `+${line}`));
    shown = run.end;
  }
  lines.push(...old.slice(shown).map((line) => ` ${line}`));
  return `*** Update File: ${name}\n@@\n${lines.map((line) => `${line}\n`).join("")}`;
}

interface Outcome {
  readonly decision: string;
  readonly rules: readonly string[];
  readonly tree: Readonly<Record<string, string | undefined>>;
  readonly ending: string | undefined;
  readonly failures: readonly string[];
}

async function land(one: ChangeCase): Promise<Outcome> {
  const home = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "twolane-case-")));
  const root = path.join(home, "work");
  try {
    const files = { ...(one.policy !== undefined && { ".twolane/policy.yaml": `version: 1\n${one.policy}` }), ...one.before };
    fs.mkdirSync(root);
    for (const [name, text] of Object.entries(files)) {
      fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
      fs.writeFileSync(path.join(root, name), text);
    }
    const env = { HOME: home, XDG_STATE_HOME: path.join(home, "state"), XDG_CONFIG_HOME: path.join(home, "config") };
    const opened = await openPatch({
      cwd: root,
      env,
      scope: [],
      landing: "hunk",
      dryRun: false,
      trust: true,
      text: patchOf(one),
      dialect: "v4a",
    });
    if (!opened.ok) throw new Error(opened.failure.message);
    const events: TwolaneEvent[] = [];
    opened.value.subscribe((event) => void events.push(event));
    opened.value.send({ type: "prompt", text: "do it" });
    await opened.value.idle();
    await opened.value.close();
    const verdicts = events.flatMap((event) => (event.type === "hunk.held" ? [event.verdict] : []));
    const names = [...Object.keys(one.after), ...Object.entries(one.moved ?? {}).flat()];
    return {
      decision: strictest(verdicts).decision,
      rules: verdicts.flatMap(({ rule, reason }) => [rule, ...reason.split("; ").map((part) => part.split(":", 1)[0] ?? "")]),
      tree: Object.fromEntries(names.map((name) => [name, readIfThere(path.join(root, name))])),
      ending: events.flatMap((event) => (event.type === "turn.ended" ? [event.ending] : []))[0],
      failures: events.flatMap((event) => (event.type === "hunk.failed" ? [event.failure.message] : [])),
    };
  } finally {
    fs.rmSync(home, { recursive: true, force: true });
  }
}

function readIfThere(file: string): string | undefined {
  return fs.existsSync(file) ? fs.readFileSync(file, "utf8") : undefined;
}

describe("the table of cases, landing", () => {
  const cases = changeCases.filter(({ above }) => above === undefined);

  it("has cases", () => expect(cases.length).toBeGreaterThan(30));

  it.each(cases.map((one): [string, ChangeCase] => [one.name, one]))("%s", async (_name, one) => {
    const { decision, rules, tree, ending, failures } = await land(one);
    expect(failures).toEqual([]);
    expect(ending).toBe("completed");
    expect(decision).toBe(one.decision);
    // Of a change in one turn the limit of the turn, which only the loop has, is met before that of the change set.
    const expected = one.rule === "change-size" ? "turn-size" : one.rule;
    if (expected !== undefined) expect(rules).toContain(expected);
    const moved = Object.fromEntries(
      Object.entries(one.moved ?? {}).flatMap(([to, from]) => [
        [to, one.before[from]],
        [from, undefined],
      ]),
    );
    if (one.decision === "allow") expect(tree).toEqual({ ...moved, ...one.after });
    else expect(tree).not.toEqual({ ...moved, ...one.after });
  });
});
