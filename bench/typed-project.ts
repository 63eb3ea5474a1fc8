/** A generated TypeScript project: modules in folders, each with types and functions of its own, that import some of those before them. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const perFolder = 40;

export const moduleAt = (index: number): string => `src/d${Math.floor(index / perFolder)}/m${index}.ts`;

/** The line that says what a module's function takes; what it is changed to breaks every caller. */
export const signature = (index: number): string => `export function price${index}(order: Order${index}, rate: number): number {`;
export const brokenSignature = (index: number): string =>
  `export function price${index}(order: Order${index}, rate: string[]): number {`;

/** Those that it imports: near ones and far ones, so that changes reach a few files directly and many over others. */
function importsOf(index: number): number[] {
  const far = [Math.floor(index / 2), Math.floor(index / 3)];
  return [...new Set([index - 1, index - 7, ...far])].filter((one) => one >= 0 && one < index);
}

function moduleText(index: number): string {
  const used = importsOf(index);
  const lines = used.map((one) => `import { type Order${one}, price${one} } from "../d${Math.floor(one / perFolder)}/m${one}";`);
  lines.push("", `export interface Order${index} {`, "  readonly id: string;", "  readonly amount: number;");
  lines.push(...used.map((one) => `  readonly part${one}?: Order${one};`), "}", "");
  lines.push(
    signature(index),
    "  const factor = Array.isArray(rate) ? rate.length : rate;",
    "  let sum = order.amount * Number(factor);",
  );
  lines.push(...used.map((one) => `  if (order.part${one} !== undefined) sum += price${one}(order.part${one}, ${one} / 2);`));
  lines.push("  return sum;", "}", "");
  for (let part = 0; part < 6; part++)
    lines.push(
      `export const list${index}x${part} = (orders: readonly Order${index}[]): readonly string[] =>`,
      `  orders.filter(({ amount }) => amount > ${part}).map(({ id, amount }) => \`\${id}: \${amount.toFixed(${part})}\`);`,
      "",
    );
  return lines.join("\n");
}

export function writeTypedProject(root: string, modules: number): void {
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  };
  const compilerOptions = { strict: true, noEmit: true, target: "es2022", module: "esnext", moduleResolution: "bundler" };
  write("tsconfig.json", JSON.stringify({ compilerOptions: { ...compilerOptions, types: [] }, include: ["src"] }));
  for (let index = 0; index < modules; index++) write(moduleAt(index), moduleText(index));
}
