/** Calls of our tools in the words of Claude Code, which hooks are written for. Pure. */
import path from "node:path";

export interface HookTool {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** What hooks of others call these. Names of MCP tools are the same everywhere. */
export function hookTool(tool: string, input: string, root: string): HookTool {
  const given = parsed(input);
  const place = typeof given["path"] === "string" ? { path: path.resolve(root, given["path"]) } : {};
  switch (tool) {
    case "run": {
      const { argv, timeout, cwd } = given;
      const command = typeof given["command"] === "string" ? given["command"] : words(argv ?? given["command"]);
      return {
        name: "Bash",
        input: { command, ...(typeof timeout === "number" && { timeout: timeout * 1000 }), ...(cwd !== undefined && { cwd }) },
      };
    }
    case "read": {
      const { path: _, ...rest } = given;
      return { name: "Read", input: { ...rest, ...(place.path !== undefined && { file_path: place.path }) } };
    }
    case "list":
      return { name: "Glob", input: { ...given, pattern: given["glob"] ?? "*", ...place } };
    case "search":
      return { name: "Grep", input: { ...given, ...place } };
    default:
      return { name: tool, input: given };
  }
}

/** What a hook has changed of a call, in the words of the tool; undefined where that cannot be said in them. */
export function toolInput(tool: string, input: string, changed: Readonly<Record<string, unknown>>): string | undefined {
  const given = parsed(input);
  switch (tool) {
    case "run": {
      const { command, timeout } = changed;
      if (typeof command !== "string") return undefined;
      const { argv: _, ...rest } = given;
      return JSON.stringify({ ...rest, command, ...(typeof timeout === "number" && { timeout: timeout / 1000 }) });
    }
    case "read": {
      const { file_path: file, ...rest } = changed;
      return typeof file === "string" ? JSON.stringify({ ...rest, path: file }) : undefined;
    }
    case "list":
    case "search":
      return JSON.stringify({ ...given, ...changed });
    default:
      return JSON.stringify(changed);
  }
}

function parsed(input: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(input);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {};
  }
}

const words = (argv: unknown): string => (Array.isArray(argv) ? argv.map(String).join(" ") : "");
