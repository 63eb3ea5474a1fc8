import assert from "node:assert";
import test from "node:test";
import { total } from "../src/cart.js";
import { priceOf } from "../src/price.js";
import { receipt } from "../src/receipt.js";

test("ten are cheaper", () => assert.equal(priceOf(100, 10), 900));
test("the total is the sum", () =>
  assert.equal(
    total([
      { cents: 125, quantity: 2 },
      { cents: 100, quantity: 10 },
    ]),
    1150,
  ));
test("the receipt ends with the total", () => {
  assert.equal(receipt([{ name: "tea", cents: 125, quantity: 1 }]), "1 x tea 1.25\ntotal 1.25");
});
