/** One draft against the files of the turn: whether it has a place, what it does, what the judge says. Nothing is written. */
import {
  type Failure,
  type Hunk,
  type HunkId,
  type HunkOperation,
  type MatchRung,
  type Result,
  type TurnId,
  type Verdict,
  failure,
  strictest,
} from "@twolane/protocol";
import type { Target } from "../../host/workspace.ts";
import type { HunkDraft, Placement } from "../edits.ts";
import type { LandOutcome } from "./lander.ts";
import { type LandingFile, addContent, addPlaced, findPlace, notPlaced } from "./landing-files.ts";
import type { PlaceableDraft } from "../placing/place.ts";
import { standsAlready } from "../placing/stands-already.ts";

/** What the policy is asked about a hunk. */
export interface DraftFacts {
  readonly path: string;
  readonly movedTo?: string;
  readonly operation: HunkOperation;
  readonly linesAdded: number;
  readonly linesRemoved: number;
}

export type Judge = (facts: DraftFacts) => Verdict;

export interface AdmitDeps {
  readonly judge: Judge;
  /** Holds what the judge allows, once it has its place. */
  readonly review?: Extract<Verdict, { reason: string }>;
  readonly resolve: (path: string) => Result<Target>;
  /** The file of a target, read if it was not yet. */
  readonly load: (target: Target) => Promise<Result<LandingFile>>;
}

export interface Admission {
  readonly hunk: HunkId;
  readonly turn: TurnId;
  readonly draft: HunkDraft;
}

export type Admitted =
  | { readonly state: "pending"; readonly hunk: Hunk; readonly rung: MatchRung; readonly files: readonly LandingFile[] }
  /** The file has it already, on disk. */
  | { readonly state: "present"; readonly hunk: Hunk }
  | { readonly state: "held"; readonly hunk: Hunk; readonly verdict: Extract<Verdict, { reason: string }> }
  | {
      readonly state: "failed";
      readonly hunk: Hunk;
      readonly failed: Extract<Placement, { ok: false }>;
      readonly file?: LandingFile;
    };

/** The hunk before anything is known of its place. */
export function unplacedHunk({ hunk, turn, draft }: Admission): Hunk {
  const operation: HunkOperation =
    draft.kind === "create" ? "create" : draft.kind === "delete" ? "delete" : draft.kind === "move" ? "move" : "update";
  return {
    id: hunk,
    turn,
    operation,
    path: draft.path,
    ...(draft.kind === "move" && { movedTo: draft.to }),
    line: 0,
    linesRemoved: 0,
    linesAdded: 0,
  };
}

export function failedOutcome({
  hunk,
  failed,
}: Extract<Admitted, { state: "failed" }>): Extract<LandOutcome, { state: "failed" }> {
  return { state: "failed", hunk, failure: failed.failure, candidates: failed.candidates, excerpt: failed.excerpt };
}

/** With the lines that its author counts: of a hunk that is shown without a place. */
export function countedHunk(admission: Admission): Hunk {
  const { draft } = admission;
  const hunk = unplacedHunk(admission);
  switch (draft.kind) {
    case "update": {
      const count = (wanted: "add" | "remove"): number => draft.lines.filter(({ op }) => op === wanted).length;
      return { ...hunk, linesRemoved: count("remove"), linesAdded: count("add") };
    }
    case "substitute":
      return { ...hunk, linesRemoved: countLines(draft.oldText), linesAdded: countLines(draft.newText) };
    case "create":
    case "rewrite":
      return { ...hunk, linesAdded: countLines(draft.content) };
    case "delete":
    case "move":
      return hunk;
  }
}

export async function admit(deps: AdmitDeps, admission: Admission): Promise<Admitted> {
  const { draft } = admission;
  const target = deps.resolve(draft.path);
  if (!target.ok) return refused(unplacedHunk(admission), target.failure);
  const hunk = { ...unplacedHunk(admission), path: target.value.relative };
  const early = judgeAll(deps.judge, hunk, [target.value]);
  if (early.decision !== "allow") return { state: "held", hunk: { ...countedHunk(admission), path: hunk.path }, verdict: early };
  const file = await deps.load(target.value);
  if (!file.ok) return refused(hunk, file.failure);
  switch (draft.kind) {
    case "update":
    case "substitute":
      return admitPlaced(deps, { admission, draft, hunk, file: file.value });
    case "rewrite":
      if (file.value.text) return admitPlaced(deps, { admission, draft, hunk, file: file.value });
      return admitContent(deps, { admission, hunk: { ...hunk, operation: "create" }, file: file.value, content: draft.content });
    case "create":
      // Where something of ours waits to be written first, it is no more than a hunk without lines.
      if (file.value.text && file.value.pending.length === 0 && sameText(file.value, draft.content))
        return { state: "present", hunk: { ...hunk, operation: "update", line: 1 } };
      if (file.value.text && !draft.overwrite && !sameText(file.value, draft.content)) {
        return refused(hunk, failure("FILE_EXISTS", `${hunk.path} exists already.`));
      }
      return admitContent(deps, {
        admission,
        hunk: file.value.text ? { ...hunk, operation: "update" } : hunk,
        file: file.value,
        content: draft.content,
      });
    case "delete":
      if (target.value.link) return refused(hunk, linkFailure(hunk.path));
      return admitContent(deps, { admission, hunk, file: file.value, content: undefined });
    case "move":
      if (target.value.link) return refused(hunk, linkFailure(hunk.path));
      return admitMove(deps, { admission, hunk, file: file.value, to: draft.to });
  }
}

const linkFailure = (path: string): Failure => failure("FILE_IS_LINK", `${path} is a link.`);
const sameText = (file: LandingFile, content: string): boolean =>
  Buffer.from(content, "utf8").equals(file.text?.bytes ?? new Uint8Array());

function refused(hunk: Hunk, reason: Failure): Admitted {
  return { state: "failed", hunk, failed: notPlaced(reason) };
}

interface Case {
  readonly admission: Admission;
  readonly hunk: Hunk;
  readonly file: LandingFile;
}

function admitPlaced(deps: AdmitDeps, { admission, hunk, file, draft }: Case & { readonly draft: PlaceableDraft }): Admitted {
  const placement = findPlace(draft, file);
  if (!placement.ok) {
    const line = file.text && file.pending.length === 0 ? standsAlready(draft, file.text, placement) : undefined;
    return line === undefined
      ? { state: "failed", hunk, failed: placement, file }
      : { state: "present", hunk: { ...hunk, line } };
  }
  const placed = { ...hunk, line: placement.line, linesRemoved: placement.linesRemoved, linesAdded: placement.linesAdded };
  const verdict = judgePlaced(deps, placed, [file.target]);
  if (verdict.decision !== "allow") return { state: "held", hunk: placed, verdict };
  addPlaced(file, admission, placement);
  return { state: "pending", hunk: placed, rung: placement.rung, files: [file] };
}

function admitContent(
  deps: AdmitDeps,
  { admission, hunk, file, content }: Case & { readonly content: string | undefined },
): Admitted {
  const { text } = file;
  if (content === undefined && !text) return { state: "failed", hunk, failed: missing(hunk), file };
  const bytes = content === undefined ? undefined : Buffer.from(content, "utf8");
  const placed = {
    ...hunk,
    line: 1,
    linesRemoved: text?.lines.length ?? 0,
    linesAdded: content === undefined ? 0 : countLines(content),
  };
  const verdict = judgePlaced(deps, placed, [file.target]);
  if (verdict.decision !== "allow") return { state: "held", hunk: placed, verdict };
  addContent(file, admission, bytes);
  return { state: "pending", hunk: placed, rung: "exact", files: [file] };
}

async function admitMove(deps: AdmitDeps, { admission, hunk, file, to }: Case & { readonly to: string }): Promise<Admitted> {
  if (!file.text) return { state: "failed", hunk, failed: missing(hunk), file };
  const target = deps.resolve(to);
  if (!target.ok) return refused(hunk, target.failure);
  const moved = { ...hunk, movedTo: target.value.relative };
  const destination = await deps.load(target.value);
  if (!destination.ok) return refused(moved, destination.failure);
  if (destination.value === file) return refused(moved, failure("HUNK_EMPTY", `${hunk.path} is there already.`));
  if (destination.value.text) return refused(moved, failure("FILE_EXISTS", `${moved.movedTo} exists already.`));
  const verdict = judgePlaced(deps, moved, [file.target, target.value]);
  if (verdict.decision !== "allow") return { state: "held", hunk: moved, verdict };
  const like = file.disk ?? file.like;
  if (like) destination.value.like = { mode: like.mode, owner: like.owner };
  addContent(destination.value, admission, file.text.bytes);
  addContent(file, admission, undefined);
  return { state: "pending", hunk: moved, rung: "exact", files: [destination.value, file] };
}

const missing = (hunk: Hunk) => notPlaced(failure("FILE_MISSING", `${hunk.path} does not exist.`));

const countLines = (text: string): number => (text === "" ? 0 : text.split("\n").length - (text.endsWith("\n") ? 1 : 0));

/** The judge first; the review holds what it allows. */
function judgePlaced({ judge, review }: AdmitDeps, hunk: Hunk, targets: readonly Target[]): Verdict {
  const verdict = judgeAll(judge, hunk, targets);
  return verdict.decision === "allow" && review !== undefined ? review : verdict;
}

/** A file behind a link is judged by its name and by what it really is. */
function judgeAll(judge: Judge, hunk: Hunk, targets: readonly Target[]): Verdict {
  const { operation, linesAdded, linesRemoved, movedTo } = hunk;
  const facts = { operation, linesAdded, linesRemoved, ...(movedTo !== undefined && { movedTo }) };
  const paths = new Set(targets.flatMap(({ relative, real }) => [relative, real]));
  return strictest([...paths].map((path) => judge({ path, ...facts })));
}
