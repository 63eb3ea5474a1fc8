/**
 * Which action a key is, where. What the keys are stands in `bindings-default.ts`, the person's own are read in `bindings-read.ts`; what the
 * actions do is not known here.
 */
import { type Action, type ActionName, type Place, actionTexts } from "../state/actions.ts";
import { type Bindings, lookUp, namedIn } from "./bindings-default.ts";
import type { KeyEvent } from "./decoder.ts";
import { charactersOf } from "../state/graphemes.ts";

export { type Bindings, defaultBindings } from "./bindings-default.ts";
export { readBindings } from "./bindings-read.ts";

/** What the review list leaves of the input line's actions: the line is not where the keys go. */
const beside: ReadonlySet<ActionName> = new Set<ActionName>(["queue-or-review", "help"]);

export type PendingChord = string | undefined;

export interface Resolving {
  readonly place: Place;
  readonly bindings: Bindings;
  readonly chord: PendingChord;
  /** The input line is empty: `?` means something else then. */
  readonly empty: boolean;
}

export interface Resolved {
  readonly action?: Action;
  readonly chord: PendingChord;
  /** Keys that came together with this one; to be resolved when the action is done, since it may lead to another place. */
  readonly rest?: Extract<KeyEvent, { readonly kind: "text" }>;
}

/** What a key means. The first key of two waits; a second one that fits nothing is looked up alone. */
export function resolveKey(event: KeyEvent, resolving: Resolving): Resolved {
  const { chord, place } = resolving;
  if (event.kind === "paste")
    return place === "review" ? { chord: undefined } : { action: { type: "paste", text: event.text }, chord: undefined };
  if (event.kind === "key") return { ...resolveName(event.key, resolving) };
  if (event.kind !== "text") return { chord };
  const [first = "", ...more] = charactersOf(event.text);
  // What is typed fast, or pasted where pastes are not marked, is one text for the line.
  if (more.length > 0 && place !== "review" && chord === undefined) return typed(event.text);
  const rest = more.length > 0 && { rest: { kind: "text", text: more.join("") } as const };
  const resolved = resolveName(first === " " ? "space" : first, resolving);
  if (resolved.action !== undefined || resolved.chord !== undefined || place === "review") return { ...resolved, ...rest };
  return { ...typed(first), ...rest };
}

const typed = (text: string): Resolved => ({ action: { type: "type", text }, chord: undefined });

function resolveName(key: string, resolving: Resolving): Resolved {
  const both = resolving.chord === undefined ? undefined : find(`${resolving.chord} ${key}`, resolving);
  if (both === undefined && beginsChord(key, resolving)) return { chord: key };
  const name = both ?? find(key, resolving);
  return { ...(name !== undefined && { action: { type: "do", name } }), chord: undefined };
}

function find(key: string, { place, bindings, empty }: Resolving): ActionName | undefined {
  for (const at of lookUp[place]) {
    const name = bindings[at].get(key);
    if (name === undefined) continue;
    if (place === "review" && at === "input" && !beside.has(name)) continue;
    // A question mark within a text is one.
    if (name === "help" && place !== "review" && !empty) continue;
    return name;
  }
  return undefined;
}

function beginsChord(key: string, { place, bindings }: Resolving): boolean {
  return lookUp[place].some((at) => [...bindings[at].keys()].some((known) => known.startsWith(`${key} `)));
}

/** The first key of an action as one reads it on a keyboard; undefined where the person has bound none. */
export function keyOf(bindings: Bindings, place: Place, name: ActionName): string | undefined {
  return firstKeysOf(bindings[place]).get(name);
}

const firstKeys = new WeakMap<Bindings[Place], ReadonlyMap<ActionName, string>>();

/** Found once: each frame names a dozen keys. */
function firstKeysOf(bound: Bindings[Place]): ReadonlyMap<ActionName, string> {
  const known = firstKeys.get(bound);
  if (known !== undefined) return known;
  const found = new Map<ActionName, string>();
  for (const [key, name] of bound) if (!found.has(name)) found.set(name, shownKey(key));
  firstKeys.set(bound, found);
  return found;
}

export interface KeyRow {
  /** As in the configuration: `review.accept`. */
  readonly name: string;
  readonly form: string;
  readonly text: string;
}

/** Keys of a place with what they do, for the help. */
export function keyHelp(bindings: Bindings, place: Place): KeyRow[] {
  return namedIn(place).flatMap((name) => {
    const keys = [...bindings[place]].filter(([, bound]) => bound === name).map(([key]) => shownKey(key));
    return keys.length === 0 ? [] : [{ name: `${place}.${name}`, form: keys.join(", "), text: textOf(place, name) }];
  });
}

function textOf(place: Place, name: ActionName): string {
  const texts: Readonly<Record<string, string>> = actionTexts[place];
  return texts[name] ?? "";
}

/** As on a keyboard: `Ctrl-X Ctrl-E`, `Shift-Tab`, `y`. */
const shownKey = (key: string): string => key.split(" ").map(shownPress).join(" ");

function shownPress(press: string): string {
  const names = press.split(/-(?=.)/);
  const isSign = names.length === 1 && press.length === 1;
  return isSign ? press : names.map((name) => name.charAt(0).toUpperCase() + name.slice(1)).join("-");
}
