/**
 * The words of the Responses wire as far as an agent needs them: what a client sends, what a server streams, and the
 * objects inside. Fields keep the names of the wire where they travel unchanged (requests, items); decoded events have
 * names of our own, because a decoder checks and copies the few fields that count. Nothing here reads or writes bytes.
 */

/** A value that travels as a JSON object. */
export interface JsonObject {
  readonly [field: string]: unknown;
}

/** One item of a conversation, of a request's input or a response's output, exactly as it travels. */
export interface WireItem extends JsonObject {
  readonly type: string;
}

/**
 * Fields of a request as `POST /v1/responses` has them. `stream`, `store`, `previous_response_id`, `generate` and
 * `stream_id` belong to the transport and are not given here.
 */
export interface CreateRequest extends JsonObject {
  readonly model: string;
  readonly input: readonly WireItem[];
  readonly tools?: readonly JsonObject[];
}

/** Frames that a client sends over a socket. */
export type ClientEvent =
  | ({ readonly type: "response.create"; readonly model: string; readonly input: readonly WireItem[] } & SocketFields)
  | { readonly type: "response.steer"; readonly previous_response_id: string; readonly input: string }
  | { readonly type: "response.interrupt"; readonly response_id: string; readonly mode: "discard_partial_items" };

/** What `response.create` has beside the fields of the POST. */
export interface SocketFields extends JsonObject {
  /** The response that this one continues; `input` then holds only what is new. */
  readonly previous_response_id?: string;
  /** Lane: 1 to 256 of `[A-Za-z0-9_.-]`; the default lane has none. */
  readonly stream_id?: string;
  /** False: prepare only, generate nothing. */
  readonly generate?: false;
}

/** In tokens. */
export interface Usage {
  readonly input: number;
  readonly cachedInput: number;
  readonly output: number;
  readonly reasoning: number;
}

/** What events say of the response as a whole. */
export interface ResponseHead {
  readonly id: string;
  readonly model: string;
  readonly serviceTier?: string;
  /** Empty in sparse terminal events; `item.done` events are the source. */
  readonly output: readonly WireItem[];
  readonly usage?: Usage;
  /** `incomplete_details.reason`: max_output_tokens, content_filter, steered, interrupted, … */
  readonly incompleteReason?: string;
  readonly error?: WireError;
}

/** Either error envelope, an HTTP error body, or the error of a failed response. */
export interface WireError {
  readonly code?: string;
  readonly errorType?: string;
  readonly message: string;
  readonly param?: string;
  /** HTTP status that the server gives for it. */
  readonly status?: number;
  /** Lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  /** When a limit is reset, where the error itself says so: milliseconds since 1970. */
  readonly resetAt?: number;
}

/** One window of a rate limit. */
export interface RateLimit {
  /** `requests`, `tokens`, `primary`, `secondary`, … */
  readonly name: string;
  readonly limit?: number;
  readonly remaining?: number;
  readonly usedPercent?: number;
  /** Milliseconds since 1970. */
  readonly resetAt?: number;
}

/** In which text a delta continues. */
export type DeltaChannel = "text" | "reasoning" | "arguments" | "input";

/** Where an event belongs within its response. */
interface Placed {
  /** Of the output item. */
  readonly index?: number;
  /** Rises from event to event, where the server counts. */
  readonly sequence?: number;
  readonly lane?: string;
}

/** Everything a server says, decoded. `lane` is the wire's `stream_id`; the default lane has none. */
export type ServerEvent =
  | { readonly kind: "created"; readonly response: ResponseHead; readonly lane?: string }
  | ({ readonly kind: "item.added"; readonly item: WireItem } & Placed)
  | ({ readonly kind: "delta"; readonly channel: DeltaChannel; readonly delta: string } & Placed)
  /** The text that streamed last is complete. */
  | { readonly kind: "text.done"; readonly lane?: string }
  | ({ readonly kind: "item.done"; readonly item: WireItem } & Placed)
  | {
      readonly kind: "terminal";
      readonly status: "completed" | "incomplete" | "failed";
      readonly response: ResponseHead;
      readonly lane?: string;
    }
  /** `responseId`: the response that was to be steered. A steer has an id once it is accepted. */
  | { readonly kind: "steer.accepted"; readonly responseId: string; readonly steerId?: string; readonly lane?: string }
  | { readonly kind: "steer.pending"; readonly responseId: string; readonly steerId?: string; readonly lane?: string }
  | {
      readonly kind: "steer.failed";
      readonly responseId: string;
      readonly steerId?: string;
      readonly error: WireError;
      readonly lane?: string;
    }
  | { readonly kind: "limits"; readonly limits: readonly RateLimit[]; readonly lane?: string }
  /** The server has the request and has not begun with it. */
  | { readonly kind: "queued"; readonly lane?: string }
  | { readonly kind: "error"; readonly error: WireError; readonly lane?: string }
  /** An event that an agent needs nothing of, of a type known or not. It shows that the response lives. */
  | { readonly kind: "ignored"; readonly type: string; readonly lane?: string }
  /** No event of the wire: bad JSON, no object, no type, or a known type without its fields. */
  | { readonly kind: "garbage"; readonly reason: string; readonly lane?: undefined };
