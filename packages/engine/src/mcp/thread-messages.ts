/** What a session and the thread that speaks to its MCP servers say to each other. Plain data, which goes from one to the other by copy. */
import type { ServerPlace } from "./servers-file.ts";

/** A tool as its server describes it, already without what no model needs. */
export interface ListedTool {
  readonly name: string;
  readonly description: string;
  readonly schema: Readonly<Record<string, unknown>>;
  readonly readOnly: boolean;
  /** Why it cannot be offered. */
  readonly fault?: string;
}

/** A server that may be connected to, with everything that its entry's variables stand for. */
export interface OpenServer {
  readonly name: string;
  readonly place: ServerPlace;
  /** For a program: where it starts, and all of its environment. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface ToolCallWish {
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly timeoutMs: number;
}

/** What the server said, as text for the model. */
export interface CallAnswer {
  readonly ok: boolean;
  readonly text: string;
}

export type ThreadRequest =
  | { readonly do: "open"; readonly id: number; readonly server: OpenServer }
  | { readonly do: "call"; readonly id: number; readonly server: string; readonly wish: ToolCallWish }
  | { readonly do: "cancel"; readonly id: number }
  | { readonly do: "close"; readonly id: number; readonly server: string };

/** `told`: nobody asked. */
export type ThreadReply =
  | { readonly id: number; readonly tools: readonly ListedTool[]; readonly version: string }
  | { readonly id: number; readonly answer: CallAnswer }
  | { readonly id: number; readonly failed: string }
  | { readonly id: number; readonly closed: true }
  | { readonly told: "tools"; readonly server: string; readonly tools: readonly ListedTool[] }
  | { readonly told: "gone"; readonly server: string; readonly why: string };
