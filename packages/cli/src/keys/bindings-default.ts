/** The table of keys: which action each is in each place, unless a person has written otherwise. */
import { type ActionName, type Place, actionTexts } from "../state/actions.ts";

/** Key, or two keys with a blank between them → action, for each place. Names as the decoder gives them; the blank is `space`. */
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
    "to-deep-lane": ["alt-l"],
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
    "delete-forward": ["delete"],
    "delete-or-leave": ["ctrl-d"],
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
    "mark-off": ["alt-m"],
  },
  // All else that is not written in actions is vim's own (state/editor/vim.ts).
  vim: { redo: ["ctrl-r"] },
  menu: {
    "menu-next": ["down", "ctrl-n"],
    "menu-previous": ["up", "ctrl-p"],
    "menu-page-next": ["pagedown"],
    "menu-page-previous": ["pageup"],
    "menu-take": ["tab"],
    "menu-enter": ["enter"],
  },
  review: {
    accept: ["y"],
    reject: ["n"],
    "allow-session": ["s"],
    "allow-never": ["N"],
    edit: ["e"],
    comment: ["c"],
    "accept-file": ["a"],
    "accept-all": ["A"],
    "undo-hunk": ["u"],
    next: ["j", "down"],
    previous: ["k", "up"],
    "next-open": ["J", "space"],
    open: ["enter"],
    "page-down": ["pagedown", "ctrl-f"],
    "page-up": ["pageup", "ctrl-b"],
    "take-plan": ["P"],
    "commit-accepted": ["C"],
    check: ["r"],
    fix: ["f"],
    "tell-problems": ["t"],
    "take-theirs": ["T"],
    "take-both": ["B"],
    escape: ["q"],
  },
  held: { "command-once": ["y"], "command-session": ["s"], "command-always": ["A"], "command-no": ["n"], "command-trust": ["t"] },
  // The letters of the choices are the question's own (state/app-workflow.ts).
  question: { "choice-next": ["down", "ctrl-n"], "choice-previous": ["up", "ctrl-p"], "choice-take": ["enter"] },
};

/** Places that a key is looked up in, the nearest first. */
export const lookUp: Readonly<Record<Place, readonly Place[]>> = {
  anywhere: ["anywhere"],
  input: ["anywhere", "input"],
  vim: ["anywhere", "vim", "input"],
  menu: ["menu", "anywhere", "input"],
  review: ["review", "anywhere", "input"],
  held: ["held", "anywhere", "input"],
  question: ["question", "anywhere", "input"],
};

/** The actions of a place. */
export const namedIn = (place: Place): ActionName[] =>
  Object.keys(actionTexts[place]).filter((name): name is ActionName => name in actionTexts[place]);

function tableOf(keys: Readonly<Record<Place, Readonly<Record<string, readonly string[] | undefined>>>>): Bindings {
  const table = (place: Place): Map<string, ActionName> =>
    new Map(namedIn(place).flatMap((name) => (keys[place][name] ?? []).map((key): [string, ActionName] => [key, name])));
  return {
    anywhere: table("anywhere"),
    input: table("input"),
    vim: table("vim"),
    menu: table("menu"),
    review: table("review"),
    held: table("held"),
    question: table("question"),
  };
}

export const defaultBindings: Bindings = tableOf(defaults);
