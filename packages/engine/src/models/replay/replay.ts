/**
 * `replay`: a source of tokens whose text is a real commit and whose pace is simulated. It says so itself. What it has said and what came
 * of it, it knows from the session's events; nothing is written here. Not responsible for the copy on which it plays.
 */
import type { EventBody, ModelCapabilities } from "@twolane/protocol";
import type { CommitStory } from "../../host/commit-text.ts";
import type { ModelEvent, ModelRun, ModelSession } from "../models.ts";
import { type LeftOut, readCommitDiff } from "./commit-diff.ts";
import { Pacer, type TokensPerSecond } from "./pace.ts";
import { type ReplayAnswer, ReplayScript } from "./script.ts";
import { type StepLimit, replaySteps } from "./steps.ts";

export interface ReplayOptions {
  readonly commit: CommitStory;
  readonly pace: TokensPerSecond;
  /** What is beyond it is left out, and said. */
  readonly limit?: StepLimit;
  /** So many hunks may be out and not have come to anything; beyond it the replay waits, as it may. */
  readonly ahead?: number;
}

export interface ReplaySource {
  readonly session: ModelSession;
  readonly facts: ReplayFacts;
  pace(): TokensPerSecond;
  /** From now on, also of the answer that runs. */
  setPace(pace: TokensPerSecond): void;
  /** Must hear every event of the session, in order: a hunk that a stop has overtaken is said again, one that was refused is not. */
  observe(event: EventBody): void;
}

export interface ReplayFacts {
  /** Changes of the commit that the replay has, and how many of them it plays. */
  readonly hunks: number;
  readonly played: number;
  /** Files that it plays, in order. */
  readonly paths: readonly string[];
  readonly leftOut: readonly LeftOut[];
}

const replayCapabilities: ModelCapabilities = {
  dialect: "unified-diff",
  editForm: "freeform",
  tools: true,
  parallelCalls: false,
  stop: "disconnect",
  steer: false,
  // It reads the last message only.
  contextWindow: Number.MAX_SAFE_INTEGER,
};

const editTool = "edit";
const mostAhead = 500;

export function createReplaySource({ commit, pace, limit, ahead = mostAhead }: ReplayOptions): ReplaySource {
  const diff = readCommitDiff(commit);
  const steps = replaySteps(diff.files, limit);
  const pacer = new Pacer(pace);
  const script = new ReplayScript(commit, diff, steps);
  let running: ModelRun | undefined;
  const session: ModelSession = {
    model: `replay/${commit.short}`,
    capabilities: replayCapabilities,
    prewarm() {},
    respond(request, onEvent) {
      running = startAnswer({ model: session.model, script, pacer, ahead, answer: script.answer(request), onEvent });
      return running;
    },
    close() {
      // Whoever waits for the answer's end waits no longer.
      running?.stop();
      return Promise.resolve();
    },
  };
  const played = steps.filter(({ state }) => state === "waiting");
  return {
    session,
    facts: {
      hunks: steps.length,
      played: played.length,
      paths: [...new Set(played.map(({ file }) => file.path))],
      leftOut: diff.leftOut,
    },
    pace: () => pacer.pace,
    setPace: (next) => void (pacer.pace = next),
    observe: (event) => script.observe(event),
  };
}

interface Answering {
  readonly model: string;
  readonly script: ReplayScript;
  readonly pacer: Pacer;
  readonly ahead: number;
  readonly answer: ReplayAnswer;
  readonly onEvent: (event: ModelEvent) => void;
}

function startAnswer({ model, script, pacer, ahead, answer, onEvent }: Answering): ModelRun {
  const { text, patch, call } = answer;
  let over = false;
  let started = false;
  /** Characters that are out, of text and patch together. */
  let out = 0;
  const emit = (event: ModelEvent): void => {
    if (over) return;
    if (event.kind === "ended") {
      over = true;
      pacer.stop();
    }
    onEvent(event);
  };
  const begin = (): void => {
    if (started) return;
    started = true;
    emit({ kind: "requested", bytesSent: 0, transport: "in-process", continued: false });
    emit({ kind: "started", model });
    for (const message of answer.notices) emit({ kind: "notice", code: "REPLAY_LEFT_OUT", message });
  };
  const advance = (characters: number): boolean => {
    begin();
    const from = out;
    out = Math.min(out + characters, text.length + patch.length);
    if (from < text.length) {
      emit({ kind: "text", text: text.slice(from, out) });
      if (out >= text.length) emit({ kind: "item", item: { kind: "assistant", text } });
    }
    if (out > text.length) {
      if (from <= text.length) emit({ kind: "call.started", call, tool: editTool, freeform: true });
      emit({ kind: "call.delta", call, text: patch.slice(Math.max(0, from - text.length), out - text.length) });
    }
    if (out < text.length + patch.length) return true;
    if (patch !== "") emit({ kind: "item", item: { kind: "call", call, tool: editTool, input: patch, freeform: true } });
    emit({ kind: "ended", ending: "completed" });
    return false;
  };
  // Nothing is delivered from inside this call.
  setImmediate(begin);
  pacer.start({ advance, blocked: () => script.undecided > ahead });
  return {
    stop: () => emit({ kind: "ended", ending: "interrupted" }),
    steer: () => false,
  };
}
