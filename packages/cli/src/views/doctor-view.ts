/** The lines of `doctor`. Pure. */
import type { Finding } from "@twolane/engine";
import type { Style } from "./style.ts";

export function doctorLines(findings: readonly Finding[], style: Style): string[] {
  const width = Math.max(...findings.map(({ subject }) => subject.length));
  const mark = { works: style.good("✓"), missing: style.warn("–"), broken: style.bad("✗") } as const;
  return findings.flatMap(({ subject, state, text, cure }) => {
    const line = `${mark[state]} ${subject.padEnd(width)}  ${text}`;
    return cure === undefined ? [line] : [line, `  ${" ".repeat(width)}  ${style.dim(`→ ${cure}`)}`];
  });
}
