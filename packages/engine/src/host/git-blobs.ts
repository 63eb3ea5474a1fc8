/** Contents of objects by name, many in one call of git. Nothing is fetched, nothing converted: no filter or textconv runs. */
import { type Result, fail, succeed } from "@twolane/protocol";
import { readable } from "../std/text.ts";
import { offline } from "./commit-text.ts";
import type { Git } from "./git.ts";

export interface Blob {
  readonly size: number;
  /** Undefined where it is larger than was asked for. */
  readonly bytes: Uint8Array | undefined;
}

export interface BlobWish {
  /** Bytes of one content. */
  readonly limit: number;
  /** The index that `:path` means, where it is not the repository's own. */
  readonly index?: string;
}

const withIndex = (git: Git, index: string): Git => ({
  ...git,
  ask: (call) => git.ask({ ...call, env: { ...call.env, GIT_INDEX_FILE: index } }),
});

/** Git's answers are read at one go, and their size is limited. */
const batchBytes = 48 * 1024 * 1024;

/** No object but the one that is meant takes its place. */
export const plainly: Readonly<Record<string, string>> = { ...offline, GIT_NO_REPLACE_OBJECTS: "1" };

/**
 * What the names stand for: object names, or e.g. `HEAD:src/a.ts`. Names without a blob, and such as have a line break in them, are
 * missing in the answer. They are Latin-1, one character a byte, as paths in them need not be UTF-8.
 */
export async function readBlobs(
  plain: Git,
  names: readonly string[],
  wish: BlobWish,
): Promise<Result<ReadonlyMap<string, Blob>>> {
  const { limit, index } = wish;
  const git = index === undefined ? plain : withIndex(plain, index);
  const wanted = [...new Set(names)].filter((name) => !name.includes("\n"));
  const found = new Map<string, Blob>();
  if (wanted.length === 0) return succeed(found);
  const sizes = await ask(git, "--batch-check", wanted);
  if (!sizes.ok) return sizes;
  const lines = sizes.value.split("\n");
  let batch: string[] = [];
  let bytes = 0;
  for (const [index, name] of wanted.entries()) {
    const [, text] = / blob (\d+)$/.exec(lines[index] ?? "") ?? [];
    if (text === undefined) continue;
    const size = Number(text);
    if (size > limit) {
      found.set(name, { size, bytes: undefined });
      continue;
    }
    if (bytes + size > batchBytes) {
      const read = await readBatch(git, batch, found);
      if (!read.ok) return read;
      batch = [];
      bytes = 0;
    }
    batch.push(name);
    bytes += size;
  }
  const read = await readBatch(git, batch, found);
  return read.ok ? succeed(found) : read;
}

async function readBatch(git: Git, names: readonly string[], into: Map<string, Blob>): Promise<Result<void>> {
  if (names.length === 0) return succeed(undefined);
  const answer = await ask(git, "--batch", names);
  if (!answer.ok) return answer;
  let at = 0;
  for (const name of names) {
    const end = answer.value.indexOf("\n", at);
    const [, text] = / blob (\d+)$/.exec(answer.value.slice(at, end)) ?? [];
    at = end + 1;
    if (text === undefined) continue;
    const size = Number(text);
    into.set(name, { size, bytes: Buffer.from(answer.value.slice(at, at + size), "latin1") });
    at += size + 1;
  }
  return succeed(undefined);
}

async function ask(git: Git, form: string, names: readonly string[]): Promise<Result<string>> {
  const input = names.map((name) => `${name}\n`).join("");
  const answer = await git.ask({ args: ["cat-file", form], input: Buffer.from(input, "latin1"), env: plainly });
  if (!answer.ok) return answer;
  const { status, stdout, stderr } = answer.value;
  if (status === 0) return succeed(stdout);
  const [line = ""] = readable(stderr).trim().split("\n", 1);
  return fail(
    "TOOL_FAILED",
    `This clone does not hold all that is to be read: ${line.replace(/^(?:fatal|error): /, "")}.`,
    "Fetch it, or use a full clone.",
  );
}
