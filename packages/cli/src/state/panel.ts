/** What is open above the input line: nothing, help, the review list, or a list to choose from. One at a time. */

import type { JobId } from "@twolane/protocol";

/** What a choice leads to; `app-answers.ts` carries it out. */
export type PickerPurpose =
  | { readonly kind: "model" }
  | { readonly kind: "mode" }
  | { readonly kind: "context" }
  | { readonly kind: "queue" }
  /** What to do about a request that waits for a limit. */
  | { readonly kind: "limit" }
  /** `left`: those that lead to the end of a path that was left. */
  | { readonly kind: "rewind"; readonly left: readonly string[] }
  | { readonly kind: "rewind-what"; readonly point: string }
  | { readonly kind: "jobs" }
  | { readonly kind: "job"; readonly job: JobId };

export interface PickerItem {
  readonly value: string;
  readonly text: string;
  readonly note?: string;
}

export interface Picker {
  readonly purpose: PickerPurpose;
  readonly title: string;
  readonly items: readonly PickerItem[];
  readonly selected: number;
}

export type Panel =
  | { readonly kind: "none" }
  /** `first`: the line at its top; `rows`: how many were in sight when it was last drawn; `about`: what comes first; `from`: what is there again when it is closed. */
  | { readonly kind: "help"; readonly first: number; readonly rows?: number; readonly about?: "keys"; readonly from?: "review" }
  | { readonly kind: "review" }
  /** Keys answer the command that waits. */
  | { readonly kind: "held" }
  /** Keys answer the workflow that asks. `since`: when it was opened, monotonic ms; `again`: what it is about is shown with it. */
  | { readonly kind: "question"; readonly selected: number; readonly since: number; readonly again: boolean }
  | { readonly kind: "picker"; readonly picker: Picker };

export const noPanel: Panel = { kind: "none" };

/** What is open when this is closed. */
export const behind = (panel: Panel): Panel => (panel.kind === "help" && panel.from === "review" ? { kind: "review" } : noPanel);

export function openPicker(purpose: PickerPurpose, title: string, items: readonly PickerItem[]): Panel {
  return { kind: "picker", picker: { purpose, title, items, selected: 0 } };
}

/** Stops at both ends, so that a key held down does not go round. */
export function movePicker(picker: Picker, by: number): Panel {
  const selected = Math.max(0, Math.min(picker.items.length - 1, picker.selected + by));
  return { kind: "picker", picker: { ...picker, selected } };
}
