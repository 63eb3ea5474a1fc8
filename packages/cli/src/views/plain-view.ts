/** What the screen would show for a while above the input line, as lines that are printed once. Pure. */
import type { AppState } from "../state/app.ts";
import { typedText } from "../state/app-line.ts";
import type { Composing } from "../state/composing.ts";
import type { Panel, Picker } from "../state/panel.ts";
import { listed } from "../state/review-list.ts";
import type { WorkflowQuestion } from "../state/workflow-state.ts";
import { commandsHelp, keysHelp } from "./help-view.ts";
import { hunkLine } from "./hunk-view.ts";
import type { Page } from "./markdown-view.ts";
import { commentText } from "./workflow-view.ts";
import { sanitize, sanitizeLine } from "./text.ts";

/** What has come with the step from `before`. */
export function openedLines(before: AppState, state: AppState, page: Page): string[] {
  const { panel, composing, session, correction, hint } = state;
  return [
    ...(panel === before.panel ? [] : panelLines(panel, state, page)),
    ...(composing.kind === "prompt" ? filledLines(before, state) : []),
    ...(composing === before.composing ? [] : composingLines(composing, typedText(state))),
    ...(session.queue.length > before.session.queue.length
      ? session.queue.slice(before.session.queue.length).map(({ text }) => `queued: ${sanitizeLine(text)}`)
      : []),
    ...(correction === undefined || correction === before.correction
      ? []
      : [
          correction.problem === undefined
            ? `You changed ${correction.hunk} in ${sanitizeLine(correction.path)}: /tell tells the model`
            : `${correction.hunk} broke something while it still writes: /tell tells the model`,
        ]),
    ...(session.workflow?.asked !== undefined &&
    session.workflow.asked !== before.session.workflow?.asked &&
    panel.kind !== "question"
      ? choicesText(session.workflow.asked)
      : []),
    ...(session.commands.held.length > before.session.commands.held.length
      ? ["It waits for you: /answer once, session, always or no"]
      : []),
    ...(hint === undefined || hint === before.hint ? [] : [hint]),
  ];
}

function panelLines(panel: Panel, { session, review }: AppState, page: Page): string[] {
  switch (panel.kind) {
    case "none":
    case "held":
      return [];
    case "question":
      return session.workflow?.asked === undefined ? [] : choicesText(session.workflow.asked);
    case "picker":
      return pickerText(panel.picker);
    case "review":
      return [
        ...listed(session.review).map((one) => hunkLine(one, page.style)),
        ...[...review.comments.values()].map(({ comment }) => `${comment.id} ${commentText(comment, page.style)}`),
        "/accept h1, /reject h1, /undo h1, /diff h1, /accept all, /commit",
      ];
    case "help":
      return [...plainHelp, ...keysHelp([commandsHelp()], page).slice(0, -1)];
  }
}

function choicesText({ choices }: WorkflowQuestion): string[] {
  const lines = choices.map(({ answer, label }, index) => `  ${index + 1}. ${sanitizeLine(answer)}  (${sanitizeLine(label)})`);
  return [...lines, "Type the word or its number. /answer WORD answers later as well."];
}

const plainHelp = [
  "A line is sent when you press Enter; while the model writes it steers. ? or /help shows this.",
  "Ctrl-C stops; when nothing runs, twice leaves. Where a list has numbers, type one; any other line closes it.",
];

function pickerText({ title, items }: Picker): string[] {
  const lines = items.map(({ text, note }, index) => {
    const behind = note === undefined ? "" : `  (${sanitizeLine(note)})`;
    return `  ${index + 1}. ${sanitizeLine(text)}${behind}`;
  });
  return [title, ...lines, "Type a number; any other line closes this."];
}

function composingLines(composing: Composing, text: string): string[] {
  switch (composing.kind) {
    case "prompt":
      return [];
    case "comment":
      return [`Type what to say about ${composing.hunk}; an empty line says nothing.`];
    case "answer":
      return composing.offered === ""
        ? [`Type your words for ${composing.answer}, in as many lines as you like; an empty line sends them.`]
        : [
            sanitize(text),
            "Type other lines in place of these; an empty line sends them, at once it sends these. A /command leaves it.",
          ];
    case "brief":
      return [
        sanitize(text),
        "This brief goes to the deep lane: an empty line starts the job; other lines come in its place. A /command leaves it.",
      ];
    case "job":
      return [`Type what to say to ${composing.job}; an empty line says nothing.`];
    case "queued":
      return [sanitize(text), "An empty line keeps this message, another text comes in its place; any /command leaves it."];
    case "commit": {
      const { draft, waiting, staysOut, unseen } = composing;
      const others =
        waiting.length === 0
          ? ""
          : ` Out of it: ${staysOut}${unseen > 0 ? ` (${unseen} never seen)` : ""}; /accept all takes all in.`;
      if (draft.hunks.length === 0) return [`Nothing is accepted yet.${others}`];
      return [
        sanitize(text),
        `An empty line commits ${draft.hunks.length} ${draft.hunks.length === 1 ? "hunk" : "hunks"} onto ${sanitizeLine(draft.onto)} with this message, another text comes in place of its subject; any /command leaves it.${others}`,
      ];
    }
  }
}

/** The line is filled by itself only after a rewind, and when an address or a key is wanted. */
function filledLines(before: AppState, state: AppState): string[] {
  const text = typedText(state);
  if (text === typedText(before) || text === "") return [];
  if (text === "/model ") return ["Type /model ADDRESS, or /model PROVIDER KEY."];
  return [sanitize(text), "An empty line sends it again; another text comes in its place."];
}
