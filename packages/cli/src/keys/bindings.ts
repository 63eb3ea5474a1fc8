/** Which key means what, where: the defaults, the person's own, and looking a key up. What the actions do is not known here. */
import { type Result, fail, succeed } from "@twolane/protocol";
import { type Action, type ActionName, type Place, actionTexts, places } from "../state/actions.ts";
import type { KeyEvent } from "./decoder.ts";

/** Key, or two keys with a blank between them → action, for each place. */
export type Bindings = Readonly<Record<Place, ReadonlyMap<string, ActionName>>>;

type Keys = { readonly [P in Place]: Readonly<Partial<Record<keyof (typeof actionTexts)[P], readonly string[]>>> };

const defaults: Keys = {
  anywhere: {
    stop: ["ctrl-c"],
    escape: ["esc"],
    "mode-next": ["shift-tab"],
    redraw: ["ctrl-l"],
    suspend: ["ctrl-z"],
    "tell-correction": ["alt-c"],
  },
  input: {
    submit: ["enter"],
    "queue-or-review": ["tab"],
    newline: ["ctrl-j", "shift-enter", "alt-enter"],
    help: ["?"],
    left: ["left", "ctrl-b"],
    right: ["right", "ctrl-f"],
    "word-left": ["ctrl-left", "alt-left", "alt-b"],
    "word-right": ["ctrl-right", "alt-right", "alt-f"],
    "line-start": ["home", "ctrl-a"],
    "line-end": ["end", "ctrl-e"],
    up: ["up", "ctrl-p"],
    down: ["down", "ctrl-n"],
    "buffer-start": ["ctrl-home", "alt-<"],
    "buffer-end": ["ctrl-end", "alt->"],
    "delete-back": ["backspace", "ctrl-h"],
    "delete-forward": ["delete", "ctrl-d"],
    "kill-to-start": ["ctrl-u"],
    "kill-to-end": ["ctrl-k"],
    "kill-word-back": ["ctrl-w", "alt-backspace", "ctrl-backspace"],
    "kill-word-forward": ["alt-d", "ctrl-delete"],
    yank: ["ctrl-y"],
    "yank-pop": ["alt-y"],
    transpose: ["ctrl-t"],
    undo: ["ctrl-_", "ctrl-x ctrl-u"],
    redo: ["alt-_"],
    "history-search": ["ctrl-r"],
    "edit-outside": ["ctrl-g", "ctrl-x ctrl-e"],
  },
  vim: {},
  menu: {
    "menu-next": ["down", "ctrl-n"],
    "menu-previous": ["up", "ctrl-p"],
    "menu-take": ["tab"],
    "menu-enter": ["enter"],
  },
  review: {
    accept: ["y"],
    reject: ["n"],
    edit: ["e"],
    comment: ["c"],
    "accept-file": ["a"],
    "accept-all": ["A"],
    "undo-hunk": ["u"],
    next: ["j", "down"],
    previous: ["k", "up"],
    "next-open": ["J", " "],
    open: ["enter"],
    "page-down": ["pagedown", "ctrl-f"],
    "page-up": ["pageup", "ctrl-b"],
    "take-plan": ["P"],
    "commit-accepted": ["C"],
  },
};

/** Places that a key is looked up in, the nearest first. Text goes into the input line only where that is the nearest. */
const lookUp: Readonly<Record<Place, readonly Place[]>> = {
  anywhere: ["anywhere"],
  input: ["anywhere", "input"],
  vim: ["anywhere", "vim", "input"],
  menu: ["menu", "anywhere", "input"],
  review: ["review", "anywhere"],
};

const namedIn = (place: Place): ActionName[] =>
  Object.keys(actionTexts[place]).filter((name): name is ActionName => name in actionTexts[place]);

function tableOf(keys: Readonly<Record<Place, Readonly<Record<string, readonly string[] | undefined>>>>): Bindings {
  const table = (place: Place): Map<string, ActionName> =>
    new Map(namedIn(place).flatMap((name) => (keys[place][name] ?? []).map((key): [string, ActionName] => [key, name])));
  return { anywhere: table("anywhere"), input: table("input"), vim: table("vim"), menu: table("menu"), review: table("review") };
}

export const defaultBindings: Bindings = tableOf(defaults);

export type PendingChord = string | undefined;

export interface Resolving {
  readonly place: Place;
  readonly bindings: Bindings;
  readonly chord: PendingChord;
  /** The input line is empty: `?` and Ctrl-D mean something else then. */
  readonly empty: boolean;
}

export interface Resolved {
  readonly action?: Action;
  readonly chord: PendingChord;
}

/** What a key means. The first key of two waits; a second one that fits nothing is looked up alone. */
export function resolveKey(event: KeyEvent, resolving: Resolving): Resolved {
  const { chord, place } = resolving;
  if (event.kind === "paste")
    return place === "review" ? { chord: undefined } : { action: { type: "paste", text: event.text }, chord: undefined };
  if (event.kind !== "key" && event.kind !== "text") return { chord };
  const key = event.kind === "key" ? event.key : event.text;
  if (chord !== undefined) {
    const both = find(`${chord} ${key}`, resolving);
    if (both !== undefined) return { action: { type: "do", name: both }, chord: undefined };
  }
  if (beginsChord(key, resolving)) return { chord: key };
  const name = find(key, resolving);
  if (name !== undefined) return { action: { type: "do", name }, chord: undefined };
  if (event.kind === "text" && place !== "review") return { action: { type: "type", text: event.text }, chord: undefined };
  return { chord: undefined };
}

function find(key: string, { place, bindings, empty }: Resolving): ActionName | undefined {
  for (const at of lookUp[place]) {
    const name = bindings[at].get(key);
    if (name === undefined) continue;
    if (name === "help" && !empty) continue;
    if (name === "delete-forward" && key === "ctrl-d" && empty) return "stop";
    return name;
  }
  return undefined;
}

function beginsChord(key: string, { place, bindings }: Resolving): boolean {
  return lookUp[place].some((at) => [...bindings[at].keys()].some((known) => known.startsWith(`${key} `) && known !== key));
}

/**
 * The person's own keys over the defaults: `{"review.accept": ["y", "f1"]}`. CONFIG_INVALID names what cannot be. Ctrl-C stops whatever
 * is written there.
 */
export function readBindings(value: unknown): Result<Bindings> {
  if (value === undefined) return succeed(defaultBindings);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return wrong("must be an object of lists of keys");
  const copy = (place: Place): Map<string, ActionName> => new Map(defaultBindings[place]);
  const tables = {
    anywhere: copy("anywhere"),
    input: copy("input"),
    vim: copy("vim"),
    menu: copy("menu"),
    review: copy("review"),
  };
  const taken = new Set<string>();
  for (const [path, keys] of Object.entries(value)) {
    const [placeName, actionName] = path.split(".");
    const place = places.find((one) => one === placeName);
    const name = place === undefined ? undefined : namedIn(place).find((one) => one === actionName);
    if (place === undefined || name === undefined) return wrong(`has no action "${path}"; \`twolane help keys\` lists them`);
    if (!Array.isArray(keys) || !keys.every((key): key is string => typeof key === "string" && isKey(key)))
      return wrong(`"${path}" must be a list of keys such as "ctrl-k", "alt-enter", "f5" or "y"`);
    for (const [key, old] of tables[place]) if (old === name) tables[place].delete(key);
    for (const key of keys) {
      if (taken.has(`${place} ${key}`)) return wrong(`gives "${key}" two meanings (${path})`);
      taken.add(`${place} ${key}`);
      tables[place].set(key, name);
    }
  }
  for (const place of places) if (place !== "anywhere") tables[place].delete("ctrl-c");
  tables.anywhere.set("ctrl-c", "stop");
  return succeed(tables);
}

const isKey = (text: string): boolean =>
  text.split(" ").length <= 2 &&
  (text === " " || text.split(" ").every((key) => /^((ctrl|alt|shift|super)-)*([a-z]+\d*|\S)$/i.test(key)));

const wrong = (what: string): Result<never> =>
  fail("CONFIG_INVALID", `"terminal.keys" ${what}.`, "Correct it; docs/terminal.md lists actions and keys.");

export interface KeyRow {
  readonly form: string;
  readonly text: string;
}

/** Keys of a place with what they do, for the help. */
export function keyHelp(bindings: Bindings, place: Place): KeyRow[] {
  return namedIn(place).flatMap((name) => {
    const keys = [...bindings[place]].filter(([, bound]) => bound === name).map(([key]) => shownKey(key));
    return keys.length === 0 ? [] : [{ form: keys.join(", "), text: textOf(place, name) }];
  });
}

function textOf(place: Place, name: ActionName): string {
  const texts: Readonly<Record<string, string>> = actionTexts[place];
  return texts[name] ?? "";
}

const shownKey = (key: string): string =>
  key === " "
    ? "Space"
    : key
        .replace(
          /(^|[- ])([a-z]{2,})/g,
          (_, before: string, name: string) => before + name.charAt(0).toUpperCase() + name.slice(1),
        )
        .replace(/Ctrl-([a-z])$/, (_, letter: string) => `Ctrl-${letter.toUpperCase()}`);
