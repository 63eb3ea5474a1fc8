/** The lines of `hooks`. Pure. */
import type { HookState } from "@twolane/engine";
import type { Style } from "./style.ts";
import { sanitizeLine } from "./text.ts";

export interface HooksPage {
  readonly action: "install" | "remove" | "status";
  readonly style: Style;
}

export function hookLines({ state, file, chained, holder, isIn, lines = [] }: HookState, { action, style }: HooksPage): string[] {
  const place = sanitizeLine(file);
  switch (state) {
    case "on":
      return [
        `${style.good("✓")} What is staged is checked before each commit: ${place}`,
        ...(chained === undefined ? [] : [style.dim(`  ${sanitizeLine(chained)} runs first, as before.`)]),
        style.dim("  `git commit --no-verify` goes past it; `twolane check --base` in CI does not."),
      ];
    case "off":
      return action === "remove"
        ? [`${style.good("✓")} There is no hook of twolane any more.`]
        : [`${style.warn("–")} Nothing checks what is committed. ${style.dim("→ twolane hooks install")}`];
    case "foreign":
      if (isIn === true && action !== "remove") return [`${style.good("✓")} ${holder} asks twolane before each commit: ${place}`];
      if (isIn === true) return [`${style.warn("!")} ${holder} holds the hooks; take twolane's lines out of ${place}.`];
      if (action === "remove") return [`${style.good("✓")} There is no hook of twolane here.`];
      return [
        `${style.warn("!")} ${holder} holds the hooks of this repository, so nothing was written. Add to ${place}:`,
        "",
        ...lines.map((line) => `    ${line}`),
      ];
  }
}
