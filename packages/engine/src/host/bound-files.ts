/** Files of a workspace whose bytes something is bound to: each by its hash. What they mean is others' business. */
import fs from "node:fs";
import path from "node:path";
import { sha256 } from "../std/hash.ts";
import { errorCode } from "./errors.ts";

/** Paths relative to the folder → hash. A link counts by where it leads and by what is there. */
export type BoundFiles = ReadonlyMap<string, string>;

const mostFiles = 500;
const mostBytes = 4 * 1024 * 1024;
const deepest = 8;

/**
 * Undefined where it is more than anybody could look at, or cannot be read: then nothing can be bound to it. `isLeftOut`: a plain file
 * of this name is not bound.
 */
export function readBoundFiles(
  root: string,
  names: readonly string[],
  isLeftOut: (name: string) => boolean,
): BoundFiles | undefined {
  const found = new Map<string, string>();
  let bytes = 0;
  const add = (name: string, depth: number): boolean => {
    const absolute = path.join(root, name);
    const named = fs.lstatSync(absolute, { throwIfNoEntry: false });
    if (named === undefined) return true;
    const leads = named.isSymbolicLink() ? `link ${fs.readlinkSync(absolute)}\n` : "";
    const real = leads === "" ? named : fs.statSync(absolute, { throwIfNoEntry: false });
    if (real?.isDirectory()) {
      if (leads !== "") found.set(`${name}/`, sha256(leads));
      const children = fs.readdirSync(absolute).sort();
      return depth < deepest && children.every((child) => add(`${name}/${child}`, depth + 1));
    }
    if (real !== undefined && !real.isFile()) return false;
    if (leads === "" && isLeftOut(name)) return true;
    bytes += real?.size ?? 0;
    if (bytes > mostBytes || found.size >= mostFiles) return false;
    const content = real === undefined ? "" : fs.readFileSync(absolute);
    found.set(name, sha256(leads === "" ? content : `${leads}${sha256(content)}`));
    return true;
  };
  try {
    return names.every((name) => add(name, 0)) ? found : undefined;
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return undefined;
  }
}
