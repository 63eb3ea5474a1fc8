/** What a session is made of, for the files that put it together. */
import type { Result } from "@twolane/protocol";
import type { Scope } from "@twolane/policy";
import type { ConversationLog } from "../journal/conversation-log.ts";
import type { ParsedJournal } from "../journal/records.ts";
import type { CatalogInput } from "../models/catalog.ts";
import type { ConversationItem } from "../models/models.ts";
import type { LandingOptions, LandingPlace } from "./place.ts";
import type { RestoredSession } from "./restore.ts";
import type { OpenedSource } from "./sources.ts";

export interface SessionParts extends LandingPlace {
  readonly options: LandingOptions;
  readonly source: OpenedSource;
  /** Another model, for this session from now on. */
  readonly openSource?: (name: string) => Result<OpenedSource>;
  /** What `openSource` goes by. */
  readonly choice?: SourceChoice;
  /** An earlier session that goes on. */
  readonly resume?: EarlierSession;
}

/** What of the choice of models may change while a session runs. */
export interface SourceChoice {
  readonly input: CatalogInput;
  scope: Scope;
  /** Keys and addresses that the person typed. */
  env: Readonly<Record<string, string>>;
  /** Keys that were read before somebody heard of them. */
  readonly keys: string[];
  hearKey?: (key: string) => void;
}

/** An earlier session, read and ready to go on. */
export interface EarlierSession {
  readonly id: string;
  readonly journal: ParsedJournal;
  readonly log: ConversationLog<ConversationItem>;
  readonly restored: RestoredSession;
}
