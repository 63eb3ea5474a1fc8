/**
 * The order of packages and folders: each imports only what stands to its left, so rings cannot arise between them; within a
 * folder they are looked for. Type-only imports count like all others. Does not look at what npm packages are used otherwise.
 */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";
import type { Gate } from "./gate.ts";
import { type Import, type Source, isTest, readSources } from "./sources.ts";

/** What each package may import of ours. */
const packageImports: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  policy: ["protocol"],
  responses: [],
  engine: ["protocol", "policy", "responses"],
  cli: ["protocol", "policy", "responses", "engine"],
  web: ["protocol"],
  bench: ["protocol", "policy", "responses", "engine"],
  study: ["protocol", "responses", "engine"],
};

interface FolderRule {
  readonly folders: readonly string[];
  /** The one file beside the folders, which knows them all. */
  readonly top: string;
  /** The folder that puts the others together, as the top does. */
  readonly assembly?: string;
}

/** Folders of a package's src from left to right. */
const folderOrder: Readonly<Record<string, FolderRule>> = {
  engine: {
    folders: [
      "std",
      "host",
      "journal",
      "guard",
      "models",
      "telemetry",
      "edits",
      "code",
      "evidence",
      "commit",
      "history",
      "tools",
      "mcp",
      "agent-hooks",
      "context",
      "loop",
      "workflows",
      "ahead",
      "lanes",
      "assembly",
    ],
    top: "engine.ts",
    assembly: "assembly",
  },
  web: { folders: ["numbers", "dom", "charts", "sections"], top: "report.ts" },
  cli: { folders: ["state", "views", "keys", "screen", "demo", "commands"], top: "main.ts" },
};

const disk = /^(node:)?fs(\/promises)?$/;
const network = /^(node:)?(net|http|https|http2|tls|dgram)$/;
const processes = /^(node:)?child_process$/;

/** What reaches the machine, and the folders of the engine that may: guard wraps the host, so nothing can go round it. */
const effects: readonly { readonly module: RegExp; readonly folders: readonly string[] }[] = [
  // The journal keeps the state folder, outside of every workspace. The language service reads in a thread of its own, where no
  // port of the host can follow; it writes nothing.
  { module: disk, folders: ["host", "journal", "code"] },
  { module: network, folders: ["host", "models"] },
  { module: processes, folders: ["host"] },
];

export const order: Gate = {
  name: "order",
  cure: "move the code to where its imports may point (ARCHITECTURE.md, first page)",
  async run(root) {
    const sources = readSources(root, ["packages", "bench", "study"]);
    const faults = sources.flatMap((source) => [
      ...placeFault(source),
      ...source.imports.flatMap((imported) => {
        const fault = importFault(root, source, imported);
        return fault === undefined ? [] : [`${source.file}:${imported.line}: ${fault}`];
      }),
    ]);
    return { seen: sources.length, faults: [...faults, ...rings(sources), ...(await browserFaults(root))] };
  },
};

interface Place {
  readonly package: string;
  /** The folder of src, or the file's name when it stands beside the folders; nothing outside of src. */
  readonly folder: string | undefined;
}

function placeOf(file: string): Place {
  const [first, second, third, fourth] = file.split("/");
  if (first !== "packages") return { package: first ?? "", folder: undefined };
  return { package: second ?? "", folder: third === "src" ? fourth : undefined };
}

function placeFault({ file }: Source): string[] {
  const place = placeOf(file);
  if (packageImports[place.package] === undefined)
    return [`${file}: package \`${place.package}\` has no place in the order (tools/gates/order.ts)`];
  const rule = folderOrder[place.package];
  if (rule === undefined || place.folder === undefined || isTest(file) || file.endsWith(".d.ts")) return [];
  return positionOf(rule, place.folder) >= 0
    ? []
    : [`${file}: \`${place.folder}\` has no place in the order of ${place.package}/src`];
}

function positionOf({ folders, top }: FolderRule, folder: string): number {
  return folder === top ? folders.length : folders.indexOf(folder);
}

function importFault(root: string, source: Source, { specifier, typeOnly }: Import): string | undefined {
  const from = placeOf(source.file);
  if (!specifier.startsWith(".")) {
    return packageFault(root, source, specifier) ?? (typeOnly || isTest(source.file) ? undefined : effectFault(from, specifier));
  }
  const target = targetOf(source.file, specifier);
  const to = placeOf(target);
  if (to.package !== from.package) {
    // A test may say what it needs of the machine (tools/needs.ts), and every gate's test asks the one table of cases.
    if (isTest(source.file) && /^tools\/|^packages\/policy\/test\/conformance\.ts$/.test(target)) return undefined;
    return `\`${specifier}\` reaches into another package; import its door`;
  }
  if (isTest(source.file)) return undefined;
  return folderFault({ from, to, typeOnly });
}

function packageFault(root: string, { file }: Source, specifier: string): string | undefined {
  const from = placeOf(file).package;
  if (from === "protocol" && !isTest(file)) return `protocol imports nothing, not \`${specifier}\``;
  const [, name, door] = /^@twolane\/([^/]+)(\/.+)?$/.exec(specifier) ?? [];
  if (name === undefined) return undefined;
  if (name !== from && !packageImports[from]?.includes(name)) return `${from} may not import ${name}`;
  return hasDoor(root, name, `.${door ?? ""}`)
    ? undefined
    : `\`${specifier}\` is no door of ${name} (exports of its package.json)`;
}

function effectFault(from: Place, specifier: string): string | undefined {
  const effect = effects.find(({ module }) => module.test(specifier));
  if (effect === undefined) return undefined;
  if (from.package === "policy") return `policy does no IO, so not \`${specifier}\``;
  if (from.package !== "engine" || from.folder === undefined || effect.folders.includes(from.folder)) return undefined;
  return `\`${specifier}\` reaches the machine; in engine/src only ${effect.folders.join(", ")} may`;
}

function hasDoor(root: string, name: string, door: string): boolean {
  const file = path.join(root, "packages", name, "package.json");
  if (!existsSync(file)) return false;
  const { exports = {} }: { exports?: Record<string, unknown> } = JSON.parse(readFileSync(file, "utf8"));
  return door in exports;
}

function folderFault({
  from,
  to,
  typeOnly,
}: {
  readonly from: Place;
  readonly to: Place;
  readonly typeOnly: boolean;
}): string | undefined {
  const rule = folderOrder[from.package];
  if (rule === undefined || from.folder === undefined || to.folder === undefined || from.folder === to.folder) return undefined;
  if (to.folder.endsWith(".d.ts")) return undefined;
  const [here, there] = [positionOf(rule, from.folder), positionOf(rule, to.folder)];
  if (there >= here) return `${from.folder} stands left of ${to.folder} and may not import it`;
  const guard = rule.folders.indexOf("guard");
  const assembles = from.folder === rule.top || from.folder === rule.assembly;
  if (to.folder === "host" && !typeOnly && !assembles && here > guard) {
    return `right of guard, host is imported for types only; ${rule.top} hands out guarded instances`;
  }
  return undefined;
}

/** From the root, as far as the specifier alone tells. */
function targetOf(file: string, specifier: string): string {
  return path.posix.join(path.posix.dirname(file), specifier);
}

/** Files that import each other in a ring, each ring once (Tarjan's strongly connected components). */
function rings(sources: readonly Source[]): string[] {
  const edges = new Map(
    sources.map(({ file, imports }) => [
      file,
      imports.filter(({ specifier }) => specifier.startsWith(".")).map(({ specifier }) => targetOf(file, specifier)),
    ]),
  );
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const open: string[] = [];
  const found: string[] = [];
  const visit = (file: string): number => {
    const own = index.size;
    index.set(file, own);
    low.set(file, own);
    open.push(file);
    for (const next of edges.get(file) ?? []) {
      if (!edges.has(next)) continue;
      const reached = index.has(next) ? (open.includes(next) ? index.get(next) : undefined) : visit(next);
      low.set(file, Math.min(low.get(file) ?? own, reached ?? own));
    }
    if (low.get(file) === own) {
      const ring = open.splice(open.indexOf(file));
      if (ring.length > 1 || edges.get(file)?.includes(file))
        found.push(`${file}: imports itself by way of ${ring.slice(1).join(", ") || "itself"}`);
    }
    return low.get(file) ?? own;
  };
  for (const file of edges.keys()) if (!index.has(file)) visit(file);
  return found;
}

/** protocol runs in a browser: it must bundle for one. */
async function browserFaults(root: string): Promise<string[]> {
  const entry = path.join(root, "packages/protocol/src/protocol.ts");
  if (!existsSync(entry)) return ["packages/protocol/src/protocol.ts: missing, so nothing shows that protocol runs in a browser"];
  try {
    await build({ entryPoints: [entry], bundle: true, platform: "browser", format: "esm", write: false, logLevel: "silent" });
    return [];
  } catch (error) {
    return [`packages/protocol does not bundle for a browser: ${String(error)}`];
  }
}
