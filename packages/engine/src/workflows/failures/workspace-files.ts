/** Which file of the workspace a path means that was written elsewhere: on another machine, in a container, from within a folder. */
import type { WrittenPlace } from "./failure.ts";

export interface WorkspaceFiles {
  /** Undefined: none, or it may mean several. */
  find(written: Pick<WrittenPlace, "path" | "within">): string | undefined;
}

/** Code of others, wherever it lies. */
const foreign =
  /(?:^|[\\/])(?:node_modules|site-packages|dist-packages|\.cargo|\.rustup|rustc|\.m2|\.gradle)[\\/]|^(?:node|internal|bun):|<frozen|\/lib\/python\d|\/(?:lib\/go[\w.-]*|usr\/local\/go)\/src\/|\/pkg\/mod\//;

export const isForeign = (path: string): boolean => foreign.test(path);

interface Candidate {
  readonly path: string;
  readonly segments: readonly string[];
}

/** `paths`: all files, relative to the workspace. */
export function workspaceFiles(paths: Iterable<string>): WorkspaceFiles {
  const byName = new Map<string, Candidate[]>();
  for (const path of paths) {
    const segments = path.split("/");
    const name = segments.at(-1)?.toLowerCase() ?? "";
    const list = byName.get(name) ?? [];
    byName.set(name, list);
    list.push({ path, segments });
  }
  return {
    find(written) {
      const isWindows = /^[A-Za-z]:|\\/.test(written.path);
      const wanted = segmentsOf(written.path);
      const candidates = byName.get(wanted.at(-1)?.toLowerCase() ?? "") ?? [];
      const scored = candidates.map(({ path, segments }) => {
        const shared = sharedEnd(segments, wanted, isWindows);
        // One is the end of the other: the same file, seen from elsewhere.
        return { path, segments, shared, isWhole: shared > 0 && shared === Math.min(segments.length, wanted.length) };
      });
      const whole = scored.filter(({ isWhole }) => isWhole);
      const near = whole.length > 0 ? whole : scored.filter(({ shared }) => shared > 1);
      const most = Math.max(...near.map(({ shared }) => shared));
      return chosen(
        near.filter(({ shared }) => shared === most),
        { wanted, within: written.within },
      );
    },
  };
}

const segmentsOf = (path: string): readonly string[] =>
  path
    .replace(/^[A-Za-z]:/, "")
    .split(/[\\/]+/)
    .filter((segment) => segment !== "" && segment !== ".");

function sharedEnd(one: readonly string[], other: readonly string[], ignoresCase: boolean): number {
  let shared = 0;
  const same = (a = "", b = ""): boolean => a === b || (ignoresCase && a.toLowerCase() === b.toLowerCase());
  while (shared < Math.min(one.length, other.length) && same(one.at(-1 - shared), other.at(-1 - shared))) shared++;
  return shared;
}

interface Wanted {
  readonly wanted: readonly string[];
  readonly within: string | undefined;
}

/** Of several that fit equally: the very path, else in the folder that was told, else none. */
function chosen(fitting: readonly Candidate[], { wanted, within }: Wanted): string | undefined {
  const [first, ...others] = fitting;
  if (first === undefined || others.length === 0) return first?.path;
  const exact = fitting.find(({ segments }) => segments.length === wanted.length);
  if (within === undefined || within === "") return exact?.path;
  const folder = segmentsOf(within);
  const scored = fitting.map(({ path, segments }) => ({ path, shared: sharedEnd(segments.slice(0, -1), folder, false) }));
  const most = Math.max(...scored.map(({ shared }) => shared));
  const best = scored.filter(({ shared }) => shared === most && most > 0);
  return best.length === 1 ? best[0]?.path : exact?.path;
}
