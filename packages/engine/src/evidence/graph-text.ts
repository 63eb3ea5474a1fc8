/**
 * What was read of a workspace as one text, for the next process. Counts as a whole or not at all: its last line is the hash of the others, so
 * a text that was cut off, changed or written by another version is none.
 */
import { createHash } from "node:crypto";
import { listOf, numberOf, parseJson, recordOf, textOf, textsOf } from "./json.ts";
import type { ReadStamp } from "./readings.ts";

/** One file of the list. */
export interface FileNode {
  readonly path: string;
  /** As it was when it was scanned; empty where nothing was. */
  readonly stamp: string;
  /** What it names, each behind a line's end; empty: nothing. */
  readonly names: string;
  /** Whom it reaches, as places in the list. */
  readonly to: readonly number[];
}

export interface KeptGraph {
  /** In the order of the list. */
  readonly nodes: readonly FileNode[];
  /** Listed, and not on disk. */
  readonly absent: readonly string[];
  /** By these the names were followed. */
  readonly reads: readonly ReadStamp[];
}

type Slice = () => Promise<void> | void;

const format = "twolane imports 5";
/** Files in a line: small enough that keys do not wait for one. */
const perLine = 100;

export async function graphText({ nodes, absent, reads }: KeptGraph, slice: Slice): Promise<string> {
  const lines = [format, JSON.stringify({ count: nodes.length, absent, reads })];
  const hash = createHash("sha256").update(lines.join("\n"));
  for (let at = 0; at < nodes.length; at += perLine) {
    const rows = nodes
      .slice(at, at + perLine)
      .map(({ path, stamp, names, to }) => (stamp === "" && to.length === 0 ? [path] : [path, stamp, names, to]));
    const line = JSON.stringify(rows);
    hash.update(`\n${line}`);
    lines.push(line);
    await slice();
  }
  return [...lines, hash.digest("hex")].join("\n");
}

export async function readGraphText(text: string | undefined, slice: Slice): Promise<KeptGraph | undefined> {
  if (text?.startsWith(`${format}\n`) !== true) return undefined;
  const lines = text.split("\n");
  const digest = lines.pop();
  const hash = createHash("sha256").update(lines.slice(0, 2).join("\n"));
  const head = recordOf(parseJson(lines[1]));
  const nodes: FileNode[] = [];
  for (const line of lines.slice(2)) {
    hash.update(`\n${line}`);
    for (const row of listOf(parseJson(line))) nodes.push(nodeOf(listOf(row)));
    await slice();
  }
  if (hash.digest("hex") !== digest || nodes.length !== numberOf(head["count"])) return undefined;
  return { nodes, absent: textsOf(head["absent"]), reads: listOf(head["reads"]).map(readOf) };
}

function nodeOf(row: readonly unknown[]): FileNode {
  const to = row[3];
  return { path: textOf(row[0]) ?? "", stamp: textOf(row[1]) ?? "", names: textOf(row[2]) ?? "", to: isNumbers(to) ? to : none };
}

const none: readonly number[] = [];
const isNumbers = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((one) => typeof one === "number");

function readOf(pair: unknown): ReadStamp {
  const [path, stamp] = listOf(pair);
  return [textOf(path) ?? "", textOf(stamp) ?? ""];
}
