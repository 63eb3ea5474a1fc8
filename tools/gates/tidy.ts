/**
 * Our own habits, as far as no other gate knows them: names that attract everything, words that belong to one machine, dead
 * links, folders that the architecture does not list, tests switched off, and counts that may only fall.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript6";
import type { Gate } from "./gate.ts";
import { type Source, eachNode, isTest, lineOf, listFiles, readSources } from "./sources.ts";

const codeFolders = ["packages", "bench", "study", "tools"];
const ratchetFile = "tools/gates/ratchet.json";

export const tidy: Gate = {
  name: "tidy",
  cure: "each line says what; counts that fell are kept with `npm run check -- --lower`",
  async run(root) {
    const files = listFiles(root, ".");
    const sources = readSources(root, codeFolders);
    const faults = [
      ...files.flatMap(nameFaults),
      ...files.filter((file) => textFile.test(file)).flatMap((file) => textFaults(root, file)),
      ...folderFaults(root, sources),
      ...sources.filter(({ file }) => isTest(file)).flatMap(switchedOff),
      ...ratchetFaults(root, sources),
    ];
    return { seen: sources.length, faults };
  },
};

const vagueName = /^(utils?|helpers?|common|core|managers?|shared|misc)(\.|$)|[-.](utils?|helpers?|manager)\./;

function nameFaults(file: string): string[] {
  const vague = file.split("/").find((part) => vagueName.test(part));
  return vague === undefined ? [] : [`${file}: \`${vague}\` says nothing of what is in it`];
}

const textFile = /\.(ts|mjs|cjs|js|json|md|yml|yaml|sh|npmrc)$|(^|\/)(run|\.gitignore|LICENSE)$/;

// Written so that this file does not match itself.
const bannedWords: readonly (readonly [RegExp, string])[] = [
  [/(^|[\s"'`(=:])\/(work|root)\//, "a path of one machine"],
  [/registr[y]\.[a-z]|[a-z-]+\.pkg\.de[v]\b|artifactor[y]/i, "the host of a package registry"],
  [/\bTO[D]O\b|\bFIX[M]E\b|\bX[X]X\b/, "left to do: do it, or open an issue"],
];

function textFaults(root: string, file: string): string[] {
  const text = readFileSync(path.join(root, file), "utf8");
  const faults = text
    .split("\n")
    .flatMap((line, at) => bannedWords.flatMap(([pattern, why]) => (pattern.test(line) ? [`${file}:${at + 1}: ${why}`] : [])));
  return file.endsWith(".md") ? [...faults, ...linkFaults({ root, file, text })] : faults;
}

const link = /\]\((?!https?:|mailto:|#)([^)\s#]+)(?:#[^)\s]*)?\)/g;

function linkFaults({ root, file, text }: { readonly root: string; readonly file: string; readonly text: string }): string[] {
  return [...text.matchAll(link)]
    .filter(([, target = ""]) => !existsSync(path.join(root, path.dirname(file), target)))
    .map(([, target]) => `${file}: the link to ${target} leads nowhere`);
}

/** A folder of src stands in ARCHITECTURE.md by its path below packages, a folder within one by its name and a slash. */
function folderFaults(root: string, sources: readonly Source[]): string[] {
  const file = path.join(root, "ARCHITECTURE.md");
  const listing = existsSync(file) ? readFileSync(file, "utf8") : "";
  const folders = new Set(sources.map((source) => path.posix.dirname(source.file)));
  return [...folders]
    .filter((folder) => /^packages\/[^/]+\/src\/./.test(folder))
    .filter(
      (folder) => !listing.includes(folder.replace("packages/", "")) && !listing.includes(` ${path.posix.basename(folder)}/`),
    )
    .map((folder) => `${folder}: not in ARCHITECTURE.md`);
}

const suites = new Set(["it", "test", "describe", "bench"]);

function switchedOff({ file, syntax }: Source): string[] {
  const faults: string[] = [];
  eachNode(syntax, (node) => {
    if (!ts.isPropertyAccessExpression(node) || !ts.isIdentifier(node.expression) || !suites.has(node.expression.text)) return;
    if (!["only", "skip", "todo"].includes(node.name.text)) return;
    faults.push(
      `${file}:${lineOf(syntax, node)}: \`${node.getText(syntax)}\` switches tests off; a missing tool is \`skipIf(!needs(…))\``,
    );
  });
  return faults;
}

/** What should be rare. The numbers may fall and never rise. */
const kinds = ["casts", "suppressions"] as const;
type Counts = Record<(typeof kinds)[number], number>;

const suppression = /(oxlint|eslint)-disable|@ts-(ignore|expect-error|nocheck)/g;

function count(sources: readonly Source[]): Counts {
  const counts: Counts = { casts: 0, suppressions: 0 };
  for (const { file, syntax } of sources) {
    if (isTest(file)) continue;
    counts.suppressions += file === "tools/gates/tidy.ts" ? 0 : [...syntax.text.matchAll(suppression)].length;
    eachNode(syntax, (node) => {
      // `as const` narrows and cannot lie.
      if (ts.isAsExpression(node) && node.type.getText(syntax) !== "const") counts.casts++;
    });
  }
  return counts;
}

function readRatchet(root: string): Counts {
  return JSON.parse(readFileSync(path.join(root, ratchetFile), "utf8"));
}

function ratchetFaults(root: string, sources: readonly Source[]): string[] {
  const [now, limit] = [count(sources), readRatchet(root)];
  return kinds
    .filter((kind) => now[kind] > limit[kind])
    .map((kind) => `${ratchetFile}: ${now[kind]} ${kind} where ${limit[kind]} are allowed; the number may only fall`);
}

/** Takes the numbers down to what they are now, never up; gives the line to print. */
export function lowerRatchet(root: string): string {
  const [now, limit] = [count(readSources(root, codeFolders)), readRatchet(root)];
  const lowered: Counts = {
    casts: Math.min(now.casts, limit.casts),
    suppressions: Math.min(now.suppressions, limit.suppressions),
  };
  writeFileSync(path.join(root, ratchetFile), `${JSON.stringify(lowered, null, 2)}\n`);
  return `${ratchetFile}: ${lowered.casts} casts, ${lowered.suppressions} suppressions`;
}
