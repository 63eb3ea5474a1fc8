/** Says when another model or service tier answers than the one that was asked for. Both wires use it. */
import type { ModelEvent } from "./models.ts";

const variant = /[-:@](latest|free|nitro|floor|exacto|preview|\d{4}(-?\d{2}-?\d{2})?|\d{6,8})$/;

function plainName(name: string): string {
  const last = name.slice(name.lastIndexOf("/") + 1).toLowerCase();
  return last.replace(variant, "");
}

/** True also for a dated snapshot, and for a name with or without its maker in front. */
export function isSameModel(asked: string, served: string): boolean {
  return plainName(asked) === plainName(served) || plainName(asked) === "auto";
}

export interface Served {
  readonly asked: { readonly name: string; readonly serviceTier?: string };
  readonly model: string;
  readonly serviceTier?: string;
}

/** The notices that are due; none when all is as asked. */
export function servedNotices({ asked, model, serviceTier }: Served): readonly ModelEvent[] {
  const notices: ModelEvent[] = [];
  if (!isSameModel(asked.name, model)) {
    notices.push({ kind: "notice", code: "MODEL_SERVED", message: `Asked for ${asked.name}, answered by ${model}.` });
  }
  const wanted = asked.serviceTier;
  if (wanted !== undefined && wanted !== "auto" && serviceTier !== undefined && serviceTier !== wanted) {
    notices.push({
      kind: "notice",
      code: "TIER_SERVED",
      message: `Asked for the service tier ${wanted}, served in ${serviceTier}.`,
    });
  }
  return notices;
}
