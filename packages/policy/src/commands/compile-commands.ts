/**
 * The rules over commands: a shell line or an argument vector → verdict. Every command that would really be executed is judged,
 * and the strictest counts. What cannot be understood is held.
 */
import { strictest } from "@twolane/protocol";
import type { CommandFacts } from "../facts.ts";
import type { CommandVerdict, Refusal } from "../judge.ts";
import { because, sourceOf } from "../layers.ts";
import type { CommandRule, PolicyLayer } from "../rules.ts";
import { danger, plainName } from "./destructive.ts";
import { subcommand } from "./destructive-git.ts";
import { harmless } from "./harmless.ts";
import { type Bases, isFree, outside, pathText, resolveIn } from "./operands.ts";
import { type CommandPattern, compilePattern } from "./patterns.ts";
import { isPoison } from "./poison.ts";
import { type SimpleCommand, type Word, literal } from "./script.ts";
import { type Execution, execution } from "./unfold.ts";

/** What the other rules say of paths that a command names. */
export interface CommandPaths {
  read(path: string): readonly Refusal[];
  write(path: string): readonly Refusal[];
}

interface CompiledRule {
  readonly rule: CommandRule;
  readonly source: string;
  readonly patterns: readonly CommandPattern[];
}

/** What the layers say of one command. */
interface Opinion {
  readonly refusals: readonly Refusal[];
  readonly allowedBy: readonly CommandRule[];
}

export function compileCommands(layers: readonly PolicyLayer[], paths: CommandPaths): (facts: CommandFacts) => CommandVerdict {
  const compiled = layers.filter(({ commands }) => commands.length > 0).map(compileLayer);
  return (facts) => {
    const subject = "line" in facts ? facts.line : facts.argv.map(quote).join(" ");
    const run = execution(facts);
    const bases = basesOf(run, facts);
    const verdicts: Refusal[] = [];
    if (run.unclear !== undefined) verdicts.push(unclear(run.unclear));
    for (const words of run.wrappers) verdicts.push(...ask(compiled, words).refusals);
    const opinions: Opinion[] = [];
    for (const command of run.commands) {
      verdicts.push(...ofSurroundings(command, bases, paths));
      if (command.words.length === 0) continue;
      const opinion = ask(compiled, command.words);
      verdicts.push(...opinion.refusals, ...ofWords(command.words, { opinion, bases, paths }));
      if (opinion.allowedBy.length > 0 || harmless(command.words) === undefined) opinions.push(opinion);
    }
    const verdict = strictest(verdicts);
    const executed = run.commands.filter(({ words }) => words.length > 0).map(({ words }) => words.map(shown));
    return {
      verdict: verdict.decision === "allow" ? verdict : { ...verdict, subject },
      executed: run.unclear === undefined ? executed : [],
      ...granted(opinions),
    };
  };
}

function compileLayer(layer: PolicyLayer): readonly CompiledRule[] {
  return layer.commands.map((rule) => ({
    rule,
    source: sourceOf({ rule, layer }),
    patterns: rule.commands.flatMap((text) => compilePattern(text) ?? []),
  }));
}

const severity = { allow: 0, hold: 1, block: 2 } as const;

function ask(layers: readonly (readonly CompiledRule[])[], words: readonly Word[]): Opinion {
  const refusals: Refusal[] = [];
  const allowedBy: CommandRule[] = [];
  const spellings = [words, ...otherSpellings(words)];
  for (const layer of layers) {
    let best: { compiled: CompiledRule; weight: number } | undefined;
    for (const compiled of layer) {
      const weight = matchWeight(compiled, spellings);
      if (weight === undefined) continue;
      const stricter =
        best !== undefined && weight === best.weight && severity[compiled.rule.decision] > severity[best.compiled.rule.decision];
      if (best === undefined || weight > best.weight || stricter) best = { compiled, weight };
    }
    if (best === undefined) continue;
    if (best.compiled.rule.decision === "allow") allowedBy.push(best.compiled.rule);
    else refusals.push(refusal(best.compiled, words));
  }
  return { refusals, allowedBy };
}

/** Of the most specific pattern that matches. What is only possible refuses, and never allows; the same holds for other spellings. */
function matchWeight({ rule, patterns }: CompiledRule, spellings: readonly (readonly Word[])[]): number | undefined {
  const weights = patterns
    .filter((pattern) =>
      rule.decision === "allow"
        ? pattern.matches(spellings[0]!) === "yes"
        : spellings.some((words) => pattern.matches(words) !== "no"),
    )
    .map(({ weight }) => weight);
  return weights.length === 0 ? undefined : Math.max(...weights);
}

/** Without the program's folder, in small letters, and without what stands between `git` and its command. */
function otherSpellings(words: readonly Word[]): readonly (readonly Word[])[] {
  const name = plainName(words);
  const plain = name === words[0]?.value ? [] : [[literal(name), ...words.slice(1)]];
  const found = name === "git" ? subcommand(words.slice(1)) : [];
  return typeof found === "string" || found.length === 0 ? plain : [...plain, [literal("git"), ...found]];
}

function refusal({ rule, source }: CompiledRule, words: readonly Word[]): Refusal {
  const what = `\`${words.map(shown).join(" ")}\``;
  return {
    decision: rule.decision === "block" ? "block" : "hold",
    rule: rule.name,
    reason: because(`${what} is ${rule.decision === "block" ? "blocked" : "held"} by the policy`, rule),
    wayOut: rule.decision === "block" ? "Do it without this command." : "Ask the person, or do it without this command.",
    source,
  };
}

function hold(reason: string, wayOut: string): Refusal {
  return { decision: "hold", rule: "commands", reason, wayOut };
}

function unclear(reason: string): Refusal {
  return hold(
    `It cannot be told what this would execute: ${reason}`,
    "Write it as plain commands with plain words, or ask the person to run it.",
  );
}

/** Variables and redirections. */
function ofSurroundings({ assigns, redirections }: SimpleCommand, bases: Bases, paths: CommandPaths): readonly Refusal[] {
  const poison = assigns.find(isPoison);
  const verdicts: Refusal[] = [];
  if (poison !== undefined)
    verdicts.push(hold(`\`${poison}\` changes what other commands do`, "Leave it out, or ask the person to run it."));
  for (const { effect, target } of redirections) {
    if (target.known && isFree(target.value)) continue;
    verdicts.push(
      ...(effect === "write" ? ofWrite : ofRead)(target.known ? target.value : undefined, { shown: target.source, bases, paths }),
    );
  }
  return verdicts;
}

interface PathQuestion {
  readonly shown: string;
  readonly bases: Bases;
  readonly paths: CommandPaths;
}

function ofWrite(text: string | undefined, { shown: name, bases, paths }: PathQuestion): readonly Refusal[] {
  return bases.flatMap((base) => {
    const path = text === undefined ? undefined : resolveIn(base, text);
    if (path === undefined)
      return hold(`It writes to ${name}, which is not known to lie in the workspace`, "Name a file of the workspace.");
    if (/^\.git(?:$|\/)/i.test(path.normalize("NFKC")))
      return hold(`It writes to ${name}, which is git's own`, "Use git itself.");
    return paths.write(path);
  });
}

function ofRead(text: string | undefined, { shown: name, bases, paths }: PathQuestion): readonly Refusal[] {
  return bases.flatMap((base) => {
    const path = text === undefined ? undefined : resolveIn(base, text);
    return path === undefined
      ? hold(`It reads ${name}, which is not known to lie in the workspace`, "Name a file of the workspace.")
      : paths.read(path);
  });
}

const writers = new Set("rm rmdir mv cp tee touch mkdir ln truncate install unlink rsync".split(" "));

/** What the words themselves forbid, and whether anything allows them. */
function ofWords(
  words: readonly Word[],
  { opinion, bases, paths }: Omit<PathQuestion, "shown"> & { opinion: Opinion },
): readonly Refusal[] {
  const verdicts: Refusal[] = [];
  const destroys = danger(words);
  if (destroys !== undefined) verdicts.push(hold(destroys, "Take back single hunks with undo, or ask the person to run it."));
  const kind = writers.has(plainName(words)) ? "write" : "read";
  for (const word of words.slice(1)) {
    const text = word.known ? word.value.replace(/^-[^=]*=/, "") : undefined;
    if (text === undefined || text === "" || text.startsWith("-")) continue;
    for (const base of bases) {
      const path = resolveIn(base, text);
      if (path !== undefined && path !== "")
        verdicts.push(...paths.read(path), ...(kind === "write" ? ofWrite(text, { shown: text, bases: [base], paths }) : []));
    }
  }
  if (opinion.allowedBy.length > 0 || opinion.refusals.length > 0) return verdicts;
  const reads = harmless(words)?.reads;
  if (reads === undefined)
    return [
      ...verdicts,
      hold(`No rule allows \`${words.map(shown).join(" ")}\``, "Do it without this command, or ask the person."),
    ];
  for (const word of reads) {
    const text = pathText(word);
    if (text === undefined || !isFree(text)) verdicts.push(...ofRead(text, { shown: word.source, bases, paths }));
  }
  return verdicts;
}

/** What all commands that need a rule are granted by theirs. */
function granted(opinions: readonly Opinion[]): Pick<CommandVerdict, "network" | "write"> {
  const rules = opinions.map(({ allowedBy }) => allowedBy);
  if (rules.length === 0 || rules.some((each) => each.length === 0)) return { network: false, write: [] };
  const all = rules.flat();
  return {
    network: all.every(({ network }) => network),
    write: all[0]!.write.filter((path) => all.every(({ write }) => write.includes(path))),
  };
}

/** The folders in which commands may run: `cd` adds one; where only `&&` follows a first `cd`, it is the only one. */
function basesOf({ commands }: Execution, facts: CommandFacts): Bases {
  const line = "line" in facts ? facts.line : "";
  let bases: string[] = [facts.cwd ?? ""];
  for (const [index, { words }] of commands.entries()) {
    if (words[0]?.value !== "cd" || words[1]?.known !== true) continue;
    const further = bases.flatMap((base) => resolveIn(base, words[1]!.value) ?? []);
    const only = index === 0 && /^cd (?:(?!&&)[^;&|\n(){}])*&&(?:&&|\d?>&\d|[^;&\n(){}|]|(?<!\|)\|(?!\|))*$/.test(line.trim());
    bases = only ? further : [...bases, ...further];
    if (bases.length > 16) bases = [];
  }
  return bases.length === 0 ? [outside] : bases;
}

function shown(word: Word): string {
  return word.known ? word.value : word.source;
}

function quote(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
