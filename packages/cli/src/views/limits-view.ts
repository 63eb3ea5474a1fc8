/** Limits, queue and money as lines: for `twolane limits`, for `/limits` and for the status line. Pure; what is not known is said to be unknown. */
import {
  type BudgetUse,
  type LimitWindow,
  type LimitsReport,
  type ModelLimits,
  type RequestDelay,
  type SpendRow,
  dayOf,
  dollarsOf,
  sumSpend,
  tokensOf,
} from "@twolane/protocol";
import { counted, grouped } from "../state/grouped.ts";
import type { Style } from "./style.ts";
import { sanitizeLine } from "./text.ts";

const day = 24 * 3600_000;

/** Of a report: what is left, then what was spent. */
export function limitsLines(report: LimitsReport, style: Style): readonly string[] {
  const { models, at } = report;
  const titles = titlesOf(models);
  const known = models.flatMap((one, row) => [style.bold(titles[row] ?? ""), ...modelLines(one, at, style)]);
  const first = known.length === 0 ? ["No provider has said anything of a limit yet."] : known;
  return [...first, "", ...spendLines(report, style)];
}

/** What has the same name is told apart by where it is, then by whose it is. */
function titlesOf(models: readonly ModelLimits[]): readonly string[] {
  const named = models.map(({ model }) => (model === "" ? "all models of one account" : sanitizeLine(model)));
  const isTwice = (titles: readonly string[], at: number): boolean => titles.filter((one) => one === titles[at]).length > 1;
  const placed = models.map(({ host, model }, at) =>
    host !== undefined && (model === "" || isTwice(named, at)) ? `${named[at]} at ${sanitizeLine(host)}` : (named[at] ?? ""),
  );
  return models.map(({ account }, at) =>
    isTwice(placed, at) ? `${placed[at]}, account ${sanitizeLine(account)}` : (placed[at] ?? ""),
  );
}

function modelLines(one: ModelLimits, at: number, style: Style): readonly string[] {
  const { closed, waiting, reserve, speeds, windows } = one;
  const lines = windows.map((window) => windowLine(window, at, style));
  if (closed !== undefined) {
    const when = closed.named ? "opens" : "is tried again";
    lines.push(style.bad(`  ${closedWords[closed.why]}; ${when} in ${spanOf(closed.until - at)} (${clockOf(closed.until)})`));
  }
  if (waiting > 0) lines.push(`  ${counted(waiting, "request")} ${waiting === 1 ? "waits" : "wait"} for it`);
  if (reserve !== undefined)
    lines.push(style.dim(`  counts about ${grouped(reserve)} tokens for the answer of each request, however short it is`));
  for (const { lane, firstMs, perSecond, answers } of speeds)
    lines.push(
      style.dim(
        `  ${lane} lane: first token ${Math.round(firstMs)} ms, ${grouped(Math.round(perSecond))} tok/s (${counted(answers, "answer")})`,
      ),
    );
  return lines;
}

const closedWords = {
  limit: "the limit is reached",
  payment: "the provider wants payment",
  overload: "the provider has too much to do",
} as const;

function windowLine(window: LimitWindow, at: number, style: Style): string {
  const { what, perMs, limit, left, leftPercent, resetsAt } = window;
  const name = what === "share" ? sanitizeLine(window.name) : what;
  const title = `${name}${perMs === undefined ? "" : ` ${periodOf(perMs)}`}`;
  const amount = left === undefined ? "" : ` (${grouped(Math.floor(left))}${limit === undefined ? "" : ` of ${grouped(limit)}`})`;
  const part =
    leftPercent === undefined
      ? left === undefined
        ? "unknown"
        : grouped(Math.floor(left))
      : `${Math.floor(leftPercent)} % left`;
  const reset = resetsAt === undefined ? "" : style.dim(` · reset in ${spanOf(resetsAt - at)}`);
  const text = `${part}${leftPercent === undefined ? "" : amount}`;
  const painted = leftPercent !== undefined && leftPercent < 20 ? style.warn(text) : text;
  return `  ${title.padEnd(22)} ${painted}${reset}`;
}

function periodOf(ms: number): string {
  if (ms === 60_000) return "a minute";
  if (ms === 3600_000) return "an hour";
  if (ms === day) return "a day";
  return ms % day === 0 ? `in ${ms / day} days` : `in ${Math.round(ms / 3600_000)} h`;
}

function spendLines({ spend, budgets, at }: LimitsReport, style: Style): readonly string[] {
  const today = dayOf(at);
  const weekAgo = dayOf(at - 6 * day);
  const ofToday = spend.filter((row) => row.day === today);
  const ofWeek = spend.filter((row) => row.day >= weekAgo && row.day <= today);
  const lines = [style.bold("spent"), `  ${"today".padEnd(12)} ${spentText(sumSpend(ofToday))}`];
  for (const [name, rows] of byLaneAndModel(ofToday)) lines.push(style.dim(`    ${name}: ${spentText(sumSpend(rows))}`));
  lines.push(`  ${"seven days".padEnd(12)} ${spentText(sumSpend(ofWeek))}`);
  if (budgets.length > 0) lines.push(style.bold("budgets"), ...budgets.map((use) => budgetLine(use, at, style)));
  return lines;
}

function byLaneAndModel(rows: readonly SpendRow[]): ReadonlyMap<string, readonly SpendRow[]> {
  const groups = new Map<string, SpendRow[]>();
  for (const row of rows) {
    const name = `${row.lane} ${sanitizeLine(row.model)}`;
    groups.set(name, [...(groups.get(name) ?? []), row]);
  }
  return groups;
}

/** Money, and tokens whose price is unknown; never nothing for what has cost something. */
function spentText(row: SpendRow | undefined): string {
  if (row === undefined) return "nothing";
  const { cost, usage, unpriced, requests, unpricedTokens, estimated, estimatedDollars } = row;
  const tokens = `${grouped(tokensOf(usage))} tokens (${grouped(usage.cachedInput)} cached)`;
  const of = ` in ${counted(requests, "request")}`;
  const guess = estimated === 0 ? "" : `, ${counted(estimated, "request")} cut off and estimated`;
  if (unpriced === requests) return `price unknown · ${tokens}${of}${guess}`;
  const parts = `input ${money(cost.input)}, cached ${money(cost.cachedInput)}, output ${money(cost.output)}`;
  const about = estimatedDollars > 0 ? `, about ${money(estimatedDollars)} of it estimated` : "";
  const rest = unpriced === 0 ? "" : ` + ${grouped(unpricedTokens)} tokens of unknown price`;
  return `${money(dollarsOf(cost))} (${parts}${about})${rest} · ${tokens}${of}${guess}`;
}

function budgetLine({ budget, used, limit, resetsAt, unpricedTokens }: BudgetUse, at: number, style: Style): string {
  const isDollars = budget.dollars !== undefined;
  const amount = (value: number): string => (isDollars ? money(value) : `${grouped(Math.round(value))} tokens`);
  const share = Math.floor((100 * used) / limit);
  const whose = [
    ...(budget.lane ? [`, ${budget.lane} lane`] : []),
    ...(budget.project ? [`, ${sanitizeLine(budget.project)}`] : []),
  ].join("");
  const kind = budget.hard === true ? ", hard" : "";
  const unknown = unpricedTokens > 0 ? ` + ${grouped(unpricedTokens)} tokens of unknown price` : "";
  const text = `${amount(used)} of ${amount(limit)} a ${budget.per}${whose}${kind}: ${share} %${unknown}`;
  const painted = share >= 100 ? style.bad(text) : share >= 80 ? style.warn(text) : text;
  return `  ${painted}${style.dim(` · anew in ${spanOf(resetsAt - at)}`)}`;
}

const money = (dollars: number): string => `$${dollars.toFixed(dollars !== 0 && dollars < 0.1 ? 4 : 2)}`;

/** `45 s`, `12 min`, `3 h 5 min`, `4 days`. */
function spanOf(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (hours < 48) return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
  return `${Math.ceil(hours / 24)} days`;
}

/** `14:05`; with its day where it is not today. */
function clockOf(at: number, now: number = at): string {
  const date = new Date(at);
  const time = `${String(date.getHours()).padStart(2, "0")}:${String(date.getMinutes()).padStart(2, "0")}`;
  return dayOf(at) === dayOf(now) ? time : `${dayOf(at)} ${time}`;
}

/** In its place where there is not room for everything. */
interface ShortText {
  readonly text: string;
  readonly short: string;
}

/** Why a request is not sent, and when it will be. */
export function delayText({ why, until, place, of }: RequestDelay, now: number): ShortText {
  const what = {
    limit: "limit reached",
    payment: "payment wanted",
    overload: "provider busy",
    order: "limit reached, others go first",
  }[why];
  const left = until === undefined ? "" : `, goes in ${spanOf(until - now)}`;
  const clock = until === undefined || until - now < 60_000 ? "" : ` (${clockOf(until, now)})`;
  const where = of > 1 ? `, place ${place} of ${of}` : "";
  return { text: `${what}${left}${clock}${where} · /limits`, short: `${what}${left}` };
}

/** The window of which least is left, when that is under a fifth. */
export function scarceText(windows: readonly LimitWindow[], now: number): ShortText | undefined {
  const lasting = windows.filter(({ leftPercent, resetsAt = Infinity }) => leftPercent !== undefined && resetsAt > now);
  const [least] = lasting.toSorted((one, other) => (one.leftPercent ?? 100) - (other.leftPercent ?? 100));
  if (least?.leftPercent === undefined || least.leftPercent >= 20) return undefined;
  const name = least.what === "share" ? "limit" : least.what;
  const reset = least.resetsAt === undefined ? "" : `, reset in ${spanOf(least.resetsAt - now)}`;
  const part = `${Math.floor(least.leftPercent)} % of ${name} left`;
  return { text: `${part}${reset}`, short: part };
}
