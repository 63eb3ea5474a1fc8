/**
 * Which files of a work tree a copy has to read: those that differ from the index, are unknown to it, or whose index entry does not say the
 * bytes on disk. And which are left out, with the reason. Asks git and looks at the files; reads none.
 */
import fs from "node:fs";
import path from "node:path";
import { type Result, fail, succeed } from "@twolane/protocol";
import { readable } from "../std/text.ts";
import { type Git, openGit } from "./git.ts";
import { isPlainIndex } from "./plain-index.ts";
import type { Processes } from "./process.ts";

export interface TreeNames {
  /** Latin-1, one character a byte, as git says them. */
  readonly put: readonly string[];
  /** Known to the index, and to be taken out of it first. */
  readonly gone: readonly string[];
  readonly left: readonly { readonly path: string; readonly why: string }[];
}

export interface NamesWish {
  readonly source: string;
  readonly processes: Processes;
  /** Git of the user's repository, as they have set it up. */
  readonly theirs: Git;
  /** Git with the copy's index over the user's files, where nothing is converted. */
  readonly own: Git;
  readonly hasGit: boolean;
  /** The copy's index began as the user's. */
  readonly seeded: boolean;
  readonly skips: ((path: string) => boolean) | undefined;
}

/** Bytes; a larger one is data, and would be stored once more for each job. */
const largest = 64 * 1024 * 1024;
/** More than that outside of the index is no project but somebody's home. */
const mostNew = 200_000;

export async function namesToCopy(wish: NamesWish): Promise<Result<TreeNames>> {
  const { hasGit, seeded, theirs, own } = wish;
  const others = ["ls-files", "-z", "-o", "--exclude-standard"];
  const [known, changed, fresh, rules, converted] = await Promise.all([
    hasGit ? theirs.demand({ args: ["ls-files", "-s", "-z"] }) : succeed(""),
    seeded ? own.demand({ args: ["diff-files", "--name-only", "-z"] }) : succeed(""),
    (hasGit ? theirs : own).demand({ args: others }),
    // Ignored or not: what it says counts in the copy too.
    (hasGit ? theirs : own).demand({ args: ["ls-files", "-z", "-o", "--", ".twolane"] }),
    seeded ? convertedNames(wish) : succeed([]),
  ]);
  for (const answer of [known, changed, fresh, rules, converted]) if (!answer.ok) return answer;
  if (!known.ok || !changed.ok || !fresh.ok || !rules.ok || !converted.ok) throw new Error("unreachable");
  const entries = split(known.value).map((line) => ({ mode: line.slice(0, 6), name: line.slice(line.indexOf("\t") + 1) }));
  const links = entries.filter(({ mode }) => mode === "160000").map(({ name }) => name);
  const news = [...split(fresh.value), ...split(rules.value)];
  const repositories = [...links, ...news.filter((name) => name.endsWith("/")).map((name) => name.slice(0, -1))];
  const nested = await Promise.all(repositories.map((name) => nestedNames(wish, name)));
  const looks = new Set([
    ...(seeded ? [...split(changed.value), ...converted.value] : entries.map(({ name }) => name)),
    ...news.filter((name) => !name.endsWith("/")),
    ...nested.flat(),
  ]);
  if (looks.size - entries.length > mostNew)
    return fail(
      "TOOL_FAILED",
      `${wish.source} holds more than ${mostNew} files that no repository knows.`,
      "Work in the project's own folder, or let .gitignore name what need not be copied.",
    );
  for (const name of repositories) looks.delete(name);
  return succeed(
    sorted(wish, {
      looks,
      entries: entries.map(({ name }) => name),
      repositories,
      links,
      nested,
      converted: converted.value,
    }),
  );
}

interface Found {
  readonly looks: ReadonlySet<string>;
  readonly entries: readonly string[];
  readonly repositories: readonly string[];
  readonly links: readonly string[];
  readonly nested: readonly (readonly string[])[];
  readonly converted: readonly string[];
}

function sorted(
  { source, skips, seeded }: NamesWish,
  { looks, entries, repositories, links, nested, converted }: Found,
): TreeNames {
  const left: { path: string; why: string }[] = [];
  // An entry whose times are those of the file would be kept, whatever is on disk: what is converted is read anew.
  const gone: string[] = seeded ? [...links, ...converted] : [];
  const put: string[] = [];
  const unread = "the policy lets nobody read it";
  // What is unchanged is not looked at: the policy alone can leave it out.
  if (skips !== undefined && seeded)
    for (const name of entries)
      if (!looks.has(name) && skips(readable(name))) {
        left.push({ path: readable(name), why: unread });
        gone.push(name);
      }
  for (const name of looks) {
    const why = skips?.(readable(name)) === true ? unread : whyNot(source, name);
    if (why === undefined) put.push(name);
    else {
      left.push({ path: readable(name), why });
      if (seeded) gone.push(name);
    }
  }
  for (const [at, name] of repositories.entries())
    if (nested[at]?.length === 0 && isFolder(source, name))
      left.push({ path: readable(name), why: "it is a repository of its own in which there is nothing to copy" });
  return { put, gone, left };
}

/** Why it cannot be copied; what is not there is copied as not there. */
function whyNot(source: string, name: string): string | undefined {
  const place = placeOf(source, name);
  const stats = fs.lstatSync(place, { throwIfNoEntry: false });
  if (stats === undefined || stats.isDirectory() || stats.isSymbolicLink()) return undefined;
  if (!stats.isFile()) return "it is no file";
  if (stats.size > largest) return "it is larger than 64 MB";
  try {
    fs.accessSync(place, fs.constants.R_OK);
    return undefined;
  } catch {
    return "it cannot be read";
  }
}

const placeOf = (source: string, name: string): Buffer =>
  Buffer.concat([Buffer.from(`${source}${path.sep}`), Buffer.from(name, "latin1")]);
const isFolder = (source: string, name: string): boolean =>
  fs.lstatSync(placeOf(source, name), { throwIfNoEntry: false })?.isDirectory() ?? false;
const split = (text: string): readonly string[] => text.split("\0").filter((name) => name !== "");

/** Files of a repository within the work tree, without those of git's own. */
async function nestedNames({ source, processes }: NamesWish, name: string): Promise<readonly string[]> {
  const root = path.join(source, readable(name));
  if (!fs.existsSync(path.join(root, ".git"))) return [];
  const listed = await openGit(root, processes).demand({ args: ["ls-files", "-z", "-c", "-o", "--exclude-standard"] });
  if (!listed.ok) return [];
  return split(listed.value)
    .filter((inner) => !inner.endsWith("/") && !isFolder(root, inner))
    .map((inner) => `${name}/${inner}`);
}

/** Names whose entry in the user's index does not say what the bytes on disk are: converted on their way, or told not to be looked at. */
async function convertedNames({ source, theirs }: NamesWish): Promise<Result<readonly string[]>> {
  if (await isPlainIndex(theirs, source)) return succeed([]);
  const listed = await theirs.demand({ args: ["ls-files", "-s", "-v", "-z"] });
  if (!listed.ok) return listed;
  const entries = split(listed.value).map((line) => {
    const [head, name] = cut(line, "\t");
    const [tag = "", , object = ""] = head.split(" ");
    return { tag, object, name };
  });
  const [sizes, attributes] = await Promise.all([
    theirs.demand({
      args: ["cat-file", "--buffer", "--batch-check=%(objectsize)"],
      input: entries.map(({ object }) => `${object}\n`).join(""),
      env: { GIT_NO_LAZY_FETCH: "1" },
    }),
    theirs.demand({
      args: ["check-attr", "-z", "--stdin", "filter", "working-tree-encoding"],
      input: Buffer.from(entries.map(({ name }) => `${name}\0`).join(""), "latin1"),
    }),
  ]);
  if (!sizes.ok) return sizes;
  if (!attributes.ok) return attributes;
  const filtered = filteredIn(attributes.value);
  const lines = sizes.value.split("\n");
  // Ends of lines and `$Id$` change the size, if they change anything.
  const isOther = (name: string, size: string | undefined): boolean =>
    size !== `${fs.lstatSync(placeOf(source, name), { throwIfNoEntry: false })?.size ?? ""}`;
  const converted = entries.filter(({ tag, name }, at) => /[a-zS]/.test(tag) || filtered.has(name) || isOther(name, lines[at]));
  return succeed(converted.map(({ name }) => name));
}

/** Names that have a filter or an encoding; both can change bytes without changing their number. */
function filteredIn(answer: string): ReadonlySet<string> {
  const fields = answer.split("\0");
  const found = new Set<string>();
  for (let at = 0; at + 2 < fields.length; at += 3)
    if (fields[at + 2] !== "unspecified" && fields[at + 2] !== "unset") found.add(fields[at] ?? "");
  return found;
}

function cut(text: string, at: string): readonly [string, string] {
  const index = text.indexOf(at);
  return index < 0 ? [text, ""] : [text.slice(0, index), text.slice(index + 1)];
}
