/** The ready workflow file of a forge, put into a repository. What it does stands in the file itself (docs/ci). */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type Failure, failure } from "@twolane/protocol";

export const forges = ["github", "gitlab"] as const;
export type Forge = (typeof forges)[number];

/** Where it stands in a repository. */
export const ciFiles: Readonly<Record<Forge, string>> = {
  github: ".github/workflows/twolane.yml",
  gitlab: ".gitlab/twolane.yml",
};

/** Beside the bundle where the package is installed, at the top where it is built. */
const places = ["../docs/ci", "../../../docs/ci"];

export function writeCiFile(
  forge: Forge,
  { root, over }: { readonly root: string; readonly over: boolean },
): Failure | undefined {
  const source = places.map((place) => path.join(import.meta.dirname, place, `${forge}.yml`)).find((file) => existsSync(file));
  if (source === undefined) throw new Error("the workflow files belong to the package");
  const target = path.join(root, ciFiles[forge]);
  try {
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, readFileSync(source), { flag: over ? "w" : "wx" });
    return undefined;
  } catch (error) {
    const { code }: NodeJS.ErrnoException = Object(error);
    if (code === undefined) throw error;
    return code === "EEXIST"
      ? failure("FILE_EXISTS", `${ciFiles[forge]} is there already.`, "Write over it with --force.")
      : failure("FILE_UNWRITABLE", `${ciFiles[forge]} cannot be written (${code}).`);
  }
}
