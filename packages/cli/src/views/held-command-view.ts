/** A command of the model that waits for an answer, whole, with its keys; and one that runs, with the end of what it says. Pure. */
import type { KeyOf } from "../state/actions.ts";
import type { ModelCommands } from "../state/held-commands.ts";
import type { Style } from "./style.ts";
import { clip, sanitizeLine, wrap } from "./text.ts";

interface Page {
  readonly width: number;
  readonly style: Style;
  readonly keyOf: KeyOf;
  /** The keys are for the answer. */
  readonly focused: boolean;
}

const tailLines = 3;

export function modelCommandLines({ held, running }: ModelCommands, { width, style, keyOf, focused }: Page): string[] {
  const lines: string[] = [];
  if (running !== undefined) {
    const said = running.tail.split(/[\n\r]/).filter((line) => line.trim() !== "");
    lines.push(...said.slice(-tailLines).map((line) => clip(style.dim(`  ${sanitizeLine(line)}`), width)));
  }
  const [first] = held;
  if (first === undefined) return lines;
  const { command, verdict, network, write } = first;
  const wishes = [...(network ? ["the network"] : []), ...write.map((place) => `to write ${sanitizeLine(place)}`)];
  const asks = wishes.length === 0 ? "" : ` · asks for ${wishes.join(", ")}`;
  // Whole: nobody should say yes to what they cannot see.
  lines.push(
    ...command.split("\n").flatMap((line, at) => wrap(style.bold(`${at === 0 ? "? " : "  "}${sanitizeLine(line)}`), width)),
  );
  lines.push(...wrap(style.warn(`  waits: ${sanitizeLine(verdict.reason)} (${sanitizeLine(verdict.rule)})${asks}`), width));
  const key = (name: "command-once" | "command-session" | "command-always" | "command-no" | "command-trust"): string =>
    keyOf("held", name) ?? "-";
  const isTrust = verdict.rule === "trust";
  const trusts = isTrust ? `${key("command-trust")} trust this workspace · ` : "";
  const keys = `${trusts}${key("command-once")} once · ${key("command-session")} for the session · ${isTrust ? "" : `${key("command-always")} always, exactly this · `}${key("command-no")} no`;
  const more = held.length > 1 ? ` · ${held.length - 1} more behind it` : "";
  const to = keyOf("input", "queue-or-review");
  lines.push(
    style.dim(
      focused
        ? `  ${keys}${more}`
        : `  ${to === undefined ? "/answer" : `${to}, on an empty line, or /answer`}: once, session, always, no${isTrust ? "; /trust trusts the workspace" : ""}${more}`,
    ),
  );
  return lines;
}
