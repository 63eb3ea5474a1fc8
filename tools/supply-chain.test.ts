/**
 * What comes into the product from others, held against the lock file (governance: LiteLLM 1.82.7 and cline 2.3.0, whose packages were
 * replaced by stolen rights to publish): exact versions, a hash for each archive, and no script on installing. Nothing is asked of a network.
 */
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";

const root = path.join(import.meta.dirname, "..");

interface Manifest {
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}
interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
}

function readJson<T>(name: string): T {
  const parsed: T = JSON.parse(readFileSync(path.join(root, name), "utf8"));
  return parsed;
}

const manifests = [
  "package.json",
  "bench/package.json",
  "study/package.json",
  ...readdirSync(path.join(root, "packages")).map((name) => `packages/${name}/package.json`),
];
const locked = Object.entries(readJson<{ packages: Record<string, Locked> }>("package-lock.json").packages);
const archives = locked.filter(([name, { link }]) => name.includes("node_modules/") && link !== true);

it("versions are exact", () => {
  const loose = manifests.flatMap((name) => {
    const { dependencies, devDependencies } = readJson<Manifest>(name);
    return Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+[\w.-]*$|^npm:[@\w/.-]+@\d+\.\d+\.\d+$/.test(version),
    );
  });
  expect(loose).toEqual([]);
});

it("every archive has its hash", () => {
  expect(archives.length).toBeGreaterThan(50);
  expect(archives.filter(([, { integrity }]) => !/^sha512-[\w+/]{86}==$/.test(integrity ?? "")).map(([name]) => name)).toEqual(
    [],
  );
});

it("nothing that ships with the command runs a script when it is installed", () => {
  expect(
    archives.filter(([, { dev, hasInstallScript }]) => dev !== true && hasInstallScript === true).map(([name]) => name),
  ).toEqual([]);
});

it("no package of ours runs one either; only the repository builds itself", () => {
  const own = manifests
    .filter((name) => name !== "package.json")
    .map((name) => [name, Object.keys(readJson<Manifest>(name).scripts ?? {})] as const);
  expect(own.filter(([, scripts]) => scripts.some((script) => /install|prepare/.test(script)))).toEqual([]);
});
