/** The edit dialects that models write. One parser each in `engine/edits/dialects`. */
export const dialectNames = ["v4a", "search-replace", "str-replace", "whole-file", "unified-diff", "apply-patch-call"] as const;
export type DialectName = (typeof dialectNames)[number];

/** Tools about code that a model has only where the configuration names them. */
export const codeToolNames = ["outline", "references", "diagnostics"] as const;
export type CodeToolName = (typeof codeToolNames)[number];

/** What one model behind one provider can do. One record instead of `if provider ==`. */
export interface ModelCapabilities {
  /** The dialect that the model writes best. */
  readonly dialect: DialectName;
  /**
   * How edits arrive: `freeform` = a tool whose input is raw text, `json` = a tool with JSON arguments,
   * `message` = in the text of the answer (models without tools).
   */
  readonly editForm: "freeform" | "json" | "message";
  /** False: the model has no tools at all; everything travels in messages. */
  readonly tools: boolean;
  readonly parallelCalls: boolean;
  /** How a running response is stopped (design §6). */
  readonly stop: "interrupt" | "lanes" | "disconnect";
  /** True: a message can be sent into the running response. */
  readonly steer: boolean;
  /** Tokens. */
  readonly contextWindow: number;
  /** Tokens that one answer may have, for a wire that wants a number with every request. Absent: a small usual one. */
  readonly maxOutput?: number;
  /** True: asked for it, it gives a shorter form of a conversation that only it can read. */
  readonly compacts?: boolean;
  /** True: it sees images. Absent: text only. */
  readonly images?: boolean;
  /** Absent: none of them. */
  readonly codeTools?: readonly CodeToolName[];
  /** Absent: not known, so that no sum is shown. */
  readonly price?: ModelPrice;
}

/** US dollars for a million tokens. */
export interface ModelPrice {
  readonly input: number;
  readonly cachedInput: number;
  /** Of input that the provider puts into its cache; absent: as other input. */
  readonly cacheWrite?: number;
  readonly output: number;
}
