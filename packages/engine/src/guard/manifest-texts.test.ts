import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { diskFiles } from "../host/disk.ts";
import { namesIn } from "../host/user-files.ts";
import { ManifestTexts } from "./manifest-texts.ts";

describe("what rules may ask of the workspace", () => {
  it("has the manifests above a file, and knows what stands beside them", async () => {
    const root = mkdtempSync(path.join(tmpdir(), "twolane-manifests-"));
    mkdirSync(path.join(root, "app/billing"), { recursive: true });
    for (const name of ["pyproject.toml", "tsconfig.json", "app/helpers.py"]) writeFileSync(path.join(root, name), name);
    const texts = new ManifestTexts({ root, files: diskFiles, namesIn });
    await texts.look("app/a.py");
    expect([texts.text("pyproject.toml"), texts.text("tsconfig.json"), texts.text("app/helpers.py")]).toEqual([
      "pyproject.toml",
      "tsconfig.json",
      undefined,
    ]);
    const asked = ["app/helpers.py", "helpers.py", "app/billing/__init__.py", "app/numpy/__init__.py", "numpy/__init__.py"];
    expect(asked.filter((name) => texts.has(name))).toEqual(["app/helpers.py", "app/billing/__init__.py"]);
    rmSync(root, { recursive: true });
  });
});
