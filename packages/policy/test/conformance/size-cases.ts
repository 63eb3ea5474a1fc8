/** Diff size: files and lines, of a turn and of a change set. */
import { type ChangeCase, lines } from "./cases.ts";

const limits = (per: string, more = ""): string =>
  `diff:\n  - per: ${per}\n    name: size\n    files: { hold: 2, block: 4 }\n    lines: { hold: 10, block: 20 }\n${more}`;

const files = (count: number, each: number): Pick<ChangeCase, "before" | "after"> => ({
  before: {},
  after: Object.fromEntries(Array.from({ length: count }, (_, index) => [`src/f${index}.ts`, lines(each)])),
});

const rows = (per: string): readonly ChangeCase[] => [
  { name: `${per}: at the limit`, policy: limits(per), ...files(2, 5), decision: "allow" },
  { name: `${per}: a file too many`, policy: limits(per), ...files(3, 1), decision: "hold", rule: "size" },
  { name: `${per}: far too many files`, policy: limits(per), ...files(5, 1), decision: "block", rule: "size" },
  { name: `${per}: a line too many`, policy: limits(per), ...files(1, 11), decision: "hold", rule: "size" },
  { name: `${per}: far too many lines`, policy: limits(per), ...files(1, 21), decision: "block", rule: "size" },
  {
    name: `${per}: removed lines count as well`,
    policy: limits(per),
    before: { "src/a.ts": lines(11) },
    after: { "src/a.ts": undefined },
    ...{ decision: "hold", rule: "size" },
  },
  {
    name: `${per}: what is excepted is not counted`,
    policy: limits(per, "    except: ['**/*.snap', package-lock.json]\n"),
    before: {},
    after: { "src/a.ts": lines(10), "src/a.snap": lines(100), "test/b.snap": lines(100), "test/c.snap": lines(1) },
    decision: "allow",
  },
];

export const sizeCases: readonly ChangeCase[] = [
  ...rows("change-set"),
  ...rows("turn").map((row) => ({ ...row, loopOnly: true })),
  {
    name: "lane: a limit of the fast lane",
    policy: limits("turn", "    lane: fast\n"),
    ...files(3, 1),
    decision: "hold",
    rule: "size",
    loopOnly: true,
  },
  {
    name: "lane: a limit of the deep lane",
    policy: limits("turn", "    lane: deep\n"),
    ...files(3, 1),
    decision: "allow",
    loopOnly: true,
  },
  { name: "solo: no limits", policy: "preset: solo\n", ...files(30, 100), decision: "allow" },
  { name: "team: a turn of a size that is read", policy: "preset: team\n", ...files(3, 100), decision: "allow" },
  {
    name: "team: a change set that nobody reads",
    policy: "preset: team\n",
    ...files(41, 1),
    decision: "hold",
    rule: "change-size",
  },
  {
    name: "strict: a change set that nobody reads",
    policy: "preset: strict\n",
    ...files(21, 1),
    decision: "hold",
    rule: "change-size",
  },
  {
    name: "team: its own limit in the place of the preset's",
    policy:
      "preset: team\ndiff:\n  - per: change-set\n    name: change-size\n    files: { hold: 60 }\n  - per: turn\n    name: turn-size\n    files: { hold: 60 }\n",
    ...files(41, 1),
    decision: "allow",
  },
];
