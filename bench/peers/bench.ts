/** One run of the bench: its clients, each with a server and a home, and what was measured so far. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { AskLog } from "./asks.ts";
import type { ClientPlace, PeerClient } from "./client.ts";
import { markVariable } from "./process-tree.ts";
import type { Cell, Column, PeerRow } from "./table.ts";

export interface Contender {
  readonly client: PeerClient;
  readonly role: Column["role"];
  readonly place: ClientPlace;
  readonly log: AskLog;
  readonly env: Readonly<Record<string, string>>;
  /** In the environment of all its processes. */
  readonly mark: string;
}

/** Nothing of the caller's environment but the path reaches a client. */
export function contenderOf(
  client: PeerClient,
  role: Column["role"],
  own: { readonly place: ClientPlace; readonly log: AskLog },
): Contender {
  const { place, log } = own;
  mkdirSync(join(place.home, "tmp"), { recursive: true });
  client.prepare?.(place);
  const mark = `${client.name}-${process.pid}`;
  const clean = {
    PATH: process.env["PATH"] ?? "",
    HOME: place.home,
    TMPDIR: join(place.home, "tmp"),
    LANG: "C.UTF-8",
    SHELL: "/bin/sh",
  };
  return { client, role, place, log, mark, env: { ...clean, ...client.env(place), [markVariable]: mark } };
}

type RowHead = Omit<PeerRow, "cells">;

/** What was measured, row by row. */
export class Collected {
  readonly #rows = new Map<string, { readonly head: RowHead; readonly cells: Map<string, Cell> }>();

  constructor(heads: readonly RowHead[]) {
    for (const head of heads) this.#rows.set(head.key, { head, cells: new Map() });
  }

  add(key: string, client: string, measured: number | (Pick<Cell, "worst" | "isLate"> & { readonly value: number })): void {
    const { value, ...more } = typeof measured === "number" ? { value: measured } : measured;
    const cells = this.#rows.get(key)?.cells;
    const before = cells?.get(client);
    const worst = more.worst === undefined ? before?.worst : Math.max(more.worst, before?.worst ?? 0);
    cells?.set(client, { ...before, ...more, ...(worst !== undefined && { worst }), values: [...(before?.values ?? []), value] });
  }

  /** Why a cell has no number, or fewer. */
  note(key: string, client: string, note: string): void {
    const cells = this.#rows.get(key)?.cells;
    cells?.set(client, { values: [], ...cells.get(client), note });
  }

  rows(): PeerRow[] {
    return [...this.#rows.values()].map(({ head, cells }) => ({ ...head, cells: Object.fromEntries(cells) }));
  }
}

/** What went wrong, short enough for a cell. */
export function reasonOf(error: unknown): string {
  const text = (error instanceof Error ? error.message : String(error)).split("\n")[0]?.replace(/; the last output:$/, "") ?? "";
  return text.length > 90 ? `${text.slice(0, 90)}…` : text;
}

export interface Course {
  readonly samples: number;
  /** `performance.now()` after which no further sample begins. */
  readonly deadline: number;
  readonly say: (line: string) => void;
  /** Called whenever something was measured. */
  readonly keep: () => void;
}
