/**
 * Keeps secrets on this machine: what goes to a model, into the journal and to listeners has stand-ins for them, and what a model writes
 * with a stand-in means the secret. How a secret is recognised, `@twolane/policy` knows.
 */
import { createHmac, randomBytes } from "node:crypto";
import path from "node:path";
import { type HidingStream, type SecretVault, createSecretVault, environmentSecrets } from "@twolane/policy";
import { type Command, type EventBody, type HunkLine, type Result, fail, succeed } from "@twolane/protocol";
import { keptText } from "../host/kept-text.ts";
import type { StateFolder } from "../journal/state-folder.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export interface ScreenOptions {
  readonly state: Pick<StateFolder, "path">;
  readonly env: Environment;
  /** What becomes of a secret in what a person says, or in a file that is to be read. Asked each time: a policy is renewed. */
  readonly prompts: () => "replace" | "block";
}

export interface SecretScreen {
  /** `place`: in words for a person, e.g. a path. */
  hide(text: string, place: string): string;
  /** Whether there is a secret in it, or one that is known begins at its end. Nobody is told of it. */
  holds(text: string): boolean;
  hideLines(lines: readonly HunkLine[]): readonly HunkLine[];
  restore(text: string): string;
  /** The text with stand-ins, or why it may not be said or read at all. Looked through once. */
  admit(text: string, place: string): Result<string>;
  /** The same of what is typed: what there is to tell instead of carrying it out. */
  blocks(command: Command): EventBody | undefined;
  /** Its secrets are hidden wherever they stand. */
  knowEnvironment(env: Environment): void;
  /** What may be kept and told of an event: nothing, while a piece of text could still become a secret, or more than one. */
  events(event: EventBody): readonly EventBody[];
  /** Who wants to know of each secret that was found first, once; those of before are told at once. */
  listen(onFirst: (secret: FirstSecret) => void): void;
}

export interface FirstSecret {
  readonly kind: string;
  readonly place: string;
}

export function openSecretScreen({ state, env, prompts }: ScreenOptions): SecretScreen {
  const screen = new Screen(createVault(state), prompts);
  screen.knowEnvironment(env);
  return screen;
}

function createVault(state: ScreenOptions["state"]): {
  readonly vault: SecretVault;
  readonly listen: SecretScreen["listen"];
} {
  let salt: Buffer | undefined;
  const saltNow = (): Buffer =>
    (salt ??= Buffer.from(keptText(path.join(state.path, "secret-salt"), () => randomBytes(32).toString("hex"))));
  let waiting: FirstSecret[] = [];
  let tell = (secret: FirstSecret): void => void waiting.push(secret);
  const vault = createSecretVault({
    digest: (value) => createHmac("sha256", saltNow()).update(value).digest("hex"),
    onFirst: (secret) => tell(secret),
  });
  return {
    vault,
    listen(onFirst) {
      tell = onFirst;
      for (const secret of waiting.splice(0)) onFirst(secret);
      waiting = [];
    },
  };
}

type Delta = Extract<EventBody, { type: "text.delta" | "reasoning.delta" | "aside.delta" | "command.output" }>;

/** Behind these events a text has come to its end. */
const closes: Readonly<Partial<Record<EventBody["type"], readonly Delta["type"][]>>> = {
  "text.settled": ["text.delta"],
  "text.finished": ["text.delta"],
  "step.ended": ["text.delta", "reasoning.delta"],
  "tool.started": ["text.delta", "reasoning.delta"],
  "aside.answered": ["aside.delta"],
};

const keyOf = (event: Delta): string => (event.type === "command.output" ? `${event.type} ${event.call}` : event.type);

function endedBy(event: EventBody): readonly string[] {
  if (event.type === "command.ended") return [`command.output ${event.call}`];
  return closes[event.type] ?? [];
}

class Screen implements SecretScreen {
  readonly listen: SecretScreen["listen"];
  private readonly vault: SecretVault;
  private readonly prompts: ScreenOptions["prompts"];
  /** By what they are pieces of. */
  private readonly streams = new Map<string, { readonly stream: HidingStream; readonly last: Delta }>();

  constructor({ vault, listen }: ReturnType<typeof createVault>, prompts: ScreenOptions["prompts"]) {
    this.vault = vault;
    this.listen = listen;
    this.prompts = prompts;
  }

  hide(text: string, place: string): string {
    return this.vault.hide(text, place);
  }

  holds(text: string): boolean {
    return this.vault.holds(text);
  }

  hideLines(lines: readonly HunkLine[]): readonly HunkLine[] {
    // A key goes over several lines.
    const whole = lines.map(({ text }) => text).join("\n");
    const hidden = this.vault.hide(whole, "an edit");
    if (hidden === whole) return lines;
    const texts = hidden.split("\n");
    return lines.map((line, at) => ({ ...line, text: texts[at] ?? "" }));
  }

  restore(text: string): string {
    return this.vault.restore(text);
  }

  knowEnvironment(env: Environment): void {
    for (const { kind, value } of environmentSecrets(env)) this.vault.know(kind, value);
  }

  admit(text: string, place: string): Result<string> {
    const hidden = this.vault.hide(text, place);
    if (hidden === text || this.prompts() === "replace") return succeed(hidden);
    return fail("SECRET_BLOCKED", `There is a secret in ${place}, and the policy lets none near a model.`);
  }

  blocks(command: Command): EventBody | undefined {
    // The text of a hunk goes to the disk.
    if (!("text" in command) || command.type === "hunk.edit") return undefined;
    if (this.prompts() === "replace") return undefined;
    const admitted = this.admit(command.text, "what you typed");
    if (admitted.ok) return undefined;
    const { code, message, cure } = admitted.failure;
    return { type: "notice.given", code, message: `${message} ${cure}` };
  }

  events(event: EventBody): readonly EventBody[] {
    switch (event.type) {
      case "text.delta":
      case "reasoning.delta":
      case "aside.delta":
      case "command.output":
        return this.delta(event);
      case "hunk.closed":
      case "hunk.corrected":
      case "hunk.revised":
        return [{ ...this.whole(event), lines: this.hideLines(event.lines) }];
      default:
        return [...endedBy(event).flatMap((key) => this.end(key)), this.whole(event)];
    }
  }

  private delta(event: Delta): readonly EventBody[] {
    const key = keyOf(event);
    const stream = this.streams.get(key)?.stream ?? this.vault.hideStream(placeOf(event));
    this.streams.set(key, { stream, last: event });
    const text = stream.push(event.text);
    return text === "" ? [] : [{ ...event, text }];
  }

  private end(key: string): readonly EventBody[] {
    const open = this.streams.get(key);
    this.streams.delete(key);
    const text = open?.stream.end() ?? "";
    return open === undefined || text === "" ? [] : [{ ...open.last, text }];
  }

  /** Every text in it by itself. */
  private whole<Event extends EventBody>(event: Event): Event {
    if (!textsIn(event).some((text) => text.length >= shortest && this.hide(text, placeOf(event)) !== text)) return event;
    return JSON.parse(
      JSON.stringify(event, (_, value: unknown) => (typeof value === "string" ? this.hide(value, placeOf(event)) : value)),
    );
  }
}

/** A shorter text is no secret. */
const shortest = 6;

function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function placeOf(event: EventBody): string {
  switch (event.type) {
    case "turn.started":
    case "turn.steered":
    case "queue.changed":
    case "aside.asked":
      return "what you typed";
    case "text.delta":
    case "text.finished":
    case "reasoning.delta":
    case "aside.delta":
    case "aside.answered":
      return "an answer";
    case "command.output":
      return "the output of a command";
    case "hunk.closed":
    case "hunk.corrected":
    case "hunk.revised":
      return "an edit";
    default:
      return "what happened";
  }
}
