/** Which requests get a word of advice before they are sent, and which are left alone. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { requestAdvice } from "./request-advice.ts";
import { leastCpuMs } from "../../../../tools/cpu-time.ts";

describe("two things at once", () => {
  it.each([
    "Fix the login redirect. Add dark mode to the settings page.",
    "fix the crash in src/cart.ts and add a currency switch to the header",
    "rename userId to accountId in src/user.ts and then upgrade React",
    "Refactor the parser; remove the legacy exporter",
    "- fix the broken pagination\n- add CSV export",
    "1. implement password reset\n2. translate the footer to German",
    "please fix the memory leak in the worker, then also redesign the sidebar",
    "add retries to the HTTP client and rewrite the CLI help",
    "Split src/server.ts into routes. Implement rate limiting for uploads.",
    "Can you remove the old banner and add search to the catalogue",
    "migrate the database to Postgres and fix the header alignment",
    "convert the build to ESM, and add a health route to src/app.ts",
    "speed up the image loader and delete the beta page",
    "Add pagination to orders\nFix the time zone bug in reports",
    "extract the price rules and implement wish lists",
  ])("%j", (text) => {
    const advice = requestAdvice(text);
    expect(advice?.kind).toBe("two-objectives");
    expect(advice?.line).not.toContain("\n");
  });
});

describe("no place", () => {
  it.each([
    "fix the bug",
    "fix it",
    "make it faster",
    "clean up the code",
    "Refactor this.",
    "improve performance",
    "please improve the code quality",
    "add tests",
    "fix the failing tests please",
    "make the app better",
    "make everything more readable",
    "optimize the code",
    "simplify it a bit",
    "add error handling",
    "fix all errors in the project",
    "tidy up the codebase",
    "write some documentation",
    "improve the naming and the structure",
    "make it work",
    "can you fix the errors",
  ])("%j", (text) => {
    expect(requestAdvice(text)?.kind).toBe("no-place");
    // In a conversation these words point at something.
    expect(requestAdvice(text, { follows: true })).toBeUndefined();
  });
});

describe("nothing to say", () => {
  it.each([
    ...["", "hi", "hello there", "thanks!", "yes", "go on", "ok, do that", "no, the other one", "stop"],
    ...["why does the cart crash?", "what does src/a.ts do?", "fix the bug?", "can you add dark mode and fix the login?"],
    ...["fix the crash in src/cart.ts", "fix the login redirect", "rename total to sum in src/price.ts", "add dark mode"],
    "add a flag --json. Print one event a line when it is set.",
    "fix the parser and add a test",
    "fix the parser in src/parse.ts and add tests for it",
    "rename foo to bar and update all callers",
    "rename foo to bar in src/a.ts and in src/b.ts",
    "remove the legacy exporter and its imports",
    "remove the exporter and delete the tests of the exporter",
    "extract the price rules into src/rules.ts and replace the old code with calls",
    "add a price rule and rename the price module",
    "add logging to src/http.ts, keep the format of the other logs",
    "fix the rounding. Only src/price.ts. No new dependencies.",
    "Fix the rounding in src/price.ts. Use Math.round. Keep the API unchanged.",
    "implement slug(): small letters, blanks become dashes, and drop everything else",
    "add a README and document the options",
    "convert src/a.ts to async and await",
    "replace moment and lodash with small functions",
    "add a button that opens the menu and closes the dialog",
    "search and replace foo with bar in docs/",
    "make quantity optional in src/price.ts",
    "make the header sticky",
    "make the parser faster",
    "add tests for the cart",
    "fix the failing test in test/cart.test.ts",
    "clean up src/legacy/",
    "improve the performance of the image loader",
    "refactor PriceTable",
    "fix the bug where an empty cart costs NaN",
    "fix TS2322 in the router",
    "update the docs of twolane run",
    "write a haiku about the code",
    "explain the code",
    "summarise the changes and list the risks",
    "create a new component for prices and add it to the page",
    "delete src/old.ts and remove it from the index",
    "add an index on orders.created_at, then use it in the report query",
    "fix both crashes",
    "split the file and move each class to a file of its own",
    "/review main",
    "!npm test",
    "> fix the bug\nis what he said",
    "```\nfix the bug\n```",
    "Fix the date. Dates are in UTC.",
    "I get an error when I click save. The console says undefined is not a function.",
    `fix the bug ${"x ".repeat(300)}`,
  ])("%j", (text) => expect(requestAdvice(text)).toBeUndefined());

  it("and never an error, however long it is", () => {
    const words = fc.constantFrom(
      ..."fix add the bug and then . ; , it \n - src/a.ts please remove ? code tests in".split(" "),
      "\n",
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 60 }), (list) => {
        const advice = requestAdvice(list.join(" "));
        if (advice !== undefined) expect(advice.line.length).toBeLessThan(220);
      }),
      { seed: 5, numRuns: 2000 },
    );
    for (const text of ["please ".repeat(50), "the ".repeat(90), "fix the and ".repeat(30), "add . ".repeat(60)]) {
      expect(leastCpuMs(3, () => void requestAdvice(text))).toBeLessThan(100);
    }
  });
});
