/** What the scripts of a package.json start for tests, as words. No shell: what is too clever is not understood, and then not used. */
import { parseJson, recordOf, textOf } from "../json.ts";

export interface ScriptCommand {
  readonly env: Readonly<Record<string, string>>;
  readonly words: readonly string[];
}

/** Commands behind `npm test`, through `npm run …`, in their order. */
export function testCommands(manifest: string | undefined): readonly ScriptCommand[] {
  const scripts = recordOf(recordOf(parseJson(manifest))["scripts"]);
  const names = [
    "test",
    ...Object.keys(scripts).filter((name) => /^(?:test|unit|tests)[:-]|^(?:unit|tests|mocha|jest|vitest)$/.test(name)),
  ];
  // A script that another one calls comes with what that one adds to it.
  const called = new Set(names.flatMap((name) => (textOf(scripts[name]) ?? "").split(separators).flatMap(calledScript)));
  return names.filter((name) => name === "test" || !called.has(name)).flatMap((name) => commandsOf(scripts, name, 0));
}

const separators = /&&|\|\||;/;

/** The script that a line runs through a package manager. */
function calledScript(line: string): readonly string[] {
  const [program, ...rest] = readCommand(line).words;
  return isManager(program) ? rest.filter((word) => word !== "run" && !word.startsWith("-")).slice(0, 1) : [];
}

const isManager = (program: string | undefined): boolean => program === "npm" || program === "pnpm" || program === "yarn";

function commandsOf(scripts: Readonly<Record<string, unknown>>, name: string, depth: number): readonly ScriptCommand[] {
  const line = textOf(scripts[name]);
  if (line === undefined || depth > 4) return [];
  return line.split(separators).flatMap((part) => {
    const command = readCommand(part);
    const [program, ...rest] = command.words;
    if (!isManager(program)) return [command];
    const at = rest.findIndex((word) => word !== "run" && !word.startsWith("-"));
    const wanted = rest[at];
    if (wanted === undefined || wanted === name) return [];
    const commands = commandsOf(scripts, wanted, depth + 1);
    // What stands behind the name goes to the last command of that script.
    const more = rest.slice(at + 1).filter((word) => word !== "--");
    return commands.map((one, place) => (place === commands.length - 1 ? { ...one, words: [...one.words, ...more] } : one));
  });
}

function readCommand(part: string): ScriptCommand {
  const words = [...part.matchAll(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g)].map(([word]) => word.replace(/["']/g, ""));
  const env: Record<string, string> = {};
  // Wrappers say nothing of which tests run.
  while (words.length > 0) {
    const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/.exec(words[0] ?? "") ?? [];
    if (name !== undefined && value !== undefined) env[name] = value;
    else if (!/^(?:cross-env|npx|pnpx|dotenv|--|c8|nyc|exec|env)$/.test(words[0] ?? "")) break;
    const wrapper = words.shift();
    if (wrapper === "c8" || wrapper === "nyc") while (words[0]?.startsWith("-") === true) words.shift();
  }
  return { env, words };
}

export interface KeptOptions {
  /** Options that take the next word. */
  readonly valued: readonly string[];
  /** Options that have no place in a run of ours, with their values. */
  readonly dropped: readonly string[];
}

/** The options among the words; what stands alone is left out, and so is what would change the report. */
export function keptOptions(words: readonly string[], { valued, dropped }: KeptOptions): readonly string[] {
  const kept: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    if (!word.startsWith("-")) continue;
    const name = word.split("=", 1)[0] ?? word;
    const takesNext = !word.includes("=") && valued.includes(name);
    const next = takesNext ? [words[++at] ?? ""] : [];
    if (!dropped.includes(name)) kept.push(word, ...next);
  }
  return kept;
}
