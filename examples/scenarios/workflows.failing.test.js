import assert from "node:assert";
import test from "node:test";
import { receipt } from "../src/receipt.js";

test("amounts have two digits", () => {
  assert.equal(receipt([{ name: "tea", cents: 250, quantity: 1 }]), "1 x tea 2.50\ntotal 2.50");
});
