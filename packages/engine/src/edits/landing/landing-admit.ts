/** One draft against the files of the turn: whether it has a place, what it does, what the judge says. Nothing is written. */
import {
  type Failure,
  type Hunk,
  type HunkId,
  type HunkOperation,
  type MatchRung,
  type Result,
  type TurnId,
  failure,
} from "@twolane/protocol";
import type { Refusal } from "@twolane/policy";
import { verdictOf } from "../../guard/allowances.ts";
import type { HunkJudge } from "../../guard/hunk-judge.ts";
import type { Target } from "../../host/workspace.ts";
import type { HunkDraft, Placement } from "../edits.ts";
import type { LandOutcome } from "./lander.ts";
import { type ContentFacts, changeFacts, decoded, goneFacts, movedFacts } from "./landing-facts.ts";
import { type LandingFile, addContent, addPlaced, findPlace, notPlaced, wholeChange } from "./landing-files.ts";
import type { PlaceableDraft } from "../placing/place.ts";
import { standsAlready } from "../placing/stands-already.ts";

export interface AdmitDeps {
  readonly judge: HunkJudge;
  /** The person has said yes: what was shown of it does not hold it any more. */
  readonly isApproved?: boolean;
  /** Holds what the judge allows, once it has its place. */
  readonly review?: Refusal;
  readonly resolve: (path: string) => Result<Target>;
  /** The file of a target, read if it was not yet. */
  readonly load: (target: Target) => Promise<Result<LandingFile>>;
  /** What of the turn's files is read, as its hunks leave it; by real path. */
  readonly loaded: (path: string) => LandingFile | undefined;
  readonly all: () => Iterable<LandingFile>;
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
  /** `refusals`: what the policy says against it; absent where only the review holds it. */
  | {
      readonly state: "held";
      readonly hunk: Hunk;
      readonly verdict: Refusal;
      readonly refusals?: readonly Refusal[];
    }
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
  const early = against(deps, hunk, deps.judge.path(target.value, hunk.turn));
  // Nothing of a blocked file is looked at: what it holds may not even be told by how an edit fails.
  const admitted = isBlocked(early) ? undefined : await admitTo(deps, { admission, hunk, target: target.value });
  if (early.length === 0 && admitted !== undefined) return admitted;
  if (admitted?.state === "held") return admitted;
  return held({ ...countedHunk(admission), path: hunk.path }, early);
}

interface Aim {
  readonly admission: Admission;
  readonly hunk: Hunk;
  readonly target: Target;
}

async function admitTo(deps: AdmitDeps, { admission, hunk, target }: Aim): Promise<Admitted> {
  const { draft } = admission;
  const file = await deps.load(target);
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
      if (target.link) return refused(hunk, linkFailure(hunk.path));
      return admitContent(deps, { admission, hunk, file: file.value, content: undefined });
    case "move":
      if (target.link) return refused(hunk, linkFailure(hunk.path));
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
  const holding = judged(deps, placed, { from: file.target, facts: changeFacts(file.text, placement.changes) });
  if (holding) return holding;
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
  const old = text?.bytes ?? new Uint8Array();
  const facts = bytes === undefined && text ? goneFacts(text) : changeFacts(text, [wholeChange(old, bytes ?? new Uint8Array())]);
  const holding = judged(deps, placed, { from: file.target, facts });
  if (holding) return holding;
  addContent(file, admission, bytes);
  return { state: "pending", hunk: placed, rung: "exact", files: [file] };
}

async function admitMove(deps: AdmitDeps, { admission, hunk, file, to }: Case & { readonly to: string }): Promise<Admitted> {
  if (!file.text) return { state: "failed", hunk, failed: missing(hunk), file };
  const target = deps.resolve(to);
  if (!target.ok) return refused(hunk, target.failure);
  const moved = { ...hunk, movedTo: target.value.relative };
  const early = against(deps, moved, deps.judge.path(target.value, hunk.turn));
  if (isBlocked(early)) return held(moved, early);
  const destination = await deps.load(target.value);
  const obstacle = !destination.ok
    ? destination.failure
    : destination.value === file
      ? failure("HUNK_EMPTY", `${hunk.path} is there already.`)
      : destination.value.text && failure("FILE_EXISTS", `${moved.movedTo} exists already.`);
  if (!destination.ok || obstacle) return early.length > 0 || !obstacle ? held(moved, early) : refused(moved, obstacle);
  const holding = judged(deps, moved, { from: file.target, to: target.value, facts: movedFacts(file.text) });
  if (holding) return holding;
  const like = file.disk ?? file.like;
  if (like) destination.value.like = { mode: like.mode, owner: like.owner };
  addContent(destination.value, admission, file.text.bytes);
  addContent(file, admission, undefined);
  return { state: "pending", hunk: moved, rung: "exact", files: [destination.value, file] };
}

const missing = (hunk: Hunk) => notPlaced(failure("FILE_MISSING", `${hunk.path} does not exist.`));

const countLines = (text: string): number => (text === "" ? 0 : text.split("\n").length - (text.endsWith("\n") ? 1 : 0));

interface Deed {
  readonly from: Target;
  readonly to?: Target;
  readonly facts: ContentFacts;
}

/** The judge first; the review holds what it allows. Undefined: it may land, and counts from now on. */
function judged(deps: AdmitDeps, hunk: Hunk, { from, to, facts }: Deed): Admitted | undefined {
  const { id, turn, operation, line } = hunk;
  const touched = (path: string) => {
    const file = deps.loaded(path);
    return file && { text: file.text && decoded(file.text.bytes) };
  };
  const rest = () => Array.from(deps.all(), changedText);
  const found = deps.judge.hunk({ id, turn, operation, line, from, ...(to && { to }), ...facts, touched, rest });
  const refusals = against(deps, hunk, found);
  if (refusals.length > 0) return held(hunk, refusals);
  if (deps.review !== undefined) return { state: "held", hunk, verdict: deps.review };
  deps.judge.admit(hunk);
  return undefined;
}

const changedText = ({ target, found, text }: LandingFile) => ({
  path: target.real,
  before: found && decoded(found.bytes),
  after: text && decoded(text.bytes),
});

const against = ({ judge, isApproved }: AdmitDeps, { id }: Hunk, refusals: readonly Refusal[]): readonly Refusal[] =>
  isApproved === true ? judge.withoutConsent(id, refusals) : refusals;

const isBlocked = (refusals: readonly Refusal[]): boolean => refusals.some(({ decision }) => decision === "block");

function held(hunk: Hunk, refusals: readonly Refusal[]): Admitted {
  return { state: "held", hunk, verdict: verdictOf(refusals), refusals };
}
