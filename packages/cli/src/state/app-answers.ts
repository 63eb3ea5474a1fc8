/** What came of an effect, taken into the state: lists open, drafts stand on the line, texts are printed. */
import type { CommitDraft, ReviewedHunk } from "@twolane/protocol";
import type { PickerItem } from "./panel.ts";
import { type AppAnswer, type AppState, type AppStep, stay } from "./app.ts";
import { endCommand, replayChoice, takeCommandOutput } from "./app-command.ts";
import { compose, endComposing, offer, typedText } from "./app-line.ts";
import { print, say } from "./app-print.ts";
import { takeEditedConflict } from "./app-conflict.ts";
import { takeEditedHunk } from "./app-review.ts";
import { openHunks } from "./app-slash.ts";
import { offerPaths } from "./completion.ts";
import { staysOutText } from "./composing.ts";
import { takeMarks } from "./constraint-marks.ts";
import { rewritten } from "./editor/editor.ts";
import { lineEnd } from "./editor/text-motion.ts";
import { otherMessages } from "./kept-texts.ts";
import { openPicker } from "./panel.ts";

export function takeAnswer(state: AppState, answer: AppAnswer, at: number): AppStep {
  switch (answer.kind) {
    case "paths":
      return stay({ ...state, completion: offerPaths(state.completion, answer.generation, answer.paths) });
    case "prompts": {
      const known = { ...state, prompts: answer.prompts };
      return answer.prompts.length > 0 && isCommandWord(known.editor.text) ? offer(known, false) : stay(known);
    }
    case "marks":
      return stay({ ...state, marks: takeMarks(state.marks, answer.of, answer.found) });
    case "limits":
      return stay(openWays(say(state, answer.text), answer.deep));
    case "models":
      return stay({
        ...state,
        panel: openPicker({ kind: "model" }, "Which model answers", modelItems(answer.models, state.session.model)),
      });
    case "rewind-points":
      return stay(openRewind(state, answer.points));
    case "rewound":
      // Only files went back: what is typed stays.
      return stay(
        say(answer.prompt === "" ? state : { ...state, editor: rewritten(state.editor, answer.prompt) }, answer.note, "good"),
      );
    case "commit-draft":
      return stay(openCommit(state, answer.draft));
    case "lines":
      return stay(
        print(state, { kind: "diff", hunk: answer.hunk, reviewed: state.session.review.get(answer.hunk), lines: answer.lines }),
      );
    case "edited":
      return takeEdited(state, answer, at);
    case "command-output":
      return stay(takeCommandOutput(state, answer.text));
    case "command-ended":
      return stay(endCommand(state, answer.end, at));
    case "said":
      return stay(say(state, answer.text, answer.tone));
  }
}

/** Where a request waits for a limit: what can be done about it. */
function openWays(state: AppState, deep: string | undefined): AppState {
  const { delay } = state.session.limits;
  if (delay === undefined || state.session.phase !== "waiting") return state;
  const ways: PickerItem[] = [
    { value: "wait", text: "Wait", note: delay.of > 1 ? `place ${delay.place} of ${delay.of}` : "it goes by itself" },
    ...(deep === undefined || deep === state.session.model
      ? []
      : [{ value: `use ${deep}`, text: `Ask the deep lane's model instead: ${deep}`, note: "it goes on with this request" }]),
    { value: "model", text: "Ask another model instead", note: "it goes on with this request" },
    { value: "try", text: "Try now", note: "once before the time that the provider named" },
    { value: "stop", text: "Stop", note: "what waits behind it stays parked" },
  ];
  return { ...state, panel: openPicker({ kind: "limit" }, "The request waits for a limit", ways) };
}

const isCommandWord = (text: string): boolean => /^\/[a-z0-9-]*$/.test(text);

type Answer<K extends AppAnswer["kind"]> = Extract<AppAnswer, { readonly kind: K }>;

/** First who answers now, so that Enter alone changes nothing. Also what needs a key that is not there: choosing it asks for the key. */
function modelItems(models: Answer<"models">["models"], model: string): PickerItem[] {
  const note = models.find(({ name }) => name === model)?.note;
  const current: PickerItem = { text: model, note: note === undefined ? "answers now" : `answers now · ${note}`, value: model };
  const others = models.filter(({ name }) => name !== model);
  const known = others.map(({ name, note, usable }): PickerItem => ({
    text: name,
    note: usable ? note : `${note}; choose it to type the key`,
    value: usable ? name : `/model ${name.split("/", 1)[0] ?? ""} `,
  }));
  return [
    ...(model === "" ? [] : [current]),
    ...known,
    { value: "/model ", text: "type an address or a key", note: "http://127.0.0.1:8000/v1, or PROVIDER KEY" },
    {
      value: replayChoice,
      text: "replay your last commit",
      note: "no model: watch it land again, stop it, steer it (twolane demo)",
    },
  ];
}

function openRewind(state: AppState, points: Answer<"rewind-points">["points"]): AppState {
  if (points.length === 0) return say(state, "There is no earlier prompt to go back to.");
  const items = points.map(({ point, prompt, current, ...figures }) => ({
    value: point,
    text: `${current ? "" : "on to the end of: "}${prompt.trim().split("\n", 1)[0] ?? ""}`,
    note: `${timeOf(figures.at)} · ${current ? changedText(figures) : `left with ${hunkCount(figures.hunks)}`}`,
  }));
  const left = points.filter(({ current }) => !current).map(({ point }) => point);
  const title = `Back to before which prompt${left.length === 0 ? "" : ", or on to the end of a path that was left"}`;
  return { ...state, panel: openPicker({ kind: "rewind", left }, title, items) };
}

const hunkCount = (n: number): string => `${n} ${n === 1 ? "hunk" : "hunks"}`;
const timeOf = (at: number): string => new Date(at).toTimeString().slice(0, 5);

function changedText({ hunks, files }: Pick<Answer<"rewind-points">["points"][number], "hunks" | "files">): string {
  return hunks === 0
    ? "nothing on disk since"
    : `${hunkCount(hunks)} since, in ${files.length} ${files.length === 1 ? "file" : "files"}`;
}

function openCommit(state: AppState, draft: Answer<"commit-draft">["draft"]): AppState {
  const waiting = openHunks(state);
  const open = waiting.flatMap((hunk) => state.session.review.get(hunk) ?? []);
  const unseen = open.filter(({ seen }) => !seen).length;
  const told = draft.left.reduce((at, { hunk, reason }) => say(at, `${hunk} is not in it: ${reason}`, "bad"), state);
  const shown = draft.formatting === undefined ? told : say(told, draft.formatting);
  if (draft.hunks.length === 0 && waiting.length === 0)
    return say(endComposing(shown), "Nothing to commit: no hunk of this session is open.");
  const composing = {
    kind: "commit",
    draft: { ...draft, message: subjectFor(draft, open) },
    waiting,
    staysOut: staysOutText(open),
    unseen,
  } as const;
  const { composing: before } = state;
  // What a person has made of an earlier draft stays.
  if (before.kind === "commit" && typedText(state) !== before.draft.message) return { ...shown, composing };
  const opened = compose(shown, composing, composing.draft.message);
  if (otherMessages(opened.kept, composing).length === 0) return opened;
  const other = typedText(opened) === composing.draft.message ? "message" : "draft";
  return { ...opened, composing: { ...composing, other } };
}

/** Before anything is accepted nobody has asked for what would be committed: the files stand in for it. */
function subjectFor({ hunks, message }: CommitDraft, open: readonly ReviewedHunk[]): string {
  const [first, ...more] = [...new Set(open.map(({ hunk }) => hunk.movedTo ?? hunk.path))];
  if (hunks.length > 0 || first === undefined) return message;
  const rest = more.length === 0 ? "" : ` and ${more.length} more`;
  return `Change ${first}${rest}${message.slice(lineEnd(message, 0))}`;
}

function takeEdited(state: AppState, { purpose, text }: Answer<"edited">, at: number): AppStep {
  if (purpose.kind === "conflict")
    return takeEditedConflict(state, { hunk: purpose.hunk, ...(text !== undefined && { text }) }, at);
  if (purpose.kind === "hunk") return takeEditedHunk(state, { hunk: purpose.hunk, ...(text !== undefined && { text }) }, at);
  return stay(text === undefined ? state : { ...state, editor: rewritten(state.editor, text.replace(/\n$/, "")) });
}
