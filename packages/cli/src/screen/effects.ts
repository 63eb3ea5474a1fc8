/** Carries out what the state asks for, and brings back what came of it. Decides nothing. */
import type { Result, Session } from "@twolane/protocol";
import type { AppAnswer, AppEffect } from "../state/app.ts";
import type { HistoryFile } from "./history-file.ts";
import { editOutside } from "./outside-editor.ts";

/** What of the terminal an effect needs. */
export interface EffectDevice {
  suspend(): void;
  notify(text: string): void;
  /** The terminal as the shell gave it to us, with nothing of ours on it, while another program has it. */
  lend<T>(run: () => Promise<T>): Promise<T>;
}

export interface EffectDeps {
  readonly session: Session;
  readonly device: EffectDevice;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absent where prompts are not to be kept. */
  readonly historyFile?: HistoryFile;
  /** Only of a replay. */
  readonly setPace?: (tokensPerSecond: number) => void;
  readonly answer: (answer: AppAnswer) => void;
  readonly leave: () => void;
  readonly redraw: () => void;
}

/** Paths offered for one `@`. */
const pathLimit = 50;

export function carryOut(effect: AppEffect, deps: EffectDeps): void {
  const { session, answer } = deps;
  switch (effect.type) {
    case "send":
      return session.send(effect.command);
    case "leave":
      return deps.leave();
    case "redraw":
      return deps.redraw();
    case "suspend":
      return deps.device.suspend();
    case "notify":
      return deps.device.notify(effect.text);
    case "set-pace":
      return deps.setPace?.(effect.pace);
    case "remember":
      return deps.historyFile?.add(effect.prompt);
    case "read-lines":
      for (const hunk of effect.hunks) answer({ kind: "lines", hunk, lines: session.hunkLines(hunk) });
      return;
    case "find-paths":
    case "find-models":
    case "use-model":
    case "find-rewind-points":
    case "rewind":
    case "draft-commit":
    case "commit":
    case "edit-outside":
    case "run-command":
      return void ask(effect, deps).then((found) => found !== undefined && answer(found));
  }
}

type Asking = Exclude<
  AppEffect,
  { type: "send" | "leave" | "redraw" | "suspend" | "notify" | "set-pace" | "remember" | "read-lines" }
>;

async function ask(effect: Asking, deps: EffectDeps): Promise<AppAnswer | undefined> {
  const { session } = deps;
  switch (effect.type) {
    case "find-paths": {
      const index = await session.paths();
      return { kind: "paths", generation: effect.generation, paths: index.match(effect.query, pathLimit) };
    }
    case "find-models":
      return { kind: "models", models: await session.models() };
    case "use-model": {
      const used = await session.useModel(effect.typed);
      if (!used.ok) return refused(used);
      const keep = used.value.keep === undefined ? "" : ` To keep it: ${used.value.keep}`;
      return { kind: "said", text: `${used.value.model} answers from the next request on.${keep}`, tone: "good" };
    }
    case "find-rewind-points":
      return { kind: "rewind-points", points: session.rewindPoints() };
    case "rewind":
      return rewind(effect, deps);
    case "draft-commit": {
      const draft = await session.draftCommit();
      return draft.ok ? { kind: "commit-draft", draft: draft.value } : refused(draft);
    }
    case "commit": {
      const made = await session.commit(effect.message);
      if (!made.ok) return refused(made);
      return { kind: "said", text: made.value.output.trim(), tone: "plain" };
    }
    case "edit-outside": {
      const text = await deps.device.lend(() => editOutside(effect, deps.env));
      if (!text.ok) return refused(text);
      return { kind: "edited", purpose: effect.purpose, ...(text.value !== effect.text && { text: text.value }) };
    }
    case "run-command":
      return runLine(effect.line, deps);
  }
}

function refused({ failure }: Extract<Result<never>, { ok: false }>): AppAnswer {
  return { kind: "said", text: `${failure.message} ${failure.cure} [${failure.code}]`, tone: "bad" };
}

async function rewind({ wish }: Extract<AppEffect, { type: "rewind" }>, { session }: EffectDeps): Promise<AppAnswer> {
  const report = await session.rewind(wish);
  if (!report.ok) return refused(report);
  const { undone, kept, prompt } = report.value;
  const files = wish.files ? ` ${undone.length} ${undone.length === 1 ? "hunk" : "hunks"} taken back.` : "";
  const left = kept.map(({ path, reason }) => ` ${path} stays: ${reason}.`).join("");
  return {
    kind: "rewound",
    prompt: wish.conversation ? prompt : "",
    note: `Back to before that prompt.${files}${left} /rewind leads forward again.`,
  };
}

/** A person's own command: its output goes to the screen as it comes, a Ctrl-C is its end. */
async function runLine(line: string, { session, answer }: EffectDeps): Promise<AppAnswer> {
  const controller = new AbortController();
  const { status } = await session.runCommand(line, {
    onOutput: (text) => answer({ kind: "said", text, tone: "plain" }),
    signal: controller.signal,
  });
  const end = status === undefined ? "was ended" : `ended with ${status}`;
  return { kind: "said", text: `! ${line} ${end}`, tone: status === 0 ? "good" : "bad" };
}
