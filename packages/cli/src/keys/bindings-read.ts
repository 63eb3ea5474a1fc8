/** The person's own keys, from the `keys` of the configuration's terminal part, over the defaults. Reads no file. */
import { type Result, fail, succeed } from "@twolane/protocol";
import { type ActionName, type Place, places } from "../state/actions.ts";
import { type Bindings, defaultBindings, lookUp, namedIn } from "./bindings-default.ts";
import { characterKey, codeKeys, letterKeys, modifier, namedKey, numberKeys } from "./decoder-names.ts";
import { charactersOf } from "../state/graphemes.ts";

/**
 * `{"review.accept": ["y", "f1"], "input.edit-outside": ["ctrl-x ctrl-e"]}`; an action's keys come in place of its default ones. Ctrl-C always
 * stops. CONFIG_INVALID names the entry that cannot be: an unknown action, no key, a key with two meanings, one that never gets there.
 */
export function readBindings(value: unknown): Result<Bindings> {
  if (value === undefined) return succeed(defaultBindings);
  if (!isObject(value)) return wrong("", 'must be an object such as {"review.accept": ["y"]}');
  const own: OwnKeys[] = [];
  for (const [entry, keys] of Object.entries(value)) {
    const read = readEntry(entry, keys);
    if (!read.ok) return read;
    own.push(read.value);
  }
  return put(own);
}

interface OwnKeys {
  /** As written, e.g. `review.accept`. */
  readonly entry: string;
  readonly place: Place;
  readonly name: ActionName;
  readonly keys: readonly string[];
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function readEntry(entry: string, value: unknown): Result<OwnKeys> {
  const place = places.find((one) => entry.startsWith(`${one}.`));
  const name = place === undefined ? undefined : namedIn(place).find((one) => entry === `${place}.${one}`);
  if (place === undefined || name === undefined) return wrong(entry, "is no action; `twolane help keys` lists all");
  if (!Array.isArray(value)) return wrong(entry, 'must be a list of keys such as "ctrl-k", "alt-enter", "f5", "space" or "y"');
  const keys: string[] = [];
  for (const each of value) {
    const key = typeof each === "string" ? readKeys(each) : undefined;
    if (key === undefined)
      return wrong(
        entry,
        `has ${JSON.stringify(each)}, which is no key; keys are "ctrl-k", "alt-enter", "f5", "space", "y", "ctrl-x ctrl-e"`,
      );
    if (name !== "stop" && key.split(" ").includes("ctrl-c")) return wrong(entry, "has Ctrl-C, which always stops");
    keys.push(key);
  }
  return succeed({ entry, place, name, keys: name === "stop" ? [...keys, "ctrl-c"] : keys });
}

/** One key, or two with a blank between them, by the decoder's names. */
function readKeys(text: string): string | undefined {
  const keys = text === " " ? [" "] : text.split(" ");
  const names = keys.map(readKey);
  return keys.length > 2 || names.includes(undefined) ? undefined : names.join(" ");
}

const keyNames: ReadonlySet<string> = new Set([letterKeys, numberKeys, codeKeys].flatMap((table) => Object.values(table)));

function readKey(text: string): string | undefined {
  const [, prefix = "", name = ""] = /^((?:(?:ctrl|alt|shift|super)-)*)(.+)$/isu.exec(text) ?? [];
  const held = prefix.toLowerCase().split("-").slice(0, -1);
  const bits = (["ctrl", "alt", "shift", "super"] as const).reduce(
    (sum, one) => (held.includes(one) ? sum | modifier[one] : sum),
    0,
  );
  const lower = name.toLowerCase();
  if (keyNames.has(lower)) return nameOf(namedKey(lower, bits));
  const [code, ...more] =
    lower === "space" ? [0x20] : Array.from(held.includes("ctrl") ? lower : name, (sign) => sign.codePointAt(0));
  // A character of several signs, as some keyboards write, has no modifiers.
  if (more.length > 0) return bits === 0 && isOneCharacter(name) ? name : undefined;
  return code === undefined ? undefined : nameOf(characterKey({ code, modifiers: bits }));
}

function nameOf(event: ReturnType<typeof characterKey>): string | undefined {
  if (event?.kind === "key") return event.key;
  return event?.kind === "text" ? event.text.replace(/^ $/, "space") : undefined;
}

const isOneCharacter = (text: string): boolean => !/^[\u0020-\u007e]/.test(text) && charactersOf(text).length === 1;

/** The tables with the own keys in place of the actions' default ones. */
function put(own: readonly OwnKeys[]): Result<Bindings> {
  const replaced = new Set(own.map(({ place, name }) => `${place}.${name}`));
  const left = (place: Place): Map<string, ActionName> =>
    new Map([...defaultBindings[place]].filter(([, name]) => !replaced.has(`${place}.${name}`)));
  const tables = {
    anywhere: left("anywhere"),
    input: left("input"),
    vim: left("vim"),
    menu: left("menu"),
    review: left("review"),
    held: left("held"),
    question: left("question"),
  };
  for (const { entry, place, name, keys } of own) {
    for (const key of keys) {
      const other = tables[place].get(key);
      if (other !== undefined && other !== name)
        return wrong(entry, `has "${key}", which is ${place}.${other} as well; give that another key too, or none: []`);
      tables[place].set(key, name);
    }
  }
  for (const { entry, place, keys } of own) {
    const fault = keys.map((key) => shadowOf(tables, place, key)).find((one) => one !== undefined);
    if (fault !== undefined) return wrong(entry, fault);
  }
  return succeed(tables);
}

/** Why a key would never get to its action, or would keep another from its own. */
function shadowOf(tables: Bindings, place: Place, key: string): string | undefined {
  const together = places.filter((other) => lookUp[place].includes(other) || lookUp[other].includes(place));
  for (const each of together) {
    for (const [other, name] of tables[each]) {
      if (other === key && hides(each, place)) return `has "${key}", which is ${each}.${name} as well`;
      if (other.startsWith(`${key} `)) return `has "${key}", with which "${other}" (${each}.${name}) begins`;
      if (key.startsWith(`${other} `)) return `has "${key}", whose first key is ${each}.${name}`;
    }
  }
  return undefined;
}

/** What counts anywhere comes before the input line; the list and the menu may have its keys for themselves. */
function hides(one: Place, other: Place): boolean {
  const inLine = (place: Place): boolean => place === "input" || place === "vim";
  return (one === "anywhere" && inLine(other)) || (other === "anywhere" && inLine(one));
}

const wrong = (entry: string, what: string): Result<never> =>
  fail(
    "CONFIG_INVALID",
    `"terminal.keys${entry === "" ? "" : `.${entry}`}" ${what}.`,
    "Correct it; `twolane help keys` lists actions and their keys.",
  );
