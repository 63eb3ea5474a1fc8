/** Keys while something is offered to choose from: a completion, a list, the help. */
import type { ActionName } from "./actions.ts";
import { type AppState, type AppStep, send, stay } from "./app.ts";
import { replayChoice, runCommand } from "./app-command.ts";
import { actOnJob, openJob } from "./app-jobs.ts";
import { compose, offer } from "./app-line.ts";
import { say } from "./app-print.ts";
import { setMode } from "./app-slash.ts";
import { closeMenu, menuIsOpen, moveMenu, takeEntry } from "./completion.ts";
import { replaceText } from "./editor/editor.ts";
import { type Panel, type Picker, type PickerItem, behind, movePicker, noPanel, openPicker } from "./panel.ts";

/** Entries, or lines of the help; of the help a page is what is in sight, and one line stays for the eye. */
const steps: Readonly<Partial<Record<ActionName, number>>> = {
  ...{ "menu-next": 1, "menu-previous": -1, "menu-page-next": 8, "menu-page-previous": -8 },
};

export function takeMenu(state: AppState, name: ActionName, at: number): AppStep {
  const by = steps[name] ?? 0;
  if (menuIsOpen(state.completion)) {
    if (name === "escape") return stay({ ...state, completion: closeMenu(state.completion) });
    if (by !== 0) return stay({ ...state, completion: moveMenu(state.completion, by) });
    const taken = takeEntry(state.completion);
    const next = { ...state, completion: taken.completion, editor: replaceText(state.editor, taken.text, taken.cursor) };
    return taken.text.slice(0, taken.cursor).endsWith("/") ? offer(next, false) : stay(next);
  }
  const { panel } = state;
  if (panel.kind === "help") {
    if (by === 0) return stay({ ...state, panel: behind(panel) });
    const page = Math.max(1, (panel.rows ?? 9) - 1);
    const lines = Math.abs(by) === 1 ? by : Math.sign(by) * page;
    return stay({ ...state, panel: { ...panel, first: Math.max(0, panel.first + lines) } });
  }
  if (panel.kind !== "picker") return stay(state);
  if (by !== 0) return stay({ ...state, panel: movePicker(panel.picker, by) });
  const item = panel.picker.items[panel.picker.selected];
  const closed = { ...state, panel: noPanel };
  return item === undefined ? stay(closed) : choose(closed, { ...panel.picker, value: item.value, at });
}

interface Choice extends Picker {
  readonly value: string;
  readonly at: number;
}

function choose(state: AppState, { purpose, value, at }: Choice): AppStep {
  switch (purpose.kind) {
    case "model":
      // It answers already.
      if (value === state.session.model) return stay(state);
      return chooseModel(state, value, at);
    case "mode":
      return value === "flow" || value === "step" || value === "plan" ? setMode(state, value) : stay(state);
    case "context":
      return value === ""
        ? stay(say(state, "This part stays; files, outputs and notes can be left out."))
        : send(state, { type: "context.drop", part: value });
    case "limit":
      return chooseWay(state, value);
    case "queue": {
      if (value === "send") return send(state, { type: "queue.resume" });
      const message = state.session.queue.find(({ id }) => id === value);
      return stay(message === undefined ? state : compose(state, { kind: "queued", id: message.id }, message.text));
    }
    case "rewind":
      return stay({ ...state, panel: openRewindWhat(value, purpose.left.includes(value)) });
    case "jobs":
      return openJob(state, value);
    case "job":
      return actOnJob(state, purpose.job, value);
    case "rewind-what": {
      const wish = { point: purpose.point, conversation: value !== "files", files: value !== "conversation" };
      return { state, effects: [{ type: "rewind", wish }] };
    }
  }
}

/** About a request that waits for a limit. */
function chooseWay(state: AppState, value: string): AppStep {
  if (value === "try") return send(state, { type: "limit.try" });
  if (value === "stop") return send(state, { type: "stop" });
  // Another one that is chosen while it waits takes the request over.
  if (value.startsWith("use ")) return { state, effects: [{ type: "use-model", typed: value.slice("use ".length) }] };
  return value === "model" ? { state, effects: [{ type: "find-models" }] } : stay(state);
}

/** A model, the beginning of a line that names one, or a look at what it would be like. */
function chooseModel(state: AppState, value: string, at: number): AppStep {
  if (value === replayChoice) return runCommand(state, value, at);
  if (!value.startsWith("/")) return { state, effects: [{ type: "use-model", typed: value }] };
  const hint =
    value === "/model "
      ? "An address like http://127.0.0.1:8000/v1, or a provider and its key: groq KEY"
      : "Type or paste the key, then Enter. It is kept for this session only and stands in no history.";
  return stay({ ...compose(state, { kind: "prompt" }, value), hint });
}

function openRewindWhat(point: string, isLeft: boolean): Panel {
  const purpose = { kind: "rewind-what", point } as const;
  return isLeft ? openPicker(purpose, "Take up again", takeUpWhat) : openPicker(purpose, "Go back with", rewindWhat);
}

const takeUpWhat: readonly PickerItem[] = [
  {
    value: "both",
    text: "conversation and files",
    note: "as it was at the end of that path; its hunks land again where they fit",
  },
  { value: "conversation", text: "the conversation only", note: "files stay as they are" },
  { value: "files", text: "the files only", note: "the conversation goes on" },
];

const rewindWhat: readonly PickerItem[] = [
  { value: "both", text: "conversation and files", note: "as it was before that prompt" },
  { value: "conversation", text: "the conversation only", note: "files stay as they are" },
  { value: "files", text: "the files only", note: "the conversation goes on" },
];
