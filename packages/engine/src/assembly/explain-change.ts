/**
 * What the policy says of each hunk of a patch, put at its place in the files as they are now. Nothing is written; what is said here of
 * a patch, the loop says of the same patch when it lands.
 */
import type { HunkFacts, PolicyJudge, Refusal } from "@twolane/policy";
import { type Hunk, type Result, fail, succeed } from "@twolane/protocol";
import { detectDialect } from "../edits/dialects/detect.ts";
import { createParser } from "../edits/dialects/dialects.ts";
import type { HunkDraft } from "../edits/edits.ts";
import { type ContentFacts, changeFacts, goneFacts, movedFacts } from "../edits/landing/landing-facts.ts";
import { type FileText, applyChanges, fileText } from "../edits/placing/file-text.ts";
import { place } from "../edits/placing/place.ts";
import { ManifestTexts } from "../guard/manifest-texts.ts";
import { diskFiles } from "../host/disk.ts";
import { namesIn } from "../host/user-files.ts";
import { type Workspace, resolveTarget } from "../host/workspace.ts";
import { textOf } from "../std/text.ts";

export interface HunkExplanation extends Pick<Hunk, "path" | "movedTo" | "line" | "linesAdded" | "linesRemoved"> {
  /** It has no place in the files as they are, so only its path and its own lines were judged. */
  readonly unplaced?: string;
  /** The strictest first: it decides. None: it is allowed. */
  readonly refusals: readonly Refusal[];
}

export interface ExplainDeps {
  readonly workspace: Workspace;
  readonly judge: PolicyJudge;
}

/** PATCH_MALFORMED where the text holds no edit. */
export async function explainChange(deps: ExplainDeps, text: string): Promise<Result<readonly HunkExplanation[]>> {
  const drafts = draftsOf(text);
  if (drafts.length === 0) return fail("PATCH_MALFORMED", "The text holds no edit that could be recognised.");
  const explainer = new ChangeExplainer(deps);
  const explanations: HunkExplanation[] = [];
  for (const draft of drafts) explanations.push(await explainer.explain(draft));
  return succeed(explanations);
}

function draftsOf(text: string): readonly HunkDraft[] {
  const seen = detectDialect(text);
  if (seen === undefined) return [];
  const parser = createParser(seen.dialect, seen.form);
  return [...parser.push(text), ...parser.end(true)].flatMap((event) => (event.type === "hunk" ? [event.draft] : []));
}

class ChangeExplainer {
  private readonly deps: ExplainDeps;
  private readonly manifests: ManifestTexts;
  private readonly files = new Map<string, { text: FileText | undefined; cursor: number }>();
  private readonly totals = new Map<string, number>();

  constructor(deps: ExplainDeps) {
    this.deps = deps;
    this.manifests = new ManifestTexts({ root: deps.workspace.root, files: diskFiles, namesIn });
  }

  async explain(draft: HunkDraft): Promise<HunkExplanation> {
    const path = await this.open(draft.path);
    const movedTo = draft.kind === "move" ? await this.open(draft.to) : undefined;
    const ends = { path, ...(movedTo !== undefined && { movedTo }) };
    const made = this.apply(draft, ends);
    const facts: HunkFacts = { ...ends, ...made.facts, line: made.line, operation: operationOf(draft) };
    const fileText_ = (name: string): string | undefined => {
      const own = this.files.get(name);
      return own === undefined || own.text === undefined ? this.manifests.text(name) : textOf(own.text.bytes);
    };
    const context = { lane: "fast", turn: this.totals, changeSet: this.totals, fileText: fileText_ } as const;
    const refusals = this.deps.judge.refusals(facts, context).toSorted(strictestFirst);
    const lines = { linesAdded: facts.added.length, linesRemoved: facts.removed.length };
    this.totals.set(path, (this.totals.get(path) ?? 0) + lines.linesAdded + lines.linesRemoved);
    return { ...ends, line: made.line, ...lines, refusals, ...(made.unplaced !== undefined && { unplaced: made.unplaced }) };
  }

  /** The name in the workspace; what leads nowhere keeps the name that it has, and has no content. */
  private async open(name: string): Promise<string> {
    const target = resolveTarget(this.deps.workspace, name);
    const path = target.ok ? target.value.real : name;
    if (this.files.has(path)) return path;
    const read = target.ok ? await diskFiles.read(target.value.absolute) : undefined;
    this.files.set(path, { text: read?.ok === true ? fileText(read.value.bytes) : undefined, cursor: 0 });
    await this.manifests.look(path);
    return path;
  }

  private apply(draft: HunkDraft, { path, movedTo }: Pick<HunkFacts, "path" | "movedTo">): Applied {
    const file = this.files.get(path) ?? { text: undefined, cursor: 0 };
    const before = file.text;
    switch (draft.kind) {
      case "create":
        return this.rewritten(file, draft.content);
      case "delete":
        file.text = undefined;
        return { line: 1, facts: before ? goneFacts(before) : nothing };
      case "move":
        file.text = undefined;
        this.files.set(movedTo ?? path, { text: before, cursor: 0 });
        return { line: 0, facts: before ? movedFacts(before) : nothing };
      case "rewrite":
        if (before === undefined) return this.rewritten(file, draft.content);
        break;
      case "update":
      case "substitute":
    }
    const placement = place(draft, before ?? fileText(new Uint8Array()), { cursor: file.cursor });
    if (!placement.ok) return { line: 0, facts: ownFacts(draft), unplaced: placement.failure.message };
    file.text = applyChanges(before ?? fileText(new Uint8Array()), placement.changes);
    file.cursor = placement.cursor;
    return { line: placement.line, facts: changeFacts(before, placement.changes) };
  }

  private rewritten(file: { text: FileText | undefined }, content: string): Applied {
    const bytes = Buffer.from(content, "utf8");
    const change = { start: 0, end: file.text?.bytes.length ?? 0, bytes };
    const facts = changeFacts(file.text, [change]);
    file.text = fileText(bytes);
    return { line: 1, facts };
  }
}

interface Applied {
  readonly line: number;
  readonly facts: ContentFacts;
  readonly unplaced?: string;
}

const nothing: ContentFacts = { added: [], removed: [], before: () => undefined, after: () => undefined };

/** What the draft itself says, where the file does not have its old lines. */
function ownFacts(draft: HunkDraft): ContentFacts {
  if (draft.kind === "substitute") return { ...nothing, added: draft.newText.split("\n"), removed: draft.oldText.split("\n") };
  if (draft.kind !== "update") return nothing;
  const texts = (wanted: "add" | "remove"): string[] => draft.lines.filter(({ op }) => op === wanted).map((line) => line.text);
  return { ...nothing, added: texts("add"), removed: texts("remove") };
}

function operationOf(draft: HunkDraft): HunkFacts["operation"] {
  return draft.kind === "create" || draft.kind === "delete" || draft.kind === "move" ? draft.kind : "update";
}

const strictestFirst = (a: Refusal, b: Refusal): number => Number(b.decision === "block") - Number(a.decision === "block");
