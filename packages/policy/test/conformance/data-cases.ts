/** Data: who may read what. */
import type { ReadCase } from "./cases.ts";

const policy =
  "data:\n  - class: customer\n    name: customers\n    paths: [fixtures/customers/**]\n    lanes: [deep]\n    providers: [local, acme]\n    regions: [eu]\n    retention: none\n";
const path = "fixtures/customers/a.json";
const may = { lane: "deep", provider: "acme", region: "eu", keepsNothing: true } as const;
const no = { policy, path, decision: "block", rule: "customers" } as const;

export const dataCases: readonly ReadCase[] = [
  { name: "data: who may", policy, path, reader: may, decision: "allow" },
  { name: "data: another lane", ...no, reader: { ...may, lane: "fast" } },
  { name: "data: another provider", ...no, reader: { ...may, provider: "other" } },
  { name: "data: another region", ...no, reader: { ...may, region: "us" } },
  { name: "data: a provider that keeps", ...no, reader: { ...may, keepsNothing: false } },
  { name: "data: in other letters", ...no, path: "Fixtures/Customers/a.json", reader: { ...may, lane: "fast" } },
  { name: "data: another path", policy, path: "fixtures/prices.json", reader: { lane: "fast" }, decision: "allow" },
  { name: "credentials", path: ".env", reader: may, decision: "block", rule: "credentials" },
  { name: "credentials: their example", path: ".env.example", reader: may, decision: "allow" },
  {
    name: "unreadable",
    policy: "scope:\n  - unreadable: [hr/**]\n    name: hr\n",
    path: "hr/pay.csv",
    decision: "block",
    rule: "hr",
  },
  { name: "held paths may be read", policy: "preset: team\n", path: ".github/workflows/ci.yml", decision: "allow" },
];
