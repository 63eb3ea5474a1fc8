/** What the slash commands do: state in, state and effects out. The table of their names is `slash.ts`. */
import {
  type HunkId,
  type McpAnswer,
  type ReviewMode,
  type ReviewedHunk,
  commandAnswers,
  mcpAnswers,
  reviewModes,
} from "@twolane/protocol";
import { type AppStep, type AppState, send, stay, trustWishes } from "./app.ts";
import { print, say } from "./app-print.ts";
import { answerInWords, endWorkflow, startAsked, startWorkflow } from "./app-workflow.ts";
import { askForBrief, checkHunks, openJobs, takeJob } from "./app-jobs.ts";
import { lanesCommand } from "./app-lanes.ts";
import { isAnswer } from "./held-commands.ts";
import { noPanel, openPicker } from "./panel.ts";
import { parkedBy } from "./session-state.ts";
import { isHeldByRule, isOpen, openList } from "./review-list.ts";
import { type SlashLine, type SlashName, readSlash, slashCommands, slashForm } from "./slash.ts";

/** A line that begins with a slash. Always answered: what is not known gets the nearest name. */
export function runSlash(state: AppState, { line, pasted }: { line: string; pasted?: string }, at: number): AppStep {
  const read = readSlash(line);
  const named = promptNamed(state, line);
  if (named !== undefined) return send(state, { type: "prompt.saved", ...named });
  if (read === undefined) return stay(say(state, "Commands are small letters behind the slash; /help lists them.", "bad"));
  if ("unknown" in read) {
    const near = read.nearest === undefined ? "" : ` Did you mean /${read.nearest}?`;
    const otherwise = `There is no command /${read.unknown}.${near} /help lists them.`;
    return { state, effects: [{ type: "send-saved", name: read.unknown, text: read.argument, otherwise }] };
  }
  return slashTable[read.name](state, { ...read, ...(pasted !== undefined && { pasted }) }, at);
}

/** A prompt of the team by its whole name, where no command has it: the beginning of a command's name does not count then. */
function promptNamed({ prompts }: AppState, line: string): { readonly name: string; readonly text: string } | undefined {
  const [, name = "", text = ""] = /^\/([a-z0-9-]+)(?:\s+([\s\S]*))?$/.exec(line.trim()) ?? [];
  const isOwn = prompts.some((one) => one.name === name) && !slashCommands.some((one) => one.name === name);
  return isOwn ? { name, text: text.trim() } : undefined;
}

/** To the command that has waited longest. */
export function answerHeld(state: AppState, answer: string): AppStep {
  const [first, ...others] = state.session.commands.held;
  const closed = others.length === 0 && state.panel.kind === "held" ? { ...state, panel: noPanel } : state;
  if (first === undefined) return stay(say(closed, "No command waits for an answer."));
  if (!isAnswer(answer)) return stay(say(state, `Say one of ${commandAnswers.join(", ")}: /answer once`, "bad"));
  return send(closed, { type: "command.answer", call: first.call, answer });
}

/** Yes to the workspace, where that is what the command waits for. */
export function trustHeld(state: AppState): AppStep {
  const [first] = state.session.commands.held;
  if (first?.verdict.rule !== "trust") return stay(state);
  return { state: { ...state, panel: noPanel }, effects: [{ type: "trust", wish: "give" }] };
}

/** `pasted`: what a workflow works on. */
type Slash = (state: AppState, line: SlashLine & { readonly pasted?: string }, at: number) => AppStep;

const slashTable: Readonly<Record<SlashName, Slash>> = {
  help: (state, { argument }) => help(state, argument),
  refactor: (state, line) => startAsked(state, "refactor", line),
  debug: (state, line) => startWorkflow(state, "debug", line),
  scaffold: (state, line) => startAsked(state, "scaffold", line),
  deep: (state, { argument }) => askForBrief(state, argument),
  jobs: (state, { argument }) => openJobs(state, argument),
  take: (state, { argument }) => takeJob(state, argument),
  check: (state, { argument }) => known(state, named(argument), () => checkHunks(state, named(argument))),
  handover: (state) => send(state, { type: "job.brief", text: "", kind: "change" }),
  lanes: (state, { argument }) => lanesCommand(state, argument),
  end: endWorkflow,
  review: (state, line, at) => {
    if (line.argument === "" && line.pasted === undefined) return openReview(state, at);
    return startWorkflow(state, "review", line.argument === "all" ? { ...line, argument: "" } : line);
  },
  accept: (state, { argument }) => {
    const hunks = argument === "all" ? openHunks(state) : named(argument);
    if (argument === "all" && hunks.length === 0)
      return stay(say(state, "Nothing waits, or only what rules hold: each of those wants its own yes."));
    if (hunks.length === 0) return stay(say(state, "Say which: /accept h1 h2, or /accept all.", "bad"));
    return known(state, hunks, () => send(state, { type: "hunk.accept", hunks }));
  },
  reject: (state, { argument }) => {
    const hunks = named(argument);
    if (hunks.length === 0) return stay(say(state, "Say which: /reject h1 h2.", "bad"));
    return known(state, hunks, () => send(state, { type: "hunk.reject", hunks }));
  },
  undo: (state, { argument }) => undo(state, argument),
  answer: (state, { argument }) =>
    (state.session.commands.held.length === 0 ? answerInWords(state, argument) : undefined) ?? answerHeld(state, argument),
  diff: (state, { argument }) => {
    const hunks = argument === "" ? standing(state).map(({ hunk }) => hunk.id) : named(argument);
    if (hunks.length === 0) return stay(say(state, "Nothing of this session stands on disk."));
    return known(state, hunks, () => ({ state, effects: [{ type: "read-lines", hunks }] }));
  },
  commit: (state) => ({ state, effects: [{ type: "draft-commit" }] }),
  test: (state, line) => (line.argument === "" ? send(state, { type: "tests.run" }) : startWorkflow(state, "test", line)),
  continue: (state) => send(state, { type: "continue" }),
  queue: (state, { argument }) => queue(state, argument),
  btw: (state, { argument }) =>
    argument === ""
      ? stay(say(state, "Ask something: /btw what does this function return?", "bad"))
      : send(state, { type: "aside", text: argument }),
  mode: (state, { argument }) => {
    const mode = reviewModes.find((name) => name === argument);
    if (mode !== undefined) return setMode(state, mode);
    const items = reviewModes.map((value) => ({ value, text: value, note: modeNotes[value] }));
    return stay({ ...state, panel: openPicker({ kind: "mode" }, "How hunks reach the disk", items) });
  },
  scope: (state, { argument }) => {
    if (argument === "") {
      return stay(sayScope(state));
    }
    return send(state, { type: "scope.set", scope: argument === "all" ? [] : scopePatterns(argument) });
  },
  model: (state, { argument }) => ({
    state,
    effects: [argument === "" ? { type: "find-models" } : { type: "use-model", typed: argument }],
  }),
  trust: (state, { argument }) => {
    const wish = argument === "" ? "give" : trustWishes.find((one) => one === argument);
    if (wish === undefined) return stay(say(state, "/trust, /trust show or /trust revoke.", "bad"));
    return { state, effects: [{ type: "trust", wish }] };
  },
  skill: (state, { argument }) =>
    argument === ""
      ? stay(say(state, "Say which and what for: /skill NAME what. Skills lie in .agents/skills and ~/.agents/skills.", "bad"))
      : send(state, { type: "prompt", text: `$${argument.replace(/^\$/, "")}` }),
  context: (state) => send(state, { type: "context.list" }),
  mcp: (state, { argument }) => mcp(state, argument),
  hooks: (state, { argument }) => hooks(state, argument),
  limits: (state) => ({ state, effects: [{ type: "read-limits" }] }),
  stats: (state) => ({ state, effects: [{ type: "read-stats" }] }),
  rewind: (state) =>
    state.session.phase === "idle"
      ? { state, effects: [{ type: "find-rewind-points" }] }
      : stay(say(state, "Stop first (Ctrl-C), then rewind.", "bad")),
  tell: (state) =>
    state.correction === undefined
      ? stay(say(state, "You have not changed a landed hunk since it was last told."))
      : tellCorrection(state, state.correction),
  pace: (state, { argument }) => {
    const pace = Number(argument);
    if (state.tour === undefined) return stay(say(state, "Only a replay has a pace that can be changed: twolane demo.", "bad"));
    if (!(pace > 0)) return stay(say(state, "Say how many tokens a second: /pace 300", "bad"));
    return setPace(say(state, `${pace} tokens a second from now on`, "good"), pace);
  },
  status: (state) => stay(print(state, { kind: "status", session: state.session })),
  quit: (state) => ({ state, effects: [{ type: "leave" }] }),
};

function help(state: AppState, argument: string): AppStep {
  if (argument === "") return stay({ ...state, panel: { kind: "help", first: 0 } });
  if (/^(keys?|vim)$/.test(argument)) return stay({ ...state, panel: { kind: "help", first: 0, about: "keys" } });
  const read = readSlash(`/${argument.replace(/^\//, "")}`);
  const command = read === undefined || "unknown" in read ? undefined : slashCommands.find(({ name }) => name === read.name);
  if (command === undefined) return stay(say(state, `There is no command /${argument}. /help lists them.`, "bad"));
  return stay(say(state, `${slashForm(command)}: ${command.text}`));
}

const modeNotes: Readonly<Record<ReviewMode, string>> = {
  flow: "hunks land as they come",
  step: "each waits for a yes",
  plan: "nothing lands",
};

/** What was asked for by name is answered in words as well. */
export const setMode = (state: AppState, mode: ReviewMode): AppStep =>
  send(say(state, `${mode} from now on: ${modeNotes[mode]}. /mode changes it.`, "good"), { type: "mode.set", mode });

export function sayScope(state: AppState): AppState {
  const { scope } = state.session;
  if (scope.length === 0) return say(state, "All paths may change. /scope PATH narrows it.");
  const places = scope.map((place) => (/\s/.test(place) ? `"${place}"` : place)).join(" ");
  return say(state, `Only ${places} may change. /scope all lifts it.`);
}

/** Of the demo alone. */
export function setPace(state: AppState, pace: number): AppStep {
  return { state: { ...state, ...(state.tour && { tour: { ...state.tour, pace } }) }, effects: [{ type: "set-pace", pace }] };
}

/** What was changed in a hunk, or what it broke. */
export const tellCorrection = (state: AppState, { hunk, problem }: NonNullable<AppState["correction"]>): AppStep =>
  send(withoutCorrection(state), { type: problem === undefined ? "correction.tell" : "diagnostics.tell", hunk });

export function withoutCorrection(state: AppState): AppState {
  const { correction: _, ...rest } = state;
  return rest;
}

/** `at`: monotonic ms; from now on the hunk under the cursor is looked at. */
export function openReview(state: AppState, at: number): AppStep {
  // A plan may be words alone, and is carried out from the list.
  const isEmpty = state.session.review.size + state.review.comments.size === 0;
  if (isEmpty && state.session.mode !== "plan") return stay({ ...state, hint: "No hunk yet" });
  const review = openList(state.review, { review: state.session.review, at });
  return stay({ ...state, review, panel: { kind: "review" } });
}

const named = (argument: string): HunkId[] => argument.split(/[\s,]+/).filter((word) => word !== "");

/** Only hunks of this session; the first that is none is named. */
function known(state: AppState, hunks: readonly HunkId[], then: () => AppStep): AppStep {
  const stranger = hunks.find((hunk) => !state.session.review.has(hunk));
  return stranger === undefined
    ? then()
    : stay(say(state, `There is no hunk ${stranger} in this session; /review lists them.`, "bad"));
}

function standing(state: AppState): ReviewedHunk[] {
  return [...state.session.review.values()].filter(({ state: at }) => at === "landed" || at === "accepted");
}

/** On disk or held, and not decided. */
export /** What a rule holds wants its own yes. */
function openHunks(state: AppState): HunkId[] {
  return [...state.session.review.values()].filter((one) => isOpen(one) && !isHeldByRule(one)).map(({ hunk }) => hunk.id);
}

/** Files first, then the command; what was committed is git's to take back. */
function undo(state: AppState, argument: string): AppStep {
  const all = standing(state).filter(({ commit }) => commit === undefined);
  const lastTurn = all.at(-1)?.hunk.turn;
  const words = named(argument);
  const wanted = all.filter(({ hunk }) => {
    if (argument === "") return hunk.turn === lastTurn;
    return argument === "session" || words.includes(hunk.id) || words.includes(hunk.turn);
  });
  if (wanted.length === 0)
    return stay(
      say(state, argument === "" ? "Nothing of this session is left to take back." : `Nothing of ${argument} stands.`, "bad"),
    );
  const files = [...new Set(wanted.map(({ hunk }) => hunk.movedTo ?? hunk.path))];
  const told = say(state, `Undoing ${wanted.length} ${wanted.length === 1 ? "hunk" : "hunks"} in ${files.join(", ")}`);
  return send(told, { type: "hunk.undo", hunks: wanted.map(({ hunk }) => hunk.id) });
}

function queue(state: AppState, argument: string): AppStep {
  const { queue: waiting, halted } = state.session;
  if (argument === "send") return send(state, { type: "queue.resume" });
  if (argument !== "") return send(state, { type: "queue", text: argument });
  if (waiting.length === 0)
    return stay(say(state, "Nothing waits. While it writes, Tab puts what you typed here, as /queue TEXT does."));
  const items = waiting.map(({ id, text }) => ({ value: id, text: text.split("\n", 1)[0] ?? "" }));
  const go = halted === undefined ? [] : [{ value: "send", text: "Send the first and go on", note: parkedBy[halted] }];
  return stay({ ...state, panel: openPicker({ kind: "queue" }, "Queue: Enter changes a message", [...go, ...items]) });
}

/** What comes of it is told by the session. */
function mcp(state: AppState, argument: string): AppStep {
  if (argument === "") return send(state, { type: "mcp.look" });
  const said = answered(argument);
  if (said === undefined)
    return stay(say(state, "/mcp lists the servers; /mcp approve NAME or /mcp deny NAME answers for one.", "bad"));
  return send(state, { type: "mcp.answer", server: said.to, answer: said.answer });
}

function hooks(state: AppState, argument: string): AppStep {
  if (argument === "") return send(state, { type: "hooks.look" });
  const said = answered(argument);
  if (said === undefined)
    return stay(say(state, "/hooks lists the files; /hooks approve FILE or /hooks deny FILE answers for one.", "bad"));
  return send(state, { type: "hooks.answer", file: said.to, answer: said.answer });
}

function answered(argument: string): { readonly answer: McpAnswer; readonly to: string } | undefined {
  const [, word, to = ""] = /^(\S+)\s*(.*)$/.exec(argument) ?? [];
  const answer = mcpAnswers.find((one) => one === word);
  return answer === undefined || to === "" ? undefined : { answer, to };
}

/** Words, or a quoted path with blanks, whose end may be left out. */
function scopePatterns(argument: string): string[] {
  return [...argument.matchAll(/@?"([^"]+)(?:"|$)|@?(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
}
