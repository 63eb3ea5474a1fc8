/** What makes two proposals the same change: the file, what goes and what comes. Lines around it do not count. */
import type { HunkLine } from "@twolane/protocol";
import { sha256 } from "../../std/hash.ts";
import type { HunkDraft } from "../edits.ts";

interface ShownChange {
  readonly path: string;
  readonly lines: readonly HunkLine[];
}

export function fingerprint(change: HunkDraft | ShownChange): string {
  const { removed, added } = "kind" in change ? sidesOf(change) : sides(change.lines);
  return sha256(JSON.stringify([change.path, removed, added]));
}

interface Sides {
  readonly removed: string;
  readonly added: string;
}

function sides(lines: readonly HunkLine[]): Sides {
  const text = (op: HunkLine["op"]): string =>
    lines
      .filter((line) => line.op === op)
      .map((line) => line.text)
      .join("\n");
  return { removed: text("remove"), added: text("add") };
}

/** As the lines that are shown of the draft would give it. */
function sidesOf(draft: HunkDraft): Sides {
  const plain = (text: string): string => text.replace(/\n$/, "");
  switch (draft.kind) {
    case "update":
      return sides(draft.lines);
    case "substitute":
      return { removed: plain(draft.oldText), added: plain(draft.newText) };
    case "create":
    case "rewrite":
      return { removed: "", added: plain(draft.content) };
    case "delete":
      return { removed: "delete", added: "" };
    case "move":
      return { removed: "", added: draft.to };
  }
}
