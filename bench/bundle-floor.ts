/** Bundles a floor program as our command is, so that it is not slower for want of it. */
import { join } from "node:path";
import { build } from "esbuild";

/** The answer is the program's path. */
export async function bundleFloor(repository: string, { name, into }: { name: string; into: string }): Promise<string> {
  const outfile = join(into, `${name}.cjs`);
  await build({
    entryPoints: [join(repository, `bench/floor/${name}.mjs`)],
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    external: ["bufferutil", "utf-8-validate"],
  });
  return outfile;
}
