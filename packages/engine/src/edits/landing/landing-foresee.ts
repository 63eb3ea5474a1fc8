/**
 * What can be said of a hunk that still streams: where it stands, and, at the line with which that is certain, that it will be held.
 * It is judged as a whole when it is closed; this is only so that nobody waits for what will not land.
 */
import type { Result, TurnId } from "@twolane/protocol";
import type { Refusal } from "@twolane/policy";
import { verdictOf } from "../../guard/allowances.ts";
import type { HunkJudge, Place } from "../../guard/hunk-judge.ts";
import type { Target } from "../../host/workspace.ts";
import type { HunkDraft, OpenLines } from "../edits.ts";
import { type FileText, toByteString } from "../placing/file-text.ts";
import { createLocator } from "../placing/locate-tentative.ts";
import type { LoadedFiles } from "./landing-loaded.ts";

/** What is spread over several lines, e.g. a key, is seen within so many. */
const window = 8;

export interface LookaheadDeps {
  readonly resolve: (path: string) => Result<Target>;
  readonly judge: HunkJudge;
}

export class Lookahead {
  private readonly deps: LookaheadDeps;
  private readonly loaded: LoadedFiles;
  private readonly locator = createLocator();

  constructor(deps: LookaheadDeps, loaded: LoadedFiles) {
    this.deps = deps;
    this.loaded = loaded;
  }

  async open(path: string): Promise<void> {
    const target = this.deps.resolve(path);
    if (target.ok) await this.loaded.load(target.value);
  }

  locate(draft: HunkDraft): number {
    if (draft.kind !== "update" && draft.kind !== "substitute") return 0;
    const target = this.deps.resolve(draft.path);
    const file = target.ok ? this.loaded.get(target.value.real) : undefined;
    if (!file?.text) return 0;
    return this.locator.tentative(draft, file.text, file.cursor);
  }

  foresee(turn: TurnId, path: string): Foresight | undefined {
    const target = this.deps.resolve(path);
    if (!target.ok) return undefined;
    const place = target.value;
    return new Foresight({ judge: this.deps.judge, turn, place, text: () => this.loaded.get(place.real)?.text });
  }
}

interface ForesightDeps {
  readonly judge: HunkJudge;
  readonly turn: TurnId;
  readonly place: Place;
  /** The file as the turn leaves it so far, where it is read. */
  readonly text: () => FileText | undefined;
}

export class Foresight {
  /** Why it will be held. */
  verdict: Refusal | undefined;
  private readonly deps: ForesightDeps;
  private lines: { added: readonly string[]; removed: number } = { added: [], removed: 0 };
  /** Lines of the file, once something seems to be against the hunk that may only be a repetition. */
  private known: ReadonlySet<string> | undefined;

  constructor(deps: ForesightDeps) {
    this.deps = deps;
    this.verdict = this.judged({ added: [], removed: [] });
  }

  take({ added, removed, repeats }: OpenLines): void {
    if (this.verdict !== undefined) return;
    const fresh = this.withoutKnown(added);
    const verdict = this.judged({ added: fresh, removed });
    this.lines = { added: this.lines.added.concat(fresh), removed: this.lines.removed + removed.length };
    if (verdict === undefined || repeats !== true || this.known !== undefined) this.verdict = verdict;
    else this.verdict = this.judgedWithout(this.deps.text());
  }

  /** Not before the file is read: until then nobody knows what is new. */
  private judgedWithout(text: FileText | undefined): Refusal | undefined {
    if (text === undefined) return undefined;
    this.known = new Set(text.lines);
    const added = this.withoutKnown(this.lines.added);
    this.lines = { added: [], removed: this.lines.removed };
    const verdict = this.judged({ added, removed: [] });
    this.lines = { added, removed: this.lines.removed };
    return verdict;
  }

  private withoutKnown(lines: readonly string[]): readonly string[] {
    const { known } = this;
    return known === undefined ? lines : lines.filter((line) => !known.has(toByteString(line)));
  }

  private judged({ added, removed }: OpenLines): Refusal | undefined {
    const { judge, turn, place } = this.deps;
    const before = this.lines.added.slice(-window);
    const linesBefore = this.lines.added.length - before.length + this.lines.removed;
    const refusals = judge.open({ turn, place, added: [...before, ...added], removed, linesBefore });
    return refusals.length === 0 ? undefined : verdictOf(refusals);
  }
}
