/** Searches file contents with ripgrep. */
import { cutToBytes } from "../std/text.ts";
import description from "./search.md";
import type { GuardedReader } from "../guard/guarded-reader.ts";
import { type Tool, parseArguments, refused, refusedBy } from "./tools.ts";

const matchLimit = 200;
const byteLimit = 32 * 1024;

export function searchTool(reader: GuardedReader): Tool {
  return {
    definition: {
      name: "search",
      description: description.trim(),
      freeform: false,
      parameters: {
        type: "object",
        properties: { pattern: { type: "string" }, path: { type: "string" }, glob: { type: "string" } },
        required: ["pattern"],
      },
    },
    describe(input) {
      const call = parseArguments(input);
      return typeof call === "string" ? "search" : `search ${call.text("pattern") ?? "?"}`;
    },
    async run(input, signal) {
      const call = parseArguments(input);
      if (typeof call === "string") return refused(call);
      const pattern = call.text("pattern");
      if (pattern === undefined || pattern === "") return refused("`pattern` is missing.");
      const place = reader.admit(call.text("path") ?? ".");
      if (!place.ok) return refusedBy(place.failure);
      const glob = call.text("glob");
      const found = await reader.search({
        arguments: [
          ...[
            "--line-number",
            "--no-heading",
            "--with-filename",
            "--color=never",
            "--max-columns=300",
            "--max-columns-preview",
            "--sort=path",
          ],
          ...(glob === undefined ? [] : [`--glob=${glob}`]),
          ...[`--regexp=${pattern}`, "--", place.value],
        ],
        lineLimit: matchLimit,
        signal,
      });
      if (!found.ok) return refusedBy(found.failure);
      const all = found.value.lines.join("\n");
      const kept = cutToBytes(all, byteLimit);
      const cut =
        found.value.cut || kept !== all
          ? `\n[cut at ${matchLimit} matches or ${byteLimit} bytes; narrow the pattern, path or glob]`
          : "";
      const count = `${found.value.lines.length}${cut === "" ? "" : "+"} matches`;
      return { ok: true, text: kept === "" ? "No matches." : kept + cut, summary: count };
    },
  };
}
