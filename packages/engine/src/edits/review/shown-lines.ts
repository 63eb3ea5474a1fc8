/** The text of each hunk: as it was proposed, and as it stands on disk since a person changed it. Tells when that becomes another. */
import path from "node:path";
import type { EventBody, Hunk, HunkId, HunkLine } from "@twolane/protocol";
import type { Files } from "../../host/files.ts";
import type { Journal } from "../../journal/journal.ts";
import { fileText, fromByteString } from "../placing/file-text.ts";
import { type LeftAndNow, currentLines, leftAndNow } from "./current-lines.ts";
import { editedLines } from "./edit-hunk.ts";
import type { Ground, ReviewGround } from "./ground.ts";
import { draftLines, offeredLines, recordedLines, sideOf } from "./hunk-lines.ts";
import { keptDraft } from "./kept-draft.ts";

export interface ShownDeps {
  readonly root: string;
  readonly files: Files;
  readonly journal: Journal;
  readonly onEvent: (event: EventBody) => void;
}

const hunksKept = 2000;
/** Of a file that goes. */
const linesOfDeleted = 100;

export class ShownLines {
  private readonly deps: ShownDeps;
  private readonly ground: ReviewGround;
  private readonly texts = new Map<HunkId, readonly HunkLine[]>();
  private readonly revised = new Map<HunkId, readonly HunkLine[]>();

  constructor(deps: ShownDeps, ground: ReviewGround) {
    this.deps = deps;
    this.ground = ground;
  }

  keep(hunk: HunkId, lines: readonly HunkLine[]): void {
    keepSome(this.texts, hunk, lines);
  }

  /** The person's words in its place. */
  edit(hunk: HunkId, text: string): void {
    const lines = editedLines(this.now(hunk) ?? [], text);
    this.keep(hunk, lines);
    this.revised.delete(hunk);
    this.deps.onEvent({ type: "hunk.revised", hunk, lines });
  }

  /** Undefined where nothing is left of its text. */
  proposed(hunk: HunkId): readonly HunkLine[] | undefined {
    const known = this.texts.get(hunk);
    if (known) return known;
    const ground = this.ground.written();
    const recorded = recordedLines(ground, hunk);
    if (recorded) return recorded;
    const draft = keptDraft(ground, this.deps.journal, hunk);
    return draft ? draftLines(draft) : offeredLines(ground, hunk, this.deps.journal);
  }

  now(hunk: HunkId): readonly HunkLine[] | undefined {
    return this.revised.get(hunk) ?? this.proposed(hunk);
  }

  /** Compares the standing hunks of a file (real path) with what is on disk. */
  async look(file: string): Promise<void> {
    const ground = await this.ground.now();
    const { steps, hash } = ground.ledger.file(file);
    const read = await this.deps.files.read(path.join(this.deps.root, ...file.split("/")));
    if (!read.ok) return;
    const isAsLeft = read.value.hash === hash;
    const hunks = [...new Set(steps.map((step) => step.hunk))].filter((hunk) => !isAsLeft || this.revised.has(hunk));
    const compared = hunks.length > 0 ? leftAndNow(ground, file, read.value.bytes) : undefined;
    if (compared !== undefined) for (const hunk of hunks) this.compare(ground, hunk, compared);
  }

  /** What goes with a file, which its author does not say. */
  async lookDeleted({ id, path: file }: Hunk): Promise<void> {
    const read = await this.deps.files.read(path.join(this.deps.root, ...file.split("/")));
    const lines = read.ok ? removedLines(read.value.bytes) : recordedLines(await this.ground.now(), id);
    if (lines === undefined || lines.length === 0) return;
    const rest = lines.length - linesOfDeleted;
    const shown = lines.slice(0, linesOfDeleted);
    this.revise(id, rest > 0 ? [...shown, { op: "keep", text: `… and ${rest} more lines` }] : shown);
  }

  private compare(ground: Ground, hunk: HunkId, file: LeftAndNow): void {
    const proposed = this.proposed(hunk);
    if (proposed === undefined) return;
    for (const shown of [this.revised.get(hunk), proposed]) {
      const current = shown && currentLines(ground, { hunk, shown }, file);
      if (current === undefined) continue;
      const text = current.texts.join("\n");
      if (text !== sideOf(this.now(hunk) ?? [], "add").join("\n"))
        this.revise(hunk, text === sideOf(proposed, "add").join("\n") ? proposed : editedLines(proposed, text));
      return;
    }
  }

  private revise(hunk: HunkId, lines: readonly HunkLine[]): void {
    keepSome(this.revised, hunk, lines);
    this.deps.onEvent({ type: "hunk.revised", hunk, lines });
  }
}

const removedLines = (bytes: Uint8Array): readonly HunkLine[] =>
  fileText(bytes).lines.map((line) => ({ op: "remove", text: fromByteString(line) }));

function keepSome<T>(known: Map<HunkId, T>, hunk: HunkId, value: T): void {
  known.set(hunk, value);
  const [oldest] = known.keys();
  if (known.size > hunksKept && oldest !== undefined) known.delete(oldest);
}
