/** Holds a hunk that adds a secret. Says its kind and its line, never its value. What leaves for a model is the business of `secret-vault.ts`. */
import type { HunkFacts } from "../facts.ts";
import { matchExactly } from "../globs.ts";
import type { Refusal } from "../judge.ts";
import type { PolicyLayer, SecretSettings } from "../rules.ts";
import { findSecrets } from "./scanner.ts";
import { standInPattern } from "./secret-vault.ts";
import { isOrdinary, isStandIn } from "./stand-in-values.ts";

/** Every secret that the added lines have and the removed ones have not; a hunk may be asked about while it still grows. */
export type SecretRules = (facts: HunkFacts) => readonly Refusal[];

export function compileSecrets(layers: readonly PolicyLayer[], settings: SecretSettings): SecretRules {
  const source = layers.find(({ secrets }) => secrets !== undefined)?.path;
  const isExcepted = settings.except.length === 0 ? () => false : matchExactly(settings.except);
  return (facts) => {
    const path = facts.movedTo ?? facts.path;
    const inName = facts.operation === "create" || facts.operation === "move" ? findSecrets(path)[0] : undefined;
    if (facts.added.length === 0 && inName === undefined) return none;
    const added = facts.added.join("\n");
    const found = addedSecrets(added, facts, path);
    const unknown = unknownStandIn(added, facts);
    if ((found.length === 0 && unknown === undefined && inName === undefined) || isExcepted(path)) return none;
    const rule = { decision: settings.edits, rule: "secrets", ...(source !== undefined && { source }) } as const;
    return [
      ...found.map(({ kind, value, at }) => ({
        ...rule,
        ...reasonAt(path, lineOf(added, at, facts), `adds a secret (${kind})`),
        wayOut: "Read it from the environment or a secret store; the value stays out of the repository.",
        subject: `${path} ${kind} ${mark(value)}`,
      })),
      ...(inName === undefined
        ? []
        : [
            {
              ...rule,
              reason: `the name of a new file holds a secret (${inName.kind})`,
              wayOut: "Give it another name.",
              subject: `file name ${inName.kind} ${mark(path.slice(inName.start, inName.end))}`,
            },
          ]),
      ...(unknown === undefined
        ? []
        : [
            {
              ...rule,
              ...reasonAt(path, lineOf(added, unknown, facts), "names a secret's stand-in that stands for nothing here"),
              wayOut: "Use a stand-in only as it was read, or read the value from the environment.",
              subject: `${path} stand-in`,
            },
          ]),
    ];
  };
}

/** A stand-in of documentation, or in a file for made-up ones. Of a value that another scanner takes for a secret. */
export function isMadeUpSecret({ except }: SecretSettings, path: string, value: string): boolean {
  const password = /:\/\/[^:@\s]*:([^@\s]+)@/.exec(value)?.[1];
  if (isStandIn(value) || (password !== undefined && isOrdinary(password))) return true;
  return except.length > 0 && matchExactly(except)(path);
}

const none: readonly Refusal[] = [];

interface AddedSecret {
  readonly kind: string;
  readonly value: string;
  readonly at: number;
}

function addedSecrets(added: string, facts: HunkFacts, path: string): readonly AddedSecret[] {
  const found = findSecrets(added).filter(({ continued, kind }) => !continued && !(kind in guesses && isGenerated(path)));
  if (found.length === 0) return [];
  const removed = facts.removed.join("\n");
  const values = new Map(found.map(({ kind, start, end }) => [added.slice(start, end), { kind, at: start }]));
  return [...values].flatMap(([value, { kind, at }]) => (removed.includes(value) ? [] : [{ kind, value, at }]));
}

function unknownStandIn(added: string, { removed, after }: HunkFacts): number | undefined {
  const at = added.search(standInPattern);
  // While it streams there is no file yet, and stand-ins have not been turned back.
  if (at < 0 || after() === undefined) return undefined;
  const [standIn = ""] = standInPattern.exec(added.slice(at)) ?? [];
  return removed.some((line) => line.includes(standIn)) ? undefined : at;
}

/** Kinds that nothing but a name or chance speaks for. */
const guesses: Readonly<Record<string, true>> = { generic: true, password: true, "high-entropy": true };

/** Full of what looks like chance and is none. */
const isGenerated = (path: string): boolean =>
  /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lockb?|Cargo\.lock|go\.sum|poetry\.lock|uv\.lock|Pipfile\.lock|composer\.lock|Gemfile\.lock|flake\.lock|packages\.lock\.json)$|\.(?:map|snap|svg|min\.js)$/.test(
    path,
  );

const reasonAt = (path: string, line: number, what: string): Pick<Refusal, "reason" | "line"> =>
  line === 0 ? { reason: `${path} ${what}` } : { reason: `${path}, line ${line}, ${what}`, line };

/** In the file as it would be; near it where the file is not there yet; 0 where nothing is known. */
function lineOf(added: string, at: number, { line, after }: HunkFacts): number {
  if (line === 0) return 0;
  const before = added.slice(0, at).split("\n");
  const own = (before.at(-1) ?? "") + (added.slice(at).split("\n", 1)[0] ?? "");
  const place =
    after()
      ?.split("\n")
      .indexOf(own, line - 1) ?? -1;
  return place >= 0 ? place + 1 : line + before.length - 1;
}

/** Tells one value from another where a yes is remembered; too short to tell the value. */
function mark(value: string): string {
  let sum = 0x811c9dc5;
  for (let at = 0; at < value.length; at++) sum = Math.imul(sum ^ value.charCodeAt(at), 0x01000193);
  return ((sum ^ (sum >>> 16)) & 0xffff).toString(16).padStart(4, "0");
}
