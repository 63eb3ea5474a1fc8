/** For tests: moved to `packages/engine/test/landing`; stays here until nobody imports it. */
export * from "../../test/landing/workshop.ts";
