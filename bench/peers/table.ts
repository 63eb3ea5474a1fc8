/** What was measured, and the table and the verdicts that are made of it. Pure. */
import type { PeerWire } from "./client.ts";

export interface Cell {
  /** One of each run. */
  readonly values: readonly number[];
  /** The worst single moment, where a row has one. */
  readonly worst?: number;
  /** It does it only when the text has ended; the values count from there. */
  readonly isLate?: boolean;
  /** Why there is nothing, or what is to be known. */
  readonly note?: string;
}

export interface PeerRow {
  readonly key: string;
  readonly what: string;
  readonly unit: "ms" | "KB" | "MB";
  /** By the client's name. */
  readonly cells: Readonly<Record<string, Cell>>;
}

export interface Column {
  readonly name: string;
  readonly title: string;
  readonly version: string;
  readonly wire: PeerWire;
  readonly role: "floor" | "ours" | "rival";
}

export interface Report {
  readonly machine: string;
  readonly at: string;
  /** What makes the numbers doubtful. */
  readonly warnings: readonly string[];
  readonly columns: readonly Column[];
  readonly rows: readonly PeerRow[];
  /** Rivals that are not in the table. */
  readonly missing: readonly { readonly name: string; readonly reason: string }[];
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
}

function format(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString("en");
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);
}

export function cellText(cell: Cell | undefined): string {
  if (cell === undefined) return "–";
  if (cell.values.length === 0) return cell.note ?? "–";
  const worst = cell.worst === undefined ? "" : ` (${format(cell.worst)})`;
  const value = `${format(median(cell.values))}${worst}`;
  const late = cell.isLate === true ? `waits for the end, then ${value}` : value;
  return `${late}, n ${cell.values.length}${cell.note === undefined ? "" : `; ${cell.note}`}`;
}

/** Ours that a rival is held against: on its wire, or on the one that is most like it. */
function beside(rival: Column, row: PeerRow, columns: readonly Column[]): Cell | undefined {
  const wires: readonly PeerWire[] = [rival.wire, ...(rival.wire === "Gemini" ? (["Messages"] as const) : []), "WebSocket"];
  for (const wire of wires) {
    const own = columns.find((column) => column.role === "ours" && column.wire === wire);
    const cell = own === undefined ? undefined : row.cells[own.name];
    if (cell !== undefined && cell.values.length > 0) return cell;
  }
  return columns
    .flatMap(({ role, name }) => (role === "ours" ? (row.cells[name] ?? []) : []))
    .find(({ values }) => values.length > 0);
}

type Place = "ahead" | "level" | "behind";

/** A difference counts beyond a tenth, and for times beyond 0.3 ms. */
export function placeOf(own: Cell, rival: Cell, unit: PeerRow["unit"]): Place {
  if ((own.isLate ?? false) !== (rival.isLate ?? false)) return rival.isLate === true ? "ahead" : "behind";
  const difference = median(own.values) - median(rival.values);
  const counts = Math.abs(difference) > 0.1 * median(rival.values) && (unit !== "ms" || Math.abs(difference) > 0.3);
  return !counts ? "level" : difference < 0 ? "ahead" : "behind";
}

const notFirst = "**not first**: ";

/** Are we first; where not, behind whom and by how much. */
export function verdictOf(row: PeerRow, columns: readonly Column[]): string {
  const level: string[] = [];
  const behind: string[] = [];
  let compared = 0;
  for (const rival of columns.filter(({ role }) => role === "rival")) {
    const theirs = row.cells[rival.name];
    const own = beside(rival, row, columns);
    if (theirs === undefined || theirs.values.length === 0) continue;
    if (own === undefined) return "ours was not measured";
    compared++;
    const place = placeOf(own, theirs, row.unit);
    if (place === "level") level.push(rival.title);
    if (place === "behind") behind.push(behindText(rival.title, { own, theirs, unit: row.unit }));
  }
  if (compared === 0) return "no rival to compare";
  if (behind.length > 0) return `${notFirst}behind ${behind.join("; ")}`;
  return level.length > 0 ? `first, level with ${level.join(", ")}` : "**first**";
}

function behindText(rival: string, pair: { readonly own: Cell; readonly theirs: Cell; readonly unit: string }): string {
  const { own, theirs, unit } = pair;
  if ((own.isLate ?? false) !== (theirs.isLate ?? false)) return `${rival}, which does not wait for the end`;
  const [ours, other] = [median(own.values), median(theirs.values)];
  const times = other > 0 ? ` (${(ours / other).toFixed(2)} ×)` : "";
  return `${rival} by ${format(ours - other)} ${unit}${times}`;
}

const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** Ours on other wires has a table of its own, so that the first stays readable. */
export function markdown({ machine, at, warnings, columns, rows, missing }: Report): string {
  const isMain = ({ role, wire }: Column): boolean => role !== "ours" || wire === "WebSocket";
  const main = columns.filter(isMain);
  const others = columns.filter((column) => !isMain(column));
  const headOf = ({ title, version, wire }: Column): string => `${title} ${version}, ${wire}`;
  const parts = [
    "# twolane beside other harnesses, on one simulated model",
    `${machine} · ${at} · medians; what is in brackets is the worst. How it is measured: docs/bench.md.`,
    ...warnings.map((warning) => `**${warning}**`),
    tableOf(
      ["what", ...main.map(headOf), "are we first"],
      rows.map((row) => [
        `${row.what}, ${row.unit}`,
        ...main.map(({ name }) => cellText(row.cells[name])),
        verdictOf(row, columns),
      ]),
    ),
  ];
  const wires = rows.filter(({ cells }) => others.some(({ name }) => cells[name] !== undefined));
  if (wires.length > 0)
    parts.push(
      "Ours on the other wires; a rival is held against ours on its own (Gemini's against Messages):",
      tableOf(
        ["what", ...others.map(headOf)],
        wires.map((row) => [`${row.what}, ${row.unit}`, ...others.map(({ name }) => cellText(row.cells[name]))]),
      ),
    );
  const behind = rows.flatMap((row) => {
    const verdict = verdictOf(row, columns);
    return verdict.startsWith(notFirst) ? [`- ${row.what}: ${verdict.slice(notFirst.length)}`] : [];
  });
  if (behind.length > 0) parts.push(["Where ours is not first:", "", ...behind].join("\n"));
  if (missing.length > 0)
    parts.push(["Not in the table:", "", ...missing.map(({ name, reason }) => `- ${name}: ${reason}`)].join("\n"));
  return `${parts.join("\n\n")}\n`;
}
