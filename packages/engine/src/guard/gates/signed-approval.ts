/**
 * Approvals without a forge: a record in `.twolane/approvals/`, signed by an SSH key that the base lists in `.twolane/allowed_signers`. It
 * is bound to the hash of the diff, which the folder itself is no part of: one changed byte, mode or path, and it counts for nothing.
 */
import { type Result, succeed } from "@twolane/protocol";
import type { ChangedEntry } from "../../host/git-change.ts";
import type { Processes } from "../../host/process.ts";
import { signText, verifyText } from "../../host/ssh-signature.ts";
import { sha256 } from "../../std/hash.ts";
import { approvalsFolder, changeOfRecord, isRecordPath } from "../approval-records.ts";
import type { Approver } from "./review.ts";
import { textOf } from "../../std/text.ts";

export const allowedSigners = ".twolane/allowed_signers";

const namespace = "twolane-approval";
/** Bytes. */
const longest = 16 * 1024;

/**
 * Records are no part of what is judged, hashed and approved; anything else in their folder is, and so is a file that git takes for one
 * that was moved there: its old place is part of the change.
 */
export const isRecord = ({ path, from = path, next }: ChangedEntry): boolean =>
  isRecordPath(path) &&
  isRecordPath(from) &&
  (next === undefined || (next.kind === "file" && next.mode === "100644" && next.size <= longest));

/** Of all paths with what they were and are, however git pairs moves. */
export function hashOfChange(entries: readonly ChangedEntry[]): string {
  const sides = new Map<string, { old: string; next: string }>();
  const at = (name: string): { old: string; next: string } => {
    const known = sides.get(name) ?? { old: "", next: "" };
    sides.set(name, known);
    return known;
  };
  for (const entry of entries) {
    const { path, from, old, next } = entry;
    if (isRecord(entry)) continue;
    if (old !== undefined) at(from ?? path).old = `${old.mode} ${old.oid}`;
    if (next !== undefined) at(path).next = `${next.mode} ${next.oid}`;
  }
  const lines = [...sides].map(([name, { old, next }]) => JSON.stringify([name, old, next])).sort();
  return sha256(["twolane diff 1", ...lines].join("\n"));
}

interface ApprovalRecord {
  readonly version: 1;
  /** Hash of the change. */
  readonly diff: string;
  readonly signer: string;
  readonly at: string;
}

export interface SignedApproval {
  /** Path and text of the files that make it. */
  readonly files: readonly { readonly path: string; readonly text: string }[];
}

export async function makeApproval(
  processes: Processes,
  { key, ...record }: Omit<ApprovalRecord, "version"> & { readonly key: string },
): Promise<Result<SignedApproval>> {
  const content: ApprovalRecord = { version: 1, ...record };
  const text = `${JSON.stringify(content, undefined, 2)}\n`;
  const signature = await signText(processes, { text, key, namespace });
  if (!signature.ok) return signature;
  const path = `${approvalsFolder}/${record.diff}-${sha256(record.signer.toLowerCase()).slice(0, 8)}.json`;
  return succeed({
    files: [
      { path, text },
      { path: `${path}.sig`, text: signature.value },
    ],
  });
}

/** As if they were in the branch already. */
export function entriesOf({ files }: SignedApproval): readonly ChangedEntry[] {
  return files.map(({ path, text }) => {
    const bytes = Buffer.from(text);
    return { path, old: undefined, next: { mode: "100644", kind: "file", bytes, size: bytes.length, oid: "" } };
  });
}

export interface Signatures {
  readonly approvers: readonly Approver[];
  /** Records that do not count, and why, one line each. */
  readonly notes: readonly string[];
}

/** `allowed`: who may sign, as the base says it. */
export async function readSignatures(
  processes: Processes,
  {
    entries,
    diff,
    allowed,
  }: { readonly entries: readonly ChangedEntry[]; readonly diff: string; readonly allowed: string | undefined },
): Promise<Result<Signatures>> {
  const texts = new Map(entries.filter(isRecord).flatMap(({ path, next }) => (next?.bytes ? [[path, textOf(next.bytes)]] : [])));
  const approvers: Approver[] = [];
  const notes: string[] = [];
  for (const [path, text] of texts) {
    const signature = texts.get(`${path}.sig`);
    if (path.endsWith(".sig") || signature === undefined) continue;
    const record = parseRecord(text);
    if (record === undefined) notes.push(`${path} is no approval.`);
    else if (record.diff !== diff || changeOfRecord(path) !== diff)
      notes.push(`The approval of ${record.signer} is of another change: one byte is enough.`);
    else if (allowed === undefined) notes.push(`Nobody is listed in ${allowedSigners} of the base, so that no signature counts.`);
    else {
      const verified = await verifyText(processes, { text, signature, signer: record.signer, namespace }, allowed);
      if (!verified.ok) return verified;
      if (verified.value === undefined)
        notes.push(`The signature of ${record.signer} is not by a key that ${allowedSigners} of the base lists.`);
      else approvers.push({ name: record.signer, principals: verified.value });
    }
  }
  return succeed({ approvers, notes });
}

function parseRecord(text: string): ApprovalRecord | undefined {
  try {
    const value: Partial<ApprovalRecord> | null = JSON.parse(text);
    const { version, diff, signer, at } = value ?? {};
    const isWhole = version === 1 && typeof diff === "string" && typeof signer === "string" && typeof at === "string";
    return isWhole && !signer.startsWith("-") ? { version, diff, signer, at } : undefined;
  } catch {
    return undefined;
  }
}
