/**
 * A person's yes or no to an entry of a workspace that starts something or connects somewhere: bound to the hash of what the entry says,
 * so that another entry of the same name is asked about anew. Kept in the user's own state of the workspace, never in the workspace.
 */
import path from "node:path";
import { type Result, fail, succeed } from "@twolane/protocol";
import { errorCode } from "../host/errors.ts";
import { ownText, replaceTextNow } from "../host/user-files.ts";
import type { TrustPlace } from "./trust.ts";

export type EntryAnswer = "approve" | "deny";

export interface AskedEntry {
  /** What kind of entry and its name, e.g. `mcp github`. */
  readonly key: string;
  readonly hash: string;
}

interface AnsweredEntry {
  readonly hash: string;
  readonly answer: EntryAnswer;
  readonly since: string;
}

interface ApprovalFile {
  readonly version: 1;
  readonly root: string;
  readonly entries: Readonly<Record<string, AnsweredEntry>>;
}

const fileOf = ({ state }: TrustPlace): string => path.join(state.path, "approved-entries.json");

/** Undefined: nobody has said anything about exactly this. Looks each time. */
export function entryAnswer(place: TrustPlace, { key, hash }: AskedEntry): EntryAnswer | undefined {
  const known = new Map(Object.entries(readFile(place)?.entries ?? {})).get(key);
  return known?.hash === hash ? known.answer : undefined;
}

/** STATE_UNWRITABLE. */
export function answerEntry(
  place: TrustPlace,
  { key, hash }: AskedEntry,
  said: { readonly answer: EntryAnswer; readonly now: Date },
): Result<void> {
  const entry: AnsweredEntry = { hash, answer: said.answer, since: said.now.toISOString() };
  const file: ApprovalFile = {
    version: 1,
    root: place.workspace.root,
    entries: { ...readFile(place)?.entries, [key]: entry },
  };
  try {
    replaceTextNow(fileOf(place), `${JSON.stringify(file, null, 2)}\n`);
    return succeed(undefined);
  } catch (error) {
    const code = errorCode(error);
    if (code === undefined) throw error;
    return fail("STATE_UNWRITABLE", `The state folder ${place.state.path} cannot be used (${code}).`);
  }
}

function readFile(place: TrustPlace): ApprovalFile | undefined {
  const text = ownText(fileOf(place));
  if (text === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    return isApprovalFile(parsed) && parsed.root === place.workspace.root ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isApprovalFile(value: unknown): value is ApprovalFile {
  if (typeof value !== "object" || value === null || !("version" in value && "root" in value && "entries" in value)) return false;
  const { version, root, entries } = value;
  if (version !== 1 || typeof root !== "string" || typeof entries !== "object" || entries === null) return false;
  return Object.values(entries).every(isAnswered);
}

function isAnswered(value: unknown): value is AnsweredEntry {
  if (typeof value !== "object" || value === null || !("hash" in value && "answer" in value)) return false;
  return typeof value.hash === "string" && (value.answer === "approve" || value.answer === "deny");
}
