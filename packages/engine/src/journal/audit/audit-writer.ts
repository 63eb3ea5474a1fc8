/**
 * Events of a session go into the audit behind everything else: they are noted at once, and made into lines some time later. A process that
 * is killed loses what happened in its last quarter of a second; the chain stays whole.
 */
import type { TwolaneEvent } from "@twolane/protocol";
import type { AuditFile } from "./audit-file.ts";
import { type AuditFold, isAudited } from "./audit-fold.ts";
import type { AuditRecord, Link } from "./chain.ts";

const delayMs = 250;
/** More than that waits only where the disk takes nothing: what comes then is counted, and the count is written. */
const mostWaiting = 50_000;

export interface AuditWriter {
  /** Costs next to nothing: nothing is hashed or written here. */
  observe(event: TwolaneEvent): void;
  /** Writes what is there, and gives the end of the chain; undefined where the disk refuses. */
  flush(): Promise<Link | undefined>;
}

export interface AuditWriterOptions {
  readonly file: AuditFile;
  readonly fold: AuditFold;
  /** A system error, told once. */
  readonly onTrouble: (error: unknown) => void;
}

export function createAuditWriter({ file, fold, onTrouble }: AuditWriterOptions): AuditWriter {
  let waiting: TwolaneEvent[] = [];
  let unwritten: AuditRecord[] = [];
  let dropped = 0;
  let timer: NodeJS.Timeout | undefined;
  let troubled = false;
  let writing: Promise<Link | undefined> = Promise.resolve(undefined);

  const write = async (): Promise<Link | undefined> => {
    const events = waiting;
    waiting = [];
    for (const event of events) unwritten.push(...(await fold.take(event)));
    if (dropped > 0) unwritten.push({ type: "audit.dropped", at: new Date().toISOString(), ...{ events: dropped } });
    const records = unwritten;
    try {
      const link = await file.append(records);
      unwritten = [];
      dropped = 0;
      return link;
    } catch (error) {
      if (!troubled) onTrouble(error);
      troubled = true;
      unwritten = records.filter(({ type }) => type !== "audit.dropped");
      return undefined;
    }
  };
  const flush = (): Promise<Link | undefined> => {
    clearTimeout(timer);
    timer = undefined;
    return (writing = writing.then(write));
  };
  return {
    observe(event) {
      if (!isAudited(event.type)) return;
      if (waiting.length + unwritten.length >= mostWaiting) dropped++;
      else waiting.push(event);
      timer ??= setTimeout(() => void flush(), delayMs).unref();
    },
    flush,
  };
}
