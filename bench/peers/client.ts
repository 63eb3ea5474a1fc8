/** A harness as the bench starts it: ours, the floor or a rival. */
import type { Reader } from "./scenario.ts";

/** Which server it talks to, and how. */
export type PeerWire = "WebSocket" | "Responses" | "Chat" | "Messages" | "Gemini";

/** A program with its arguments. */
export type Command = readonly string[];

export interface ClientPlace {
  /** Base address of the server that speaks its wire. */
  readonly url: string;
  /** The project in which it works. */
  readonly folder: string;
  /** Its home, its own and kept for one run of the bench. */
  readonly home: string;
  /** Where its packages are; for ours and the floor the repository. */
  readonly installed: string;
}

export type Scene = "start" | "talk";

export interface PeerClient extends Reader {
  readonly title: string;
  readonly version: string;
  readonly wire: PeerWire;
  /** Answers one prompt and ends. */
  readonly headless: (place: ClientPlace, prompt: string) => Command;
  /** In a terminal; absent: only headless. */
  readonly terminal?: (place: ClientPlace, scene: Scene) => Command;
  readonly env: (place: ClientPlace) => Readonly<Record<string, string>>;
  /** Writes what stands in its home before the first start. */
  readonly prepare?: (place: ClientPlace) => void;
  /** On its first screen, once the terminal is its own. */
  readonly mark: string;
  /** The keys that stop an answer, one after the other. */
  readonly stop: readonly string[];
  /** Its stop is none that the server sees: said in the cell. */
  readonly silentStop?: string;
}
