/**
 * The whole screen as a state: every key, event and answer goes in, a new state and what is to be done come out. Pure; the
 * parts have files of their own, and `screen/app.ts` carries the effects out.
 */
import type {
  CodeProblem,
  Command,
  CommandEnd,
  CommitDraft,
  EventOf,
  Constraint,
  HunkId,
  HunkLine,
  ModelChoice,
  RewindPoint,
  RewindWish,
  SavedPrompt,
  TwolaneEvent,
} from "@twolane/protocol";
import type { Action } from "./actions.ts";
import type { Completion } from "./completion.ts";
import type { Composing } from "./composing.ts";
import type { Marks } from "./constraint-marks.ts";
import type { EditorState } from "./editor/editor.ts";
import type { History } from "./history.ts";
import type { KeptText } from "./kept-texts.ts";
import type { LaneMemory } from "./lane-memory.ts";
import type { OwnCommand } from "./own-command.ts";
import type { Panel } from "./panel.ts";
import type { ReviewList } from "./review-list.ts";
import type { SessionState } from "./session-state.ts";
import type { TourState } from "./tour.ts";
import type { Block, Transcript } from "./transcript.ts";

export interface AppState {
  readonly columns: number;
  readonly rows: number;
  readonly session: SessionState;
  readonly transcript: Transcript;
  /** Blocks that have not been printed yet. */
  readonly printing: readonly Block[];
  readonly review: ReviewList;
  readonly editor: EditorState;
  /** The prompt's draft while the line is for something else. */
  readonly draft?: EditorState;
  readonly history: History;
  readonly composing: Composing;
  /** What was written for something else than a prompt and not sent. */
  readonly kept: readonly KeptText[];
  /** A command of the person's own that runs. */
  readonly command?: OwnCommand;
  readonly completion: Completion;
  /** The team's own, as they were when a slash was typed last. */
  readonly prompts: readonly SavedPrompt[];
  /** What the typed request demands. */
  readonly marks: Marks;
  readonly panel: Panel;
  /** What the person changed in a hunk, offered to be told; `problem`: what the hunk itself broke elsewhere, offered in the same way. */
  readonly correction?: { readonly hunk: HunkId; readonly path: string; readonly problem?: CodeProblem };
  /** Esc is not heard before this moment: the key that closed something must not stop anything. */
  readonly deafUntil: number;
  readonly escapedAt: number;
  /** Ctrl-C on an empty line; once more leaves. */
  readonly leavingAt: number;
  /** What Enter would land, of some text that stood on the line. */
  readonly prepared?: EventOf<"draft.prepared">;
  /** One line that stays until the next key. */
  readonly hint?: string;
  readonly lanes: LaneMemory;
  /** A request was answered with advice once; it does not come again. */
  readonly advised?: true;
  readonly settings: Settings;
  /** What a new session begins with. */
  readonly greeting?: readonly string[];
  /** What a session that goes on begins with: its last turn once more. */
  readonly recap?: readonly Block[];
  /** Of the demo. */
  readonly tour?: TourState;
}

export interface Settings {
  readonly vim: boolean;
  /** What a person corrects in a hunk is told without being asked. */
  readonly tellCorrections: boolean;
  /** Line by line: nothing is held up by a suggestion, and what the screen shows for a while is printed. */
  readonly plain?: true;
}

export type AppInput =
  /** `at`: monotonic ms at which the key was seen. */
  | { readonly type: "action"; readonly action: Action; readonly at: number }
  | { readonly type: "event"; readonly event: TwolaneEvent; readonly at: number }
  | { readonly type: "answer"; readonly answer: AppAnswer; readonly at: number }
  | { readonly type: "resize"; readonly columns: number; readonly rows: number }
  | { readonly type: "tick"; readonly at: number };

/** What came of an effect. */
export type AppAnswer =
  | { readonly kind: "paths"; readonly generation: number; readonly paths: readonly string[] }
  | { readonly kind: "prompts"; readonly prompts: readonly SavedPrompt[] }
  | { readonly kind: "marks"; readonly of: string; readonly found: readonly Constraint[] }
  /** `deep`: the model of the deep lane. */
  | { readonly kind: "limits"; readonly text: string; readonly deep?: string }
  | { readonly kind: "models"; readonly models: readonly ModelChoice[] }
  | { readonly kind: "rewind-points"; readonly points: readonly RewindPoint[] }
  /** The conversation is back at this prompt, which can be changed and sent again. */
  | { readonly kind: "rewound"; readonly prompt: string; readonly note: string }
  | { readonly kind: "commit-draft"; readonly draft: CommitDraft }
  | { readonly kind: "lines"; readonly hunk: HunkId; readonly lines: readonly HunkLine[] | undefined }
  /** Text from $EDITOR; absent: it was left unchanged or could not be run. */
  | { readonly kind: "edited"; readonly purpose: EditPurpose; readonly text?: string }
  | { readonly kind: "command-output"; readonly text: string }
  | { readonly kind: "command-ended"; readonly end: CommandEnd }
  | { readonly kind: "said"; readonly text: string; readonly tone: Tone };

export const trustWishes = ["give", "revoke", "show"] as const;
export type TrustWish = (typeof trustWishes)[number];

export type Tone = "plain" | "good" | "bad";

export type EditPurpose =
  | { readonly kind: "input" }
  | { readonly kind: "hunk"; readonly hunk: HunkId }
  /** What is to stand where a job and the person changed the same lines. */
  | { readonly kind: "conflict"; readonly hunk: HunkId };

export type AppEffect =
  | { readonly type: "send"; readonly command: Command }
  | { readonly type: "leave" }
  | { readonly type: "find-paths"; readonly query: string; readonly generation: number }
  /** What this text demands, when nobody types any more. */
  | { readonly type: "read-marks"; readonly text: string }
  | { readonly type: "find-prompts" }
  /** A prompt of the team, if there is one of that name. */
  | { readonly type: "send-saved"; readonly name: string; readonly text: string; readonly otherwise: string }
  | { readonly type: "check-scope"; readonly scope: readonly string[] }
  | { readonly type: "find-models" }
  | { readonly type: "use-model"; readonly typed: string }
  | { readonly type: "read-limits" }
  /** The KPIs of this session. */
  | { readonly type: "read-stats" }
  | { readonly type: "find-rewind-points" }
  | { readonly type: "rewind"; readonly wish: RewindWish }
  | { readonly type: "draft-commit" }
  | { readonly type: "trust"; readonly wish: TrustWish }
  | { readonly type: "commit"; readonly message: string }
  | { readonly type: "read-lines"; readonly hunks: readonly HunkId[] }
  | { readonly type: "edit-outside"; readonly purpose: EditPurpose; readonly text: string; readonly path?: string }
  /** `lent`: with the terminal, for a program that fills it. */
  | { readonly type: "run-command"; readonly line: string; readonly lent: boolean }
  | { readonly type: "stop-command" }
  | { readonly type: "remember"; readonly prompt: string }
  | { readonly type: "notify"; readonly text: string }
  | { readonly type: "set-pace"; readonly pace: number }
  | { readonly type: "suspend" }
  | { readonly type: "redraw" };

export interface AppStep {
  readonly state: AppState;
  readonly effects: readonly AppEffect[];
}

export const stay = (state: AppState): AppStep => ({ state, effects: [] });
export const send = (state: AppState, ...commands: readonly Command[]): AppStep => ({
  state,
  effects: commands.map((command) => ({ type: "send", command })),
});
