/** The door of the package: the words of twolane. */
export * from "./agent-hooks.ts";
export * from "./capabilities.ts";
export * from "./commands.ts";
export * from "./context.ts";
export * from "./diagnostics.ts";
export * from "./events.ts";
export * from "./evidence.ts";
export * from "./failures.ts";
export * from "./hunk.ts";
export * from "./jobs.ts";
export * from "./lane.ts";
export * from "./limits.ts";
export * from "./mcp.ts";
export * from "./review.ts";
export * from "./session.ts";
export * from "./verdict.ts";
export * from "./workflows.ts";
