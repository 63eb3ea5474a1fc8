/**
 * A file of HEAD in the form in which it lies in the work tree, and the way back: line endings, encodings and filters are git's. Does not
 * look at the work tree itself.
 */
import { type Result, succeed } from "@twolane/protocol";
import type { Git } from "../host/git.ts";
import { sameBytes } from "../std/bytes.ts";
import type { TreeEntry } from "./tree-entries.ts";

export interface WorkForm {
  readonly bytes: Uint8Array;
  /** False: git would take it for changed if it were filtered on its way back, so it goes back as it is. */
  readonly filtered: boolean;
}

/**
 * As a checkout would write it, but with the line endings of `like` where git holds both for the same: people's files often have others
 * than a checkout would give them.
 */
export async function workForm(git: Git, at: TreeEntry & { readonly path: string }, like: Uint8Array): Promise<Result<WorkForm>> {
  const { path, oid } = at;
  const shown = await git.demand({ args: ["cat-file", "--filters", `--path=${path}`, oid] });
  if (!shown.ok) return shown;
  const bytes = Buffer.from(shown.value, "latin1");
  const goesBack = async (form: WorkForm): Promise<boolean> => {
    const hash = await hashForm(git, path, form);
    return hash.ok && hash.value === oid;
  };
  if (await goesBack({ bytes, filtered: true })) {
    const other = withEndingsOf(bytes, like);
    const isSame = !sameBytes(other, bytes) && (await goesBack({ bytes: other, filtered: true }));
    return succeed({ bytes: isSame ? other : bytes, filtered: true });
  }
  // Carriage returns that are in git stay there: `git add` leaves them too.
  return succeed({ bytes, filtered: !(await goesBack({ bytes, filtered: false })) });
}

/** The name of the content in git; with `write` it is there afterwards. */
export async function hashForm(
  git: Git,
  path: string,
  { bytes, filtered, write = false }: WorkForm & { readonly write?: boolean },
): Promise<Result<string>> {
  const filters = filtered ? [`--path=${path}`] : ["--no-filters"];
  const hashed = await git.demand({ args: ["hash-object", ...(write ? ["-w"] : []), ...filters, "--stdin"], input: bytes });
  return hashed.ok ? succeed(hashed.value.trim()) : hashed;
}

function withEndingsOf(bytes: Uint8Array, like: Uint8Array): Uint8Array {
  const [own, wanted] = [endings(bytes), endings(like)];
  if (own === wanted || own === "none" || wanted === "none") return bytes;
  const text = Buffer.from(bytes).toString("latin1");
  return Buffer.from(wanted === "crlf" ? text.replaceAll(/\r?\n/g, "\r\n") : text.replaceAll("\r\n", "\n"), "latin1");
}

/** As the first line has it. */
function endings(bytes: Uint8Array): "lf" | "crlf" | "none" {
  const at = bytes.indexOf(0x0a);
  return at < 0 ? "none" : bytes[at - 1] === 0x0d ? "crlf" : "lf";
}
