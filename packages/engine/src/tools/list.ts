/** Lists files as ripgrep sees them: ignored and hidden ones left out. */
import description from "./list.md";
import type { GuardedReader } from "../guard/guarded-reader.ts";
import { type Tool, parseArguments, refused, refusedBy } from "./tools.ts";

const fileLimit = 400;

export function listTool(reader: GuardedReader): Tool {
  return {
    definition: {
      name: "list",
      description: description.trim(),
      freeform: false,
      parameters: { type: "object", properties: { path: { type: "string" }, glob: { type: "string" } } },
    },
    describe(input) {
      const call = parseArguments(input);
      return typeof call === "string" ? "list" : `list ${call.text("path") ?? "."}`;
    },
    async run(input, signal) {
      const call = parseArguments(input);
      if (typeof call === "string") return refused(call);
      const folder = reader.admit(call.text("path") ?? ".");
      if (!folder.ok) return refusedBy(folder.failure);
      const glob = call.text("glob");
      const found = await reader.list({
        arguments: ["--files", "--sort=path", ...(glob === undefined ? [] : [`--glob=${glob}`]), "--", folder.value],
        lineLimit: fileLimit,
        signal,
      });
      if (!found.ok) return refusedBy(found.failure);
      const { lines, unreadable } = found.value;
      const files = lines.map((path) => (unreadable.has(path) ? `${path} [unreadable]` : path));
      const cut = found.value.cut ? `\n[cut at ${fileLimit} files; name a folder or a glob]` : "";
      return {
        ok: true,
        text: files.length === 0 ? "No files." : files.join("\n") + cut,
        summary: `${files.length}${found.value.cut ? "+" : ""} files`,
      };
    },
  };
}
