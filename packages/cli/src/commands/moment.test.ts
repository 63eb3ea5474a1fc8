import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { momentFrom } from "./moment.ts";

describe("a moment", () => {
  const zone = process.env["TZ"];
  beforeEach(() => void (process.env["TZ"] = "America/New_York"));
  afterEach(() => {
    if (zone === undefined) delete process.env["TZ"];
    else process.env["TZ"] = zone;
  });

  it("is the beginning of a day here, in winter and in summer", () => {
    expect(momentFrom("2026-01-31")).toEqual({ at: Date.UTC(2026, 0, 31, 5), day: "2026-01-31" });
    expect(momentFrom("2026-07-01")).toEqual({ at: Date.UTC(2026, 6, 1, 4), day: "2026-07-01" });
  });

  it("is what it says where it has a zone", () => {
    expect(momentFrom("2026-01-31T02:00:00Z")).toEqual({ at: Date.UTC(2026, 0, 31, 2), day: "2026-01-30" });
  });

  it("is so many days ago", () => {
    const now = Date.UTC(2026, 2, 1, 12);
    expect(momentFrom("2d", now)).toEqual({ at: Date.UTC(2026, 1, 27, 12), day: "2026-02-27" });
  });

  it.each(["", "soon", "2026-13-01", "2026-02-30", "2026-1-1", "30", "-3d", "2026-01-31Tx"])("is not %j", (text) => {
    expect(momentFrom(text)).toBeUndefined();
  });
});
