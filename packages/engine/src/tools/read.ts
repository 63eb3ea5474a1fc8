/** Reads a file, whole or from a line on. */
import type { GuardedReader } from "../guard/guarded-reader.ts";
import { cutToBytes } from "../std/text.ts";
import description from "./read.md";
import { type ShownBefore, partHead } from "./shown-part.ts";
import { type Tool, type ToolResult, parseArguments, refused, refusedBy } from "./tools.ts";

const lineLimit = 2000;
const byteLimit = 64 * 1024;

/** `before`: what need not be shown again. */
export function readTool(reader: GuardedReader, before?: ShownBefore): Tool {
  return {
    definition: {
      name: "read",
      description: description.trim(),
      freeform: false,
      parameters: {
        type: "object",
        properties: {
          path: { type: "string" },
          from: { type: "integer", description: "first line" },
          lines: { type: "integer" },
        },
        required: ["path"],
      },
    },
    describe(input) {
      const call = parseArguments(input);
      return typeof call === "string" ? "read" : `read ${call.text("path") ?? "?"}`;
    },
    async run(input) {
      const call = parseArguments(input);
      if (typeof call === "string") return refused(call);
      const path = call.text("path");
      if (path === undefined) return refused("`path` is missing.");
      const file = await reader.readFile(path);
      if (!file.ok) return refusedBy(file.failure);
      const bytes = Buffer.from(file.value.bytes.buffer, file.value.bytes.byteOffset, file.value.bytes.byteLength);
      if (bytes.subarray(0, 8192).includes(0)) return refused(`${path} is a binary file.`);
      return excerpt({
        path,
        text: bytes.toString("utf8"),
        hash: file.value.hash,
        from: call.number("from") ?? 1,
        count: call.number("lines") ?? lineLimit,
        ...(before && { before }),
      });
    },
  };
}

interface Excerpt {
  readonly path: string;
  readonly text: string;
  readonly hash: string;
  /** 1-based. */
  readonly from: number;
  readonly count: number;
  readonly before?: ShownBefore;
}

/** A head line with what is shown of how much and the content's hash, then the lines as they are. */
function excerpt({ path, text, hash, from, count, before }: Excerpt): ToolResult {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const first = Math.max(1, Math.trunc(from));
  const wanted = lines.slice(first - 1, first - 1 + Math.min(Math.max(1, Math.trunc(count)), lineLimit));
  const { body, shown } = fit(wanted);
  const last = first - 1 + shown;
  const part = { path, hash, total: lines.length, from: Math.min(first, lines.length), lines: wanted.slice(0, shown) };
  const instead = before?.instead(part);
  if (instead !== undefined) return { ok: true, text: instead, summary: `${path} as seen before` };
  const head = partHead(part);
  const cut = last < lines.length ? `\n[cut here; go on with from=${last + 1}]` : "";
  return { ok: true, text: `${head}\n${body}${cut}`, summary: `${path} ${shown} lines` };
}

/** As many whole lines as fit; of a single line that does not, its beginning. */
function fit(lines: readonly string[]): { body: string; shown: number } {
  const all = lines.join("\n");
  const kept = cutToBytes(all, byteLimit);
  if (kept === all) return { body: all, shown: lines.length };
  const whole = kept.lastIndexOf("\n");
  if (whole < 0) return { body: `${kept}\n[the rest of this line is left out]`, shown: 1 };
  return { body: kept.slice(0, whole), shown: kept.slice(0, whole).split("\n").length };
}
