/**
 * The one interface to a source of tokens: a conversation in, events out. Nothing to the right of this folder names a
 * wire or a vendor. A wire decides by itself what of the conversation has to travel (all, or what is new).
 */
import type {
  Ending,
  Failure,
  LimitRefusal,
  LimitWindow,
  ModelCapabilities,
  RequestDelay,
  Result,
  TokenUsage,
  Transport,
} from "@twolane/protocol";

/**
 * One entry of the conversation, oldest first. The list grows at its end; an entry that a person's rejection changes is another object, at
 * the same place.
 */
export type ConversationItem =
  /** Instructions and rules; byte-stable, at the start. */
  | { readonly kind: "pinned"; readonly text: string }
  /** `own`: what of it the person said, in characters; around it stand notes and files. Absent: all of it. */
  | {
      readonly kind: "user";
      readonly text: string;
      readonly own?: { readonly start: number; readonly end: number };
      /** For a model that sees; others are asked without them. */
      readonly images?: readonly SaidImage[];
    }
  | { readonly kind: "assistant"; readonly text: string; readonly replay?: unknown }
  /** Opaque reasoning that a wire wants back unchanged. */
  | { readonly kind: "reasoning"; readonly replay: unknown }
  | {
      readonly kind: "call";
      readonly call: string;
      readonly tool: string;
      readonly input: string;
      readonly freeform: boolean;
      readonly replay?: unknown;
    }
  | {
      readonly kind: "output";
      readonly call: string;
      readonly text: string;
      readonly freeform: boolean;
      /** The call did not do all that it was to do. */
      readonly failed?: true;
    };

export const imageTypes = ["image/png", "image/jpeg", "image/gif", "image/webp"] as const;

/** An image of the workspace, as it was when it was named. */
export interface SaidImage {
  readonly path: string;
  readonly mime: (typeof imageTypes)[number];
  /** Base64. */
  readonly data: string;
}

/** JSON Schema of a tool's arguments, or a grammar for raw text. */
export type ToolDefinition =
  | {
      readonly name: string;
      readonly description: string;
      readonly freeform: false;
      readonly parameters: Record<string, unknown>;
      /** The provider's own tool that takes its place where the wire has one; its operation is the call's input. */
      readonly builtin?: "apply_patch";
      /** Its input is of use before it is whole. */
      readonly followed?: true;
    }
  | {
      readonly name: string;
      readonly description: string;
      readonly freeform: true;
      readonly grammar?: { readonly syntax: "lark" | "regex"; readonly definition: string };
    };

export interface ModelRequest {
  readonly items: readonly ConversationItem[];
  readonly tools: readonly ToolDefinition[];
  readonly maxOutputTokens?: number;
  /** It is asked ahead of a prompt that may be another one: what it continues is to stay known to the provider. */
  readonly draft?: true;
  /**
   * Instead of an answer a shorter form of all this is wanted, as an item that is sent back unread. Only of a source that says it `compacts`.
   */
  readonly compact?: true;
  /** The trace and span that it belongs to, as W3C writes it; a wire says it beside the request. */
  readonly traceparent?: string;
}

export type ModelEvent =
  /** The request is on the wire. */
  | {
      readonly kind: "requested";
      readonly bytesSent: number;
      readonly transport: Transport;
      readonly continued: boolean;
      /** It was on the wire before the person said so. */
      readonly ahead?: true;
    }
  | { readonly kind: "started"; readonly model: string; readonly serviceTier?: string }
  | { readonly kind: "text"; readonly text: string }
  /** The text so far is complete, said ahead of its item by wires that know it then. */
  | { readonly kind: "text.done" }
  | { readonly kind: "reasoning"; readonly text: string }
  | { readonly kind: "call.started"; readonly call: string; readonly tool: string; readonly freeform: boolean }
  /** A piece of the call's raw input, in order, cut anywhere. */
  | { readonly kind: "call.delta"; readonly call: string; readonly text: string }
  /** One finished item of the answer, in the form in which it joins the conversation. Tools start here. */
  | { readonly kind: "item"; readonly item: ConversationItem }
  | { readonly kind: "notice"; readonly code: string; readonly message: string }
  /** What is left of the provider's limits: from the head of an answer (`limits/limit-headers.ts`) or from an event. */
  | {
      readonly kind: "limits";
      readonly windows: readonly LimitWindow[];
      /** Said when the connection came about: this request does not count in it. */
      readonly uncounted?: true;
    }
  /** The request is not sent yet, because it could not succeed; `limits/limited-session.ts` alone says this. */
  | { readonly kind: "delayed"; readonly delay: RequestDelay }
  /** The provider has the request and has not begun with it: it stands in the provider's own queue. */
  | { readonly kind: "queued" }
  /** Always the last event, exactly once. `interrupted` only after `stop()`. */
  | ModelEnd;

export interface ModelEnd {
  readonly kind: "ended";
  readonly ending: Ending;
  readonly usage?: TokenUsage;
  /** What it took, where nobody counted it; `limits/limited-session.ts` alone says this. */
  readonly estimated?: TokenUsage;
  /** Tokens that came and were not told, as nobody wanted them before there were more; about. */
  readonly untold?: number;
  readonly failure?: Failure;
  /** It failed by a limit, and the same request may succeed later: `limitOfRefusal` of `provider-failure.ts` says it. */
  readonly refused?: LimitRefusal;
}

/** One running response. */
export interface ModelRun {
  /** Ends the response the fastest way the wire has. No event but `ended` is delivered after this returns. */
  stop(): void;
  /** Sends a message into the running response; false where the wire or the moment does not allow it. */
  steer(text: string): boolean;
}

/** One conversation with one model: connections, continuation state, spare. */
export interface ModelSession {
  readonly model: string;
  readonly capabilities: ModelCapabilities;
  /** Connects, and warms the provider's cache where it can. Never fails; the request reports what is wrong. */
  prewarm(request?: ModelRequest): void;
  /** Starts a response. Events are delivered synchronously as bytes arrive, never from inside this call. */
  respond(request: ModelRequest, onEvent: (event: ModelEvent) => void): ModelRun;
  /**
   * Of a source that plans from the files of this machine: whether all that its last finished answer was made of is as it was then.
   * An answer of such a source may be left alone instead of stopped. Absent: an answer is made of the conversation alone.
   */
  unchanged?(): Promise<boolean>;
  close(): Promise<void>;
}

/** Opens a session for `provider/name`. */
export type OpenModel = (model: string) => Result<ModelSession>;
