/**
 * The one internal form of an edit, between the dialects (which parse it), placing (which finds its lines in a file) and
 * landing (which writes it). No IO here.
 */
import type { Failure, HunkLine, MatchRung } from "@twolane/protocol";

/** A change as its author wrote it, before it has a place. Paths are as written; the writer judges them. */
export type HunkDraft =
  | UpdateDraft
  | SubstituteDraft
  /** A new file. `overwrite`: the dialect says that an existing file is to be replaced. */
  | { readonly kind: "create"; readonly path: string; readonly content: string; readonly overwrite: boolean }
  /** The whole file anew; only what differs becomes a change. Creates the file where it does not exist. */
  | { readonly kind: "rewrite"; readonly path: string; readonly content: string }
  | { readonly kind: "delete"; readonly path: string }
  | { readonly kind: "move"; readonly path: string; readonly to: string };

/** Line by line: V4A, search/replace blocks, unified diffs. */
export interface UpdateDraft {
  readonly kind: "update";
  readonly path: string;
  /** Lines that narrow the region, outermost first. Each equals a whole line of the file (blanks around it aside). */
  readonly anchors: readonly string[];
  readonly lines: readonly HunkLine[];
  /** The change stands at the end of the file. */
  readonly endOfFile: boolean;
  /**
   * 1-based first old line in the file as the author saw it before any change of the same patch. A hint: used only to
   * choose among places that match. Absent where the dialect has no line numbers.
   */
  readonly line?: number;
  /** True: the new side ends without a line ending at the end of the file. False: with one. Absent: as the file has it. */
  readonly noFinalNewline?: boolean;
}

/** A piece of text for another, not bound to lines: old/new string tools. */
export interface SubstituteDraft {
  readonly kind: "substitute";
  readonly path: string;
  readonly oldText: string;
  readonly newText: string;
  readonly everywhere: boolean;
}

/** What a streaming parser says, in the order of the stream. */
export type ParserEvent =
  /** A path is complete: open the file and take its pre-image. */
  | { readonly type: "file"; readonly path: string }
  /** The open hunk so far (only complete lines). Lets the place be found before the hunk is closed. */
  | { readonly type: "open"; readonly draft: HunkDraft }
  /** Whole lines that the open hunk got with this push: what is against them is seen before it closes. */
  | ({ readonly type: "lines"; readonly path: string } & OpenLines)
  /** The hunk is closed and can land. */
  | { readonly type: "hunk"; readonly draft: HunkDraft }
  /** Text that is no edit. */
  | { readonly type: "prose"; readonly text: string }
  /** A part that cannot be read. The parser goes on with the next hunk that it can read. */
  | { readonly type: "malformed"; readonly reason: string; readonly excerpt: string };

export interface OpenLines {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Some of the added ones may only repeat what the file has. */
  readonly repeats?: true;
}

/** One parser per stream. The way the text is cut changes nothing in what comes out. */
export interface DialectParser {
  push(text: string): readonly ParserEvent[];
  /**
   * `complete`: the stream came to its proper end, so that the last hunk is closed by it. Otherwise an open hunk is
   * dropped without a trace.
   */
  end(complete: boolean): readonly ParserEvent[];
}

/** One contiguous replacement of bytes in a file. Offsets count in the content that it was made from. */
export interface ByteChange {
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

/** Bytes `start..end` of a content. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Where a draft belongs in a file, or why nowhere. */
export type Placement =
  | {
      readonly ok: true;
      /** Ascending, disjoint; one for each run of changed lines. */
      readonly changes: readonly ByteChange[];
      /** The old lines that were matched, those that it keeps included. Empty where the draft has no old lines. */
      readonly matched: ByteRange;
      readonly rung: MatchRung;
      /** 1-based line at which the change begins. */
      readonly line: number;
      readonly linesRemoved: number;
      readonly linesAdded: number;
      /** Byte offset in the **new** content just behind the hunk's last matched or added line: the next hunk's anchor. */
      readonly cursor: number;
    }
  | {
      readonly ok: false;
      readonly failure: Failure;
      /** 1-based lines that match equally well (ambiguous) or nearly (missing); at most 8. */
      readonly candidates: readonly number[];
      /** For the model: the fresh lines around the best candidates, with line numbers. Empty when there is nothing near. */
      readonly excerpt: string;
    };
