/** The status line, the summary of a turn and `/status`, from the session's state. Pure; what is not known is not shown. */
import type { NearLimit, ReviewedHunk } from "@twolane/protocol";
import { type SessionState, parkedBy } from "../state/session-state.ts";
import { placeText } from "../state/workflow-state.ts";
import { type TurnFigures, tokenRate } from "../state/turn-figures.ts";
import { delayText, scarceText } from "./limits-view.ts";
import type { Style } from "./style.ts";
import { clip, displayWidth, sanitizeLine } from "./text.ts";
import { grouped, counted } from "../state/grouped.ts";

/** One part of the status line. */
interface Part {
  readonly text: string;
  /** In its place where there is not room for everything. */
  readonly short?: string;
  /** Higher comes first when there is not room for all. */
  readonly weight: number;
}

const gap = 3;

interface StatusPage {
  readonly width: number;
  readonly style: Style;
  readonly now: number;
  /** What opens the list of hunks; absent while it is open. */
  readonly reviewKey?: string;
}

export function statusLine(session: SessionState, page: StatusPage): string {
  const { width, style } = page;
  const parts = statusParts(session, page);
  const shown = widthOf(parts) <= width ? parts : fitting(parts, width);
  return clip(shown.map(({ text }) => text).join(style.dim(" · ")), width);
}

const widthOf = (parts: readonly Part[]): number => parts.reduce((sum, { text }) => sum + displayWidth(text) + gap, -gap);

/** The most important parts that have room beside each other, in their order. */
function fitting(parts: readonly Part[], width: number): readonly Part[] {
  const short = parts.map((part) => ({ ...part, text: part.short ?? part.text }));
  const ranked = short.toSorted((one, other) => other.weight - one.weight);
  const taken = new Set(ranked.slice(0, 1));
  for (const part of ranked.slice(1)) if (widthOf([...taken, part]) <= width) taken.add(part);
  return short.filter((part) => taken.has(part));
}

function statusParts(session: SessionState, page: StatusPage): Part[] {
  const { style } = page;
  const { figures, mode, scope } = session;
  const parts: (Part | undefined)[] = [
    mode === "flow" ? { text: style.dim("fast"), weight: 58 } : { text: style.warn(`fast ${mode}`), weight: 90 },
    modelPart(session),
    workflowPart(session, style),
    (session.phase === "waiting" ? delayPart(session, page) : undefined) ?? phasePart(session, page),
    figures.firstTokenMs === undefined ? undefined : { text: `ttft ${ms(figures.firstTokenMs)}`, weight: 50 },
    ratePart(figures),
    hunkPart(session, style),
    session.large === undefined ? undefined : { text: style.warn("large"), weight: 69 },
    testsPart(session, style),
    queuePart(session, style),
    scope.length === 0 ? undefined : { text: `only ${scope.map(sanitizeLine).join(" ")}`, short: "scope set", weight: 35 },
    limitPart(session, page),
    contextPart(session),
    figures.cost === undefined ? undefined : { text: costText(figures), weight: 30 },
  ];
  return parts.filter((part) => part !== undefined);
}

function workflowPart({ workflow }: SessionState, style: Style): Part | undefined {
  if (workflow === undefined) return undefined;
  const text = placeText(workflow);
  return workflow.asked === undefined ? { text, weight: 80 } : { text: style.warn(text), weight: 95 };
}

function modelPart(session: SessionState): Part | undefined {
  if (session.model === "") return undefined;
  const { asked, answering, tier } = modelNames(session);
  const name = answering ?? asked;
  return { text: modelText(session), short: `${name.slice(name.lastIndexOf("/") + 1)}${tier}`, weight: 60 };
}

function modelText(session: SessionState): string {
  const { asked, answering, tier } = modelNames(session);
  return `${asked}${answering === undefined ? "" : ` → ${answering}`}${tier}`;
}

interface ModelNames {
  readonly asked: string;
  /** Who answered, where it is another. */
  readonly answering?: string;
  /** With a blank and in parentheses; empty where it is nothing special. */
  readonly tier: string;
}

function modelNames({ model, served }: SessionState): ModelNames {
  const asked = sanitizeLine(model);
  if (served === undefined) return { asked, tier: "" };
  const tier = served.tier === undefined || ["default", "auto"].includes(served.tier) ? "" : ` (${sanitizeLine(served.tier)})`;
  const same = served.model === "" || model === served.model || model.endsWith(`/${served.model}`);
  return { asked, tier, ...(!same && { answering: sanitizeLine(served.model) }) };
}

/** Only when it matters: little is left. */
function limitPart({ limits, phase }: SessionState, { style, now }: StatusPage): Part | undefined {
  if (limits.delay !== undefined && phase !== "idle") return undefined;
  const scarce = scarceText(limits.windows, now + limits.epoch);
  return scarce === undefined ? undefined : { text: style.warn(scarce.text), short: style.warn(scarce.short), weight: 64 };
}

/** Where a request is that has not begun: neither the network nor the model is waited for. */
function delayPart({ limits: { delay, queuedAt, epoch } }: SessionState, { style, now }: StatusPage): Part | undefined {
  if (delay !== undefined) {
    const { text, short } = delayText(delay, now + epoch);
    return { text: style.warn(text), short: style.warn(short), weight: 96 };
  }
  if (queuedAt === undefined) return undefined;
  return { text: `${(Math.max(0, now - queuedAt) / 1000).toFixed(1)} s queued at the provider`, short: "queued", weight: 76 };
}

function phasePart({ phase, figures, streaming, waiting, open }: SessionState, page: StatusPage): Part | undefined {
  const { style, now, reviewKey } = page;
  const way = reviewKey === undefined ? "" : ` (${reviewKey})`;
  if (phase === "stopping") return { text: style.warn("stopping"), weight: 100 };
  if (waiting !== undefined) return { text: style.warn(`${waiting} waits for you${way}`), weight: 100 };
  const undecided = open.landed + open.held;
  if (phase === "idle" && undecided > 0) return { text: `${undecided} undecided${way}`, weight: 68 };
  if (phase === "idle" || figures.promptedAt === undefined) return undefined;
  const seconds = `${(Math.max(0, now - figures.promptedAt) / 1000).toFixed(1)} s`;
  if (phase === "waiting") return { text: `${seconds} waiting`, weight: 75 };
  const file = streaming === undefined ? "" : ` ${sanitizeLine(streaming.path.slice(streaming.path.lastIndexOf("/") + 1))}`;
  return { text: `${seconds} writing${file}`, short: `${seconds} writing`, weight: 75 };
}

function ratePart(figures: TurnFigures): Part | undefined {
  const rate = tokenRate(figures);
  return rate && { text: `${rate.estimated ? "~" : ""}${grouped(Math.round(rate.rate))} tok/s`, weight: 45 };
}

/** Of the whole session what is still to be decided or committed; of the turn what has failed. */
function hunkPart({ open: { landed, accepted, held }, figures: { failed } }: SessionState, style: Style): Part | undefined {
  const texts = [
    ...(landed > 0 ? [style.good(`●${landed}`)] : []),
    ...(accepted > 0 ? [style.good(`✓${accepted}`)] : []),
    ...(held > 0 ? [style.warn(`◌${held}`)] : []),
    ...(failed > 0 ? [style.bad(`✗${failed}`)] : []),
  ];
  return texts.length === 0 ? undefined : { text: texts.join(" "), weight: 70 };
}

function testsPart({ tests }: SessionState, style: Style): Part | undefined {
  if (tests === undefined) return undefined;
  if ("running" in tests) return { text: `${counted(tests.running, "test file")} running`, short: "tests running", weight: 62 };
  const { outcome, counts } = tests;
  if (outcome === "passed") return { text: style.good(`tests ${counts.passed} ok`), weight: 62 };
  if (outcome === "failed") return { text: style.bad(`${counted(counts.failed, "test")} failed`), weight: 72 };
  return { text: style.warn(`tests ${outcome}`), weight: 66 };
}

function queuePart({ queue, halted }: SessionState, style: Style): Part | undefined {
  if (queue.length === 0) return undefined;
  return { text: halted === undefined ? `queue ${queue.length}` : style.warn(`queue ${queue.length} parked`), weight: 65 };
}

function contextPart({ contextUsed, contextWindow }: SessionState): Part | undefined {
  if (contextUsed === undefined || contextWindow <= 0) return undefined;
  return { text: `${contextLeft(contextUsed, contextWindow)} % left`, weight: 40 };
}

const contextLeft = (used: number, window: number): number => Math.max(0, Math.round(100 - (100 * used) / window));
const ms = (duration: number): string => (duration < 1000 ? `${Math.round(duration)} ms` : `${(duration / 1000).toFixed(1)} s`);
const money = (dollars: number): string => `$${dollars.toFixed(dollars < 0.1 ? 4 : 2)}`;
/** A step that was cut off before its tokens were counted has cost something as well. */
const costText = ({ cost = 0, uncounted }: TurnFigures): string => `${uncounted > 0 ? "≥ " : ""}${money(cost)}`;

/** One line when a turn is over. */
export function summaryText(figures: TurnFigures): string {
  const parts: string[] = [];
  const { landed, held, failed, rejected, firstTokenMs, firstHunkMs, promptedAt, endedAt, outputTokens } = figures;
  if (landed + held + failed + rejected > 0) parts.push(`${counted(landed, "hunk")} landed`);
  if (held > 0) parts.push(`${held} held`);
  if (failed > 0) parts.push(`${failed} failed`);
  if (rejected > 0) parts.push(`${rejected} rejected`);
  if (firstTokenMs !== undefined) parts.push(`first token ${ms(firstTokenMs)}`);
  if (firstHunkMs !== undefined) parts.push(`first hunk ${ms(firstHunkMs)}`);
  if (outputTokens > 0) parts.push(`${grouped(outputTokens)} tokens`);
  const rate = tokenRate(figures);
  if (rate?.estimated === false) parts.push(`${grouped(Math.round(rate.rate))} tok/s`);
  if (figures.cost !== undefined) parts.push(costText(figures));
  if (promptedAt !== undefined && endedAt !== undefined) parts.push(`${ms(endedAt - promptedAt)} in all`);
  return parts.join(" · ");
}

const sizeText = ({ per, unit, now, limit }: NearLimit): string =>
  `${grouped(now)} of ${grouped(limit)} ${unit} that a ${per} may change`;

const halt = ({ halted }: SessionState): string => (halted === undefined ? "" : `, ${parkedBy[halted]}`);

/** `/status`. */
export function statusLines(session: SessionState, style: Style): string[] {
  const counts = new Map<ReviewedHunk["state"] | "committed", number>();
  for (const { state, commit } of session.review.values()) {
    const become = commit === undefined ? state : "committed";
    counts.set(become, (counts.get(become) ?? 0) + 1);
  }
  const hunks = [...counts].map(([state, n]) => `${n} ${state}`).join(", ");
  const rows: [string, string][] = [
    ["workspace", sanitizeLine(session.workspace)],
    ["model", modelText(session)],
    ["mode", session.mode],
    ["scope", session.scope.length === 0 ? "all paths" : session.scope.map(sanitizeLine).join(" ")],
    ["hunks", hunks === "" ? "none yet" : hunks],
    ["queue", session.queue.length === 0 ? "empty" : `${session.queue.length}${halt(session)}`],
  ];
  if (session.large !== undefined) rows.push(["size", sizeText(session.large)]);
  if (session.neighbours > 0) rows.push(["folder", `${session.neighbours} more twolane open in it`]);
  if (session.contextUsed !== undefined && session.contextWindow > 0)
    rows.push(["context", `${grouped(session.contextUsed)} of ${grouped(session.contextWindow)} tokens`]);
  return rows.map(([name, text]) => `  ${style.dim(name.padEnd(10))} ${text}`);
}
