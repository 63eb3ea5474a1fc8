/** Words of commands as paths, seen from the workspace without looking at the disk. */
import type { Word } from "./script.ts";

/** Where one path may lead: folders of the workspace in which the command may run. */
export type Bases = readonly string[];

/** In place of a folder: somewhere else. */
export const outside = "..";

/** What is certain of a word as a path or pattern of paths; undefined where it may be anything. */
export function pathText(word: Word): string | undefined {
  return word.known ? word.value : word.glob;
}

/** The path relative to the workspace; undefined where it leads out of it, or nobody knows where to. */
export function resolveIn(base: string, text: string): string | undefined {
  if (base === outside || text.startsWith("/") || text.startsWith("~")) return undefined;
  const parts: string[] = base === "" ? [] : base.split("/");
  for (const part of text.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") {
      if (parts.pop() === undefined) return undefined;
    } else parts.push(part);
  }
  return parts.join("/");
}

/** Paths outside of the workspace that are nobody's: the sandbox's own. */
export function isFree(text: string): boolean {
  return (
    /^\/dev\/(?:null|stdin|stdout|stderr|tty|zero|fd\/\*)$/.test(text) ||
    (text.startsWith("/tmp/") && !text.split("/").includes(".."))
  );
}

/** True where the word may be taken for an option. */
export function mayBeOption(word: Word): boolean {
  return word.value.startsWith("-") || (!word.known && word.value === "");
}
