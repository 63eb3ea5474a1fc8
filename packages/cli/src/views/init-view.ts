/** The lines of `init`. Pure. */
import type { DraftedPolicy } from "@twolane/engine";
import type { Style } from "./style.ts";
import { sanitizeLine } from "./text.ts";

export function draftedLines(
  { findings, preset }: Pick<DraftedPolicy, "findings"> & { readonly preset: string },
  style: Style,
): string[] {
  return [
    ...findings.map((finding) => `${style.good("✓")} ${sanitizeLine(finding)}`),
    "",
    `${style.bold(".twolane/policy.yaml")} ${style.dim(`preset ${preset}, and its schema for editors beside it`)}`,
    style.dim("→ Read it, then `twolane policy test`. `twolane policy explain PATH` says what it means for a file."),
  ];
}

export const ciLines = (file: string): string[] => [
  `${file} is written. Read it, commit it on the base branch, then make its job a required check.`,
  "docs/check.md says what it needs.",
];
