/**
 * What runs inside the walls: no network but the loopback address, and processes that end with it. Argument: the plan, as JSON. Writes
 * columns and rows to the plan's file whenever something was measured, so that nothing is lost when it is ended; says on standard error
 * where it is.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startSim } from "@twolane/responses/sim";
import { simAsks } from "./asks.ts";
import { Collected, type Contender, type Course, contenderOf } from "./bench.ts";
import type { PeerClient } from "./client.ts";
import { startGemini } from "./gemini-server.ts";
import { headlessHeads, measureHeadless } from "./headless.ts";
import { interactiveHeads, measureInteractive } from "./interactive.ts";
import { floorClient, measuredWires, ours } from "./ours.ts";
import type { Plan, Section } from "./plan.ts";
import { rivals } from "./rivals.ts";
import { peersScenario } from "./scenario.ts";
import type { Column } from "./table.ts";

const measures: Readonly<Record<Section, typeof measureHeadless>> = {
  headless: measureHeadless,
  interactive: measureInteractive,
};
/** A text on the screen needs no more repetitions than this to be told from another. */
const mostTerminalSamples = 3;

const plan: Plan = JSON.parse(process.argv[2] ?? "");
const beganAt = performance.now();
const { root } = plan;
const folder = join(root, "project");
mkdirSync(folder);
writeFileSync(join(folder, "small.txt"), "one line\n");
const chosen = rivals.filter(({ name }) => plan.installed[name] !== undefined);
const wires = measuredWires.filter(
  (wire) =>
    wire === "WebSocket" || chosen.some((rival) => rival.wire === wire || (rival.wire === "Gemini" && wire === "Messages")),
);
const own = wires.map((wire) => ours(plan.repository, plan.version, wire));
const clients: readonly (readonly [PeerClient, Column["role"]])[] = [
  [await floorClient(plan.repository, root), "floor"],
  ...own.map((client) => [client, "ours"] as const),
  ...chosen.map((client) => [client, "rival"] as const),
];
const file = join(folder, "small.txt");
const sim = await startSim({
  port: 0,
  scenario: peersScenario(
    file,
    clients.map(([client]) => client),
  ),
});
const geminiReader = chosen.find(({ wire }) => wire === "Gemini");
const gemini = geminiReader === undefined ? undefined : await startGemini(file, geminiReader);

const contenders = clients.map(([client, role]): Contender => {
  const server = client.wire === "Gemini" && gemini !== undefined ? gemini : { url: sim.url, ...simAsks(sim) };
  const home = join(root, `home-${client.name}`);
  mkdirSync(home);
  return contenderOf(client, role, {
    place: { url: server.url, folder, home, installed: plan.installed[client.name] ?? plan.repository },
    log: server,
  });
});
const heads = [
  ...(plan.sections.includes("headless") ? headlessHeads : []),
  ...(plan.sections.includes("interactive") ? interactiveHeads : []),
];
const collected = new Collected(heads);
const columns = clients.map(([{ name, title, version, wire }, role]): Column => ({ name, title, version, wire, role }));
const course: Course = {
  samples: plan.samples,
  deadline: beganAt + plan.minutes * 60_000,
  say: (line) => console.error(`[${String(Math.round((performance.now() - beganAt) / 1000)).padStart(4)} s] ${line}`),
  keep: () => writeFileSync(plan.out, JSON.stringify({ columns, rows: collected.rows() })),
};
course.keep();
for (const section of plan.sections) {
  const samples = section === "interactive" ? Math.min(plan.samples, mostTerminalSamples) : plan.samples;
  await measures[section](contenders, collected, { ...course, samples });
}
course.keep();
await Promise.all([sim.close(), gemini?.close()]);
process.exit(0);
