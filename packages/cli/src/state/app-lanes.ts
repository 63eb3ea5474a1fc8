/** A suggestion of the other lane, between Enter and the request: said once, taken with a key, refused with a second Enter. Pure. */
import { type LaneAdvice, laneAdvice } from "@twolane/policy";
import { type AppState, type AppStep, send, stay } from "./app.ts";
import { beginPrompt, typedText } from "./app-line.ts";
import { say } from "./app-print.ts";
import { demandsOfPrompt } from "./constraint-marks.ts";
import { lanesText, toldLanes } from "./lane-memory.ts";
import type { EventOf } from "@twolane/protocol";

/** Undefined: it goes as it is. Microseconds, as it stands between the key and the request. */
export function suggestLane(state: AppState, text: string): AppStep | undefined {
  const { lanes, session, settings } = state;
  if (!lanes.suggests || state.tour !== undefined || session.phase !== "idle" || session.model === "instant") return undefined;
  const advice = laneAdvice({ text, wishes: lanes.wishes, past: lanes.past });
  if (advice === undefined || advice.lane === "fast" || lanes.told.has(advice.kind)) return undefined;
  const told = { ...state, lanes: { ...lanes, told: new Set(lanes.told).add(advice.kind), offer: { text, advice } } };
  if (settings.plain === true) return undefined;
  // Where the team has decided the brief opens at once; Esc goes back to the line, and Enter then means this lane.
  if (advice.rule === undefined) return stay(told);
  return toBrief(say(told, `To the deep lane: ${advice.reason}. Esc, then Enter: here all the same.`), text);
}

/** Where nothing can be held up, one line beside the request. */
export function mentionLane(state: AppState, text: string): AppState {
  const { lanes } = state;
  if (state.settings.plain !== true || !lanes.suggests || state.session.model === "instant") return state;
  const advice = laneAdvice({ text, wishes: lanes.wishes, past: lanes.past });
  if (advice === undefined || advice.lane === "fast" || lanes.told.has(advice.kind)) return state;
  const told = { ...state, lanes: { ...lanes, told: new Set(lanes.told).add(advice.kind) } };
  return say(told, `${adviceText(advice)} /deep WHAT hands it over; /lanes never: not said here again.`);
}

/** Key: what is typed goes to the deep lane; of what was suggested as two parts only the second. */
export function toDeepLane(state: AppState): AppStep {
  const text = typedText(state);
  if (state.composing.kind !== "prompt" || /^[/!]/.test(text)) return stay(state);
  const { parts } = offerFor(state)?.advice ?? {};
  if (parts === undefined) return toBrief(state, text);
  const constraints = demandsOfPrompt(state.marks, state.editor.text, parts.fast);
  const { state: cleared, effects } = beginPrompt(withoutOffer(state), text);
  const sent = send(
    say(cleared, `Here: ${parts.fast}. To the deep lane: ${parts.deep}`),
    { type: "prompt", text: parts.fast, ...(constraints && { constraints }) },
    { type: "job.brief", text: parts.deep, kind: "change" },
  );
  return { state: sent.state, effects: [...effects, ...sent.effects] };
}

/** The text stays on the line until the job begins. */
const toBrief = (state: AppState, text: string): AppStep => {
  const advice = offerFor(state)?.advice ?? { lane: "deep", kind: "asked", reason: "" };
  const offer = { text, advice };
  return send({ ...state, lanes: { ...state.lanes, offer } }, { type: "job.brief", text, kind: "change" });
};

/** The job has begun: what was typed for it is not there again. */
export function handedOver(state: AppState): AppStep {
  const { offer } = state.lanes;
  const text = typedText(state);
  return offer !== undefined && offer.text === text ? beginPrompt(withoutOffer(state), text) : stay(state);
}

function offerFor(state: AppState): AppState["lanes"]["offer"] {
  const { offer } = state.lanes;
  return offer !== undefined && offer.text === typedText(state) ? offer : undefined;
}

export function withoutOffer(state: AppState): AppState {
  const { offer: _, ...lanes } = state.lanes;
  return { ...state, lanes };
}

/** One line while it stands; undefined where nothing is suggested. */
export function laneHint(state: AppState, keys: { readonly enter: string; readonly deep: string }): string | undefined {
  const offer = state.composing.kind === "prompt" && state.session.phase === "idle" ? offerFor(state) : undefined;
  if (offer === undefined || offer.advice.reason === "" || offer.advice.rule !== undefined) return undefined;
  const { parts } = offer.advice;
  const taken = parts === undefined ? "to the deep lane" : `“${parts.fast}” here, the rest there`;
  return `${adviceText(offer.advice)} ${keys.deep}: ${taken} · ${keys.enter}: all here · /lanes never: not said again`;
}

const adviceText = ({ lane, reason }: LaneAdvice): string =>
  `${lane === "split" ? "Part of it is for the deep lane" : "For the deep lane"}: ${reason}.`;

export function takeLanes(state: AppState, event: EventOf<"lanes.told">): AppState {
  const { asked } = state.lanes;
  const told = { ...state, lanes: toldLanes(state.lanes, event) };
  return asked === undefined ? told : say(told, lanesText(told.lanes));
}

/** `/lanes`. */
export function lanesCommand(state: AppState, argument: string): AppStep {
  const asked: AppState = { ...state, lanes: { ...state.lanes, asked: true } };
  if (argument === "") return send(asked, { type: "lanes.look" });
  if (argument === "never" || argument === "ask") return send(asked, { type: "lanes.suggest", on: argument === "ask" });
  return stay(say(state, "/lanes, /lanes never or /lanes ask.", "bad"));
}
