/** Telemetry: whether what people and models wrote goes along. */
import type { TellCase } from "./cases.ts";

const yes = "telemetry: { content: true }\n";
const no = "telemetry: { content: false }\n";

export const tellCases: readonly TellCase[] = [
  { name: "telemetry: nothing said", decision: "block" },
  { name: "telemetry: the section alone", policy: "telemetry: {}\n", decision: "block" },
  { name: "telemetry: content", policy: yes, decision: "allow" },
  { name: "telemetry: no content", policy: no, decision: "block" },
  { name: "telemetry: a user says no", above: [{ kind: "user", text: no }], policy: yes, decision: "block" },
  { name: "telemetry: a project says no", above: [{ kind: "organisation", text: yes }], policy: no, decision: "block" },
  { name: "telemetry: an organisation says yes", above: [{ kind: "organisation", text: yes }], decision: "allow" },
];
