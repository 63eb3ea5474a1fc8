/**
 * Everything a key can mean: names, the place where each counts, and one line for the key help. Which key it is stands in
 * `keys/bindings.ts`; what it does, in the reducers.
 */

/** Where the keys go. `input` is also under every other place: keys that a place does not know are looked up there. */
export const places = ["anywhere", "input", "vim", "menu", "review", "held", "question"] as const;
export type Place = (typeof places)[number];

export const actionTexts = {
  anywhere: {
    stop: "stop at once, whatever is open; idle: clear the line, once more leaves",
    escape: "close what is open; nothing open: stop; twice when idle: rewind",
    "mode-next": "flow → step → plan",
    redraw: "draw the screen again",
    suspend: "put twolane into the background",
    "tell-correction": "tell the model what you changed in its hunk, or what the hunk broke",
    "to-deep-lane": "hand what is typed to the deep lane, or the part of it that was suggested",
  },
  input: {
    submit: "send; while it writes: steer now",
    "queue-or-review": "queue for after the turn; empty line: the review list",
    newline: "new line",
    help: "this list (on an empty line)",
    left: "character left",
    right: "character right",
    "word-left": "word left",
    "word-right": "word right",
    "line-start": "start of the line",
    "line-end": "end of the line",
    up: "line up; first line: history",
    down: "line down; last line: history",
    "buffer-start": "start of the text",
    "buffer-end": "end of the text",
    "delete-back": "delete the character before",
    "delete-forward": "delete the character behind",
    "delete-or-leave": "delete the character behind; empty line: leave",
    "kill-to-start": "cut to the start of the line",
    "kill-to-end": "cut to the end of the line",
    "kill-word-back": "cut the word before",
    "kill-word-forward": "cut the word behind",
    yank: "paste what was cut",
    "yank-pop": "paste what was cut before that",
    transpose: "swap two characters",
    undo: "undo typing",
    redo: "redo typing",
    "history-search": "search the history backwards",
    "edit-outside": "write the prompt in $EDITOR",
    "mark-off": "take off the last demand below the prompt; none left: all are back",
  },
  vim: {
    redo: "redo typing, in normal mode",
  },
  menu: {
    "menu-next": "next entry",
    "menu-previous": "previous entry",
    "menu-page-next": "a page further",
    "menu-page-previous": "a page back",
    "menu-take": "take the entry",
    "menu-enter": "take what was moved to, else send what is typed; a command runs",
  },
  review: {
    accept: "yes: keep it, or land what is held",
    reject: "no: take it off the disk",
    "allow-session": "held by a rule: yes, and the same for the rest of the session",
    "allow-never": "held by a rule: no, and the same for the rest of the session",
    edit: "edit it in $EDITOR, then accept",
    comment: "say something about it (a steer)",
    "accept-file": "yes to the rest of this file, but for what a rule holds",
    "accept-all": "yes to all, but for what a rule holds",
    "undo-hunk": "undo it",
    next: "next hunk",
    previous: "previous hunk",
    "next-open": "next undecided hunk",
    open: "show or hide its lines",
    "page-down": "further down in its lines",
    "page-up": "further up in its lines",
    "take-plan": "carry the plan out (plan mode)",
    "commit-accepted": "commit what is accepted",
    check: "have it looked at by the deep lane; its remarks come to this list",
    fix: "have the remark under the cursor mended; no puts it away",
    "tell-problems": "tell the model what the hunk broke",
    "take-theirs": "in conflict with your lines: the job's in their place; no leaves yours, edit writes what is to stand there",
    "take-both": "in conflict with your lines: yours, then the job's",
    escape: "back to the input line",
  },
  held: {
    "command-once": "yes, this once",
    "command-session": "yes, and the same command for the rest of the session",
    "command-always": "yes, and exactly this command always",
    "command-no": "no: it is not run",
    "command-trust": "where it waits for that: trust the workspace, and run it",
  },
  question: {
    "choice-next": "next choice; the letter or number in front of a choice takes it at once",
    "choice-previous": "previous choice",
    "choice-take": "take the choice",
  },
} as const satisfies Record<Place, Readonly<Record<string, string>>>;

type Texts = typeof actionTexts;
export type ActionName = { [P in Place]: keyof Texts[P] }[Place];

/** The key of an action, as on a keyboard; undefined where it has none. */
export type KeyOf = (place: Place, name: ActionName) => string | undefined;

/** What the person did. */
export type Action =
  | { readonly type: "do"; readonly name: ActionName }
  /** Typed text: one grapheme or more, no control characters. */
  | { readonly type: "type"; readonly text: string }
  /** A bracketed paste, whole; line endings are LF. */
  | { readonly type: "paste"; readonly text: string };
