/** The list of earlier sessions. Pure. */
import type { SessionSummary } from "@twolane/protocol";
import type { Style } from "./style.ts";
import { clip, sanitizeLine } from "./text.ts";

export function sessionLines(
  sessions: readonly SessionSummary[],
  { style, now }: { readonly style: Style; readonly now: number },
): string[] {
  if (sessions.length === 0) return ["No earlier session in this folder. `twolane` begins one."];
  const lines = sessions.map(({ title, at, turns, openHunks, branch, state }, index) => {
    const notes = [
      age(now - at),
      `${turns} ${turns === 1 ? "prompt" : "prompts"}`,
      ...(openHunks > 0 ? [`${openHunks} ${openHunks === 1 ? "hunk" : "hunks"} undecided`] : []),
      ...(branch === undefined ? [] : [sanitizeLine(branch)]),
      ...(state === "running" ? ["open in another terminal"] : state === "crashed" ? ["was cut off"] : []),
    ];
    return `${String(index + 1).padStart(3)}  ${clip(sanitizeLine(title), 60)}\n     ${style.dim(notes.join(" · "))}`;
  });
  return [...lines, "", "Go on with one: twolane resume NUMBER; with the last one: twolane --continue"];
}

function age(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / 60_000));
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 48 * 60) return `${Math.round(minutes / 60)} h ago`;
  return `${Math.round(minutes / 1440)} days ago`;
}
