/**
 * The texts that rules about dependencies and owners ask for: manifests, lock files and CODEOWNERS beside and above the files that a
 * turn touches. Read in the background as soon as a path is known, once a turn; asking never waits for the disk.
 */
import path from "node:path";
import type { Files } from "../host/files.ts";

const names: ReadonlySet<string> = new Set([
  ...[
    "package.json",
    "package-lock.json",
    "npm-shrinkwrap.json",
    "pnpm-lock.yaml",
    "pnpm-workspace.yaml",
    "yarn.lock",
    "deno.json",
  ],
  ...["pyproject.toml", "uv.lock", "poetry.lock", "Pipfile", "Pipfile.lock", "setup.cfg", "setup.py"],
  ...["Cargo.toml", "Cargo.lock", "go.mod", "go.sum", "go.work", "CODEOWNERS"],
  // These say which imports are no packages.
  ...["tsconfig.json", "tsconfig.base.json", "tsconfig.app.json", "jsconfig.json"],
]);
/** `requirements.txt`, `requirements-dev.in`, `constraints.txt` … */
const requirements = /^(?:.*-)?(?:requirements|constraints)(?:[-_.].*)?\.(?:txt|in)$/i;
const ownerFolders = [".github", ".gitlab", "docs"];

const isManifest = (name: string): boolean => names.has(name) || requirements.test(name);

export interface ManifestTextsDeps {
  readonly root: string;
  readonly files: Pick<Files, "read">;
  /** Names in a folder; none where it cannot be read. */
  readonly namesIn: (folder: string) => Promise<readonly string[]>;
}

export class ManifestTexts {
  private readonly deps: ManifestTextsDeps;
  private readonly texts = new Map<string, Uint8Array>();
  private readonly names = new Map<string, ReadonlySet<string>>();
  private looked = new Map<string, Promise<void>>();

  constructor(deps: ManifestTextsDeps) {
    this.deps = deps;
  }

  /** A turn begins: what is on disk may be other texts by now. */
  renew(): void {
    this.looked = new Map();
  }

  /** Resolves when everything that rules may ask about this path is there. Never fails. */
  async look(real: string): Promise<void> {
    const folders = ["", ...ownerFolders];
    for (let at = path.posix.dirname(real); at !== "."; at = path.posix.dirname(at)) folders.push(at);
    await Promise.all(folders.map((folder) => this.lookInto(folder)));
  }

  text(real: string): string | undefined {
    const bytes = this.texts.get(real);
    return (
      bytes &&
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
        .toString("utf8")
        .replace(/^\ufeff/, "")
    );
  }

  /** Whether there is such a file; in a folder that nobody looked into there may be. */
  has(real: string): boolean {
    const folder = folderOf(real);
    const here = this.names.get(folder);
    if (here !== undefined) return here.has(path.posix.basename(real));
    return folder !== "" && this.names.get(folderOf(folder))?.has(path.posix.basename(folder)) === true;
  }

  private lookInto(folder: string): Promise<void> {
    const known = this.looked.get(folder);
    if (known !== undefined) return known;
    const looking = this.read(folder);
    this.looked.set(folder, looking);
    return looking;
  }

  private async read(folder: string): Promise<void> {
    const { root, files, namesIn } = this.deps;
    const all = await namesIn(path.join(root, folder));
    this.names.set(folder, new Set(all));
    const here = all.filter(isManifest).map((name) => path.posix.join(folder, name));
    for (const gone of [...this.texts.keys()]) if (folderOf(gone) === folder && !here.includes(gone)) this.texts.delete(gone);
    await Promise.all(
      here.map(async (real) => {
        const read = await files.read(path.join(root, real));
        if (read.ok) this.texts.set(real, read.value.bytes);
        else this.texts.delete(real);
      }),
    );
  }
}

const folderOf = (real: string): string => (real.includes("/") ? path.posix.dirname(real) : "");
