/** Lines that begin with `!`: one command of the person's own at a time, with its output in the transcript. */
import type { CommandEnd } from "@twolane/protocol";
import { type AppStep, type AppState, stay } from "./app.ts";
import { beginPrompt } from "./app-line.ts";
import { print, say } from "./app-print.ts";
import { type OwnCommand, endOutput, needsTerminal, startCommand, takeOutput } from "./own-command.ts";
import { grouped } from "./grouped.ts";

/** Offered where there is no model: what it would be like. */
export const replayChoice = "!twolane demo";

/** `text` is what stands on the line, with the `!`. It stays there where it cannot be run. */
export function runCommand(state: AppState, text: string, at: number): AppStep {
  const line = text.slice(1).trim();
  if (line === "") return stay({ ...state, hint: "! runs a command in your shell, e.g. !git status" });
  if (state.command !== undefined) return stay({ ...state, hint: `Still running: ${state.command.line} (Ctrl-C stops it)` });
  const { state: cleared, effects } = beginPrompt(state, text);
  const lent = needsTerminal(line);
  const started = print({ ...cleared, command: startCommand(line, at) }, { kind: "command", line });
  return {
    state: /^cd\b[^;&|]*$/.test(line) ? { ...started, hint: "cd holds for one command only: !cd FOLDER && COMMAND" } : started,
    effects: [...effects, { type: "run-command", line, lent }],
  };
}

/** Also once more, when it does not end by itself. */
export function stopCommand(state: AppState & { readonly command: OwnCommand }): AppStep {
  return { state: { ...state, command: { ...state.command, stopping: true } }, effects: [{ type: "stop-command" }] };
}

export function takeCommandOutput(state: AppState, text: string): AppState {
  if (state.command === undefined) return state;
  const { command, lines } = takeOutput(state.command, text);
  return printLines({ ...state, command }, lines);
}

export function endCommand(state: AppState, end: CommandEnd, at: number): AppState {
  const { command, ...rest } = state;
  if (command === undefined) return state;
  const { lines, omitted } = endOutput(command);
  const cut = omitted === 0 ? rest : say(rest, `  … ${grouped(omitted)} lines are not shown; \`> FILE\` behind it keeps them`);
  return print(printLines(cut, lines), { kind: "command-ended", line: command.line, end, ms: at - command.since });
}

const printLines = (state: AppState, lines: readonly string[]): AppState =>
  lines.length === 0 ? state : print(state, ...lines.map((text) => ({ kind: "output" as const, text })));
