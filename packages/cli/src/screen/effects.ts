/** Carries out what the state asks for, and brings back what came of it. Decides nothing. */
import { setImmediate as breathe, setTimeout as pause } from "node:timers/promises";
import { constraintsIn } from "@twolane/policy";
import { type Command, type PathIndex, type Result, type Session, failure } from "@twolane/protocol";
import type { AppAnswer, AppEffect, TrustWish } from "../state/app.ts";
import { limitsLines } from "../views/limits-view.ts";
import { createStyle } from "../views/style.ts";
import { givenLines, trustLines } from "../views/trust-view.ts";
import type { HistoryFile } from "./history-file.ts";
import { editOutside } from "./outside-editor.ts";
import type { OwnCommandRunner } from "./own-command.ts";
import { counted } from "../state/grouped.ts";

/** What of the terminal an effect needs. */
export interface EffectDevice {
  suspend(): void;
  notify(text: string): void;
  /** The terminal as the shell gave it to us, with nothing of ours on it, while another program has it. Absent where there is none. */
  lend?<T>(run: () => Promise<T>): Promise<T>;
}

export interface EffectDeps {
  readonly session: Session;
  readonly device: EffectDevice;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absent where prompts are not to be kept. */
  readonly historyFile?: HistoryFile;
  /** Only of a replay. */
  readonly setPace?: (tokensPerSecond: number) => void;
  /** A command of a key's went out. */
  readonly sent?: (command: Command) => void;
  readonly ownCommands: OwnCommandRunner;
  readonly answer: (answer: AppAnswer) => void;
  readonly leave: () => void;
  readonly redraw: () => void;
  /** False for a search for paths that a later key has outdated. */
  readonly isWanted?: (generation: number) => boolean;
  /** What of the line may demand something now; absent where marks are not shown. */
  readonly demanding?: () => string;
}

/** So long after a key what the line demands is looked for; ms. */
const marksAfterMs = 120;
/** Paths offered for one `@`. */
const pathLimit = 50;
/** Paths that are looked at for a place of the scope. */
const scopeLook = 1000;

/** Resolves when what came of it has been answered. */
export async function carryOut(effect: AppEffect, deps: EffectDeps): Promise<void> {
  const { session, answer } = deps;
  switch (effect.type) {
    case "send":
      session.send(effect.command);
      return deps.sent?.(effect.command);
    case "leave":
      return deps.leave();
    case "redraw":
      return deps.redraw();
    case "suspend":
      return deps.device.suspend();
    case "notify":
      return deps.device.notify(effect.text);
    case "stop-command":
      return deps.ownCommands.stop();
    case "set-pace":
      return deps.setPace?.(effect.pace);
    case "remember":
      // Behind the request, which does not wait for a disk.
      setImmediate(() => deps.historyFile?.add(session.hideSecrets(effect.prompt)));
      return;
    case "read-lines":
      for (const hunk of effect.hunks) answer({ kind: "lines", hunk, lines: session.hunkLines(hunk) });
      return;
    case "read-marks": {
      // Nothing is looked for while somebody types: no key waits for it.
      if (deps.demanding === undefined) return;
      await pause(marksAfterMs, undefined, { ref: false });
      if (deps.demanding() === effect.text) answer({ kind: "marks", of: effect.text, found: constraintsIn(effect.text) });
      return;
    }
    case "find-paths":
    case "find-prompts":
    case "send-saved":
    case "check-scope":
    case "find-models":
    case "use-model":
    case "read-limits":
    case "read-stats":
    case "find-rewind-points":
    case "rewind":
    case "draft-commit":
    case "trust":
    case "commit":
    case "edit-outside":
    case "run-command": {
      const found = await ask(effect, deps);
      return found === undefined ? undefined : answer(found);
    }
  }
}

type Asking = Exclude<
  AppEffect,
  {
    type:
      | "send"
      | "leave"
      | "redraw"
      | "suspend"
      | "notify"
      | "set-pace"
      | "remember"
      | "read-lines"
      | "stop-command"
      | "read-marks";
  }
>;

type Edit = Extract<AppEffect, { type: "edit-outside" }>;

async function edit(effect: Edit, { device: { lend }, env }: EffectDeps): Promise<AppAnswer> {
  if (lend === undefined)
    return refused({
      ok: false,
      failure: failure("TOOL_FAILED", "There is no terminal for an editor here.", "Type the text instead."),
    });
  const text = await lend(() => editOutside(effect, env));
  if (!text.ok) return refused(text);
  return { kind: "edited", purpose: effect.purpose, ...(text.value !== effect.text && { text: text.value }) };
}

async function limits({ env }: EffectDeps): Promise<AppAnswer> {
  const { readLimits } = await import("@twolane/engine/limits");
  const report = readLimits(env);
  if (!report.ok) return refused(report);
  const { deep } = report.value.lanes;
  const text = limitsLines(report.value, createStyle({}, false)).join("\n");
  return { kind: "limits", text, ...(deep !== undefined && { deep }) };
}

async function stats({ session, env }: EffectDeps): Promise<AppAnswer> {
  const [{ readKpis }, { figureOf, kpiDefinitions }, { kpiGroupLines }] = await Promise.all([
    import("@twolane/engine/kpi"),
    import("@twolane/protocol/kpis"),
    import("../views/kpi-view.ts"),
  ]);
  const read = await readKpis({ cwd: session.workspace, env, session: session.id });
  if (!read.ok) return refused(read);
  const figures = kpiDefinitions.map((definition) => figureOf(definition, read.value.samples));
  const lines = kpiGroupLines("this session", { definitions: kpiDefinitions, figures }, createStyle({}, false));
  return { kind: "said", text: lines.slice(1).join("\n"), tone: "plain" };
}

async function ask(effect: Asking, deps: EffectDeps): Promise<AppAnswer | undefined> {
  const { session } = deps;
  switch (effect.type) {
    case "find-paths": {
      const index = await session.paths();
      // The key is seen first; and of keys that come together only the last one's search is carried out.
      await breathe();
      if (deps.isWanted?.(effect.generation) === false) return undefined;
      return { kind: "paths", generation: effect.generation, paths: index.match(effect.query, pathLimit) };
    }
    case "check-scope": {
      const empty = emptyPlaces(effect.scope, await session.paths());
      if (empty.length === 0) return undefined;
      return {
        kind: "said",
        text: `Nothing is at ${empty.join(" ")} yet: until something is, nothing lands there but new files.`,
        tone: "bad",
      };
    }
    case "find-prompts": {
      // The key is seen first.
      await breathe();
      const prompts = await session.prompts();
      return prompts.length === 0 ? undefined : { kind: "prompts", prompts };
    }
    case "send-saved": {
      const { name, text, otherwise } = effect;
      if (!(await session.prompts()).some((one) => one.name === name)) return { kind: "said", text: otherwise, tone: "bad" };
      session.send({ type: "prompt.saved", name, text });
      return undefined;
    }
    case "find-models":
      return { kind: "models", models: await session.models() };
    case "use-model": {
      const used = await session.useModel(effect.typed);
      if (!used.ok)
        return refused(used, used.failure.code === "KEY_MISSING" ? `Or type it: /model ${providerIn(effect.typed)} KEY` : "");
      const keep = used.value.keep === undefined ? "" : ` To keep it: ${used.value.keep}`;
      return { kind: "said", text: `${used.value.model} answers from the next request on.${keep}`, tone: "good" };
    }
    case "read-limits":
      return limits(deps);
    case "read-stats":
      return stats(deps);
    case "find-rewind-points":
      return { kind: "rewind-points", points: session.rewindPoints() };
    case "rewind":
      return rewind(effect, deps);
    case "draft-commit": {
      const draft = await session.draftCommit();
      return draft.ok ? { kind: "commit-draft", draft: draft.value } : refused(draft);
    }
    case "trust":
      return trust(effect.wish, deps);
    case "commit": {
      const made = await session.commit(effect.message);
      if (!made.ok) return refused(made);
      return { kind: "said", text: made.value.output.trim(), tone: "plain" };
    }
    case "edit-outside":
      return edit(effect, deps);
    case "run-command":
      return { kind: "command-ended", end: await deps.ownCommands.run(effect.line, effect.lent) };
  }
}

/** The session looks again, also where it was given elsewhere. */
async function trust(wish: TrustWish, { session, env }: EffectDeps): Promise<AppAnswer> {
  const { openTrust } = await import("@twolane/engine/trust");
  const opened = openTrust({ cwd: session.workspace, env });
  if (!opened.ok) return refused(opened);
  const before = opened.value.read();
  if (wish === "revoke") opened.value.revoke();
  if (wish === "give") {
    const given = opened.value.give();
    if (!given.ok) return refused(given);
  }
  const lines = wish === "give" ? givenLines(before, opened.value) : trustLines(opened.value.read(), opened.value);
  session.send({ type: "trust.look" });
  return { kind: "said", text: lines.join("\n"), tone: wish === "give" ? "good" : "plain" };
}

function refused({ failure: reason }: Extract<Result<never>, { ok: false }>, more = ""): AppAnswer {
  const words = [reason.message, reason.cure, more, `[${reason.code}]`].filter((word) => word !== "");
  return { kind: "said", text: words.join(" "), tone: "bad" };
}

/** Of a scope the files and folders of which the workspace knows none. Globs are taken as they are. */
function emptyPlaces(scope: readonly string[], index: PathIndex): string[] {
  return scope.filter((pattern) => {
    const place = pattern.replace(/^(\.\/)+/, "").replace(/\/+$/, "");
    if (/[*?{}[\]()!]/.test(place) || ["", ".", ".."].includes(place.split("/")[0] ?? "")) return false;
    // A scope is seen from the folder where twolane was started, so that the place may be further down.
    return !index.match(place, scopeLook).some((path) => `/${path}/`.includes(`/${place}/`));
  });
}

const providerIn = (typed: string): string => typed.trim().split(/[\s/]/, 1)[0] ?? "";

async function rewind({ wish }: Extract<AppEffect, { type: "rewind" }>, { session }: EffectDeps): Promise<AppAnswer> {
  const report = await session.rewind(wish);
  if (!report.ok) return refused(report);
  const { undone, landed, kept, prompt } = report.value;
  const moved = [
    ...(undone.length > 0 ? [` ${counted(undone.length, "hunk")} taken back.`] : []),
    ...(landed.length > 0 ? [` ${counted(landed.length, "hunk")} landed again.`] : []),
  ];
  const files = wish.files && moved.length === 0 && kept.length === 0 ? " No file had to change." : moved.join("");
  const left = kept.map(({ path, reason }) => ` ${path} stays: ${reason}.`).join("");
  const where = prompt === "" ? "On at the end of that path." : "Back to before that prompt.";
  return {
    kind: "rewound",
    prompt: wish.conversation ? prompt : "",
    note: `${where}${files}${left} /rewind leads to what was left.`,
  };
}
