/** The state with which the screen begins; of a session that goes on, with what it knew. */
import type { TwolaneEvent } from "@twolane/protocol";
import type { AppState, Settings } from "./app.ts";
import { noCompletion } from "./completion.ts";
import { noLanes } from "./lane-memory.ts";
import { noMarks } from "./constraint-marks.ts";
import { emptyEditor } from "./editor/editor.ts";
import { historyOf } from "./history.ts";
import { noPanel } from "./panel.ts";
import { emptyReviewList, reduceReviewList } from "./review-list.ts";
import { emptySession, reduceSession } from "./session-state.ts";
import { type Block, emptyTranscript, reduceTranscript } from "./transcript.ts";

export interface FirstState {
  readonly settings: Settings;
  readonly entries: readonly string[];
  readonly columns: number;
  readonly rows: number;
}

/** Of a session that goes on the last turn is printed once more. */
export function firstState(history: readonly TwolaneEvent[], { settings, entries, columns, rows }: FirstState): AppState {
  let state: AppState = {
    ...{ columns, rows, settings, session: emptySession(), transcript: emptyTranscript, printing: [], review: emptyReviewList },
    ...{
      editor: emptyEditor,
      history: historyOf(entries),
      composing: { kind: "prompt" },
      kept: [],
      completion: noCompletion,
      marks: noMarks,
      prompts: [],
      lanes: noLanes,
      panel: noPanel,
    },
    ...{ deafUntil: 0, escapedAt: Number.NEGATIVE_INFINITY, leavingAt: Number.NEGATIVE_INFINITY },
  };
  const from = history.findLastIndex(({ type }) => type === "turn.started");
  for (const [index, event] of history.entries()) state = replay(state, event, index >= from);
  const wasCutOff = from > history.findLastIndex(({ type }) => type === "turn.ended");
  const recap = [...state.printing, ...(wasCutOff ? [cutOff] : [])];
  return { ...state, printing: [], ...(recap.length > 0 && { recap }) };
}

const cutOff: Block = { kind: "said", text: "The last turn was cut off; /continue goes on with it.", tone: "plain" };

function replay(state: AppState, event: TwolaneEvent, shown: boolean): AppState {
  const session = reduceSession(state.session, event);
  const { transcript, blocks } = reduceTranscript(state.transcript, event, session);
  const review = reduceReviewList(state.review, event, { review: session.review, at: 0 });
  const printing: readonly Block[] = shown ? [...state.printing, ...blocks] : [];
  // Nothing runs any more, whatever the last event says.
  return { ...state, session: { ...session, phase: "idle" }, transcript, review, printing };
}
