/** cargo test: a crate's integration tests by file, its unit tests under the crate's root, its results from the text it prints. */
import type { FoundRunner, PackageFiles, RanTest, RunnerOutput } from "../evidence.ts";
import { shortFailure } from "../failure-text.ts";
import type { RunnerKind } from "./runner.ts";

const settings = /^(?:Cargo\.(?:toml|lock)|build\.rs|rust-toolchain(?:\.toml)?|\.cargo\/config(?:\.toml)?)$/;

export const cargoTest: RunnerKind = {
  name: "cargo test",
  find(files) {
    const manifest = files.text("Cargo.toml");
    return manifest !== undefined && /^\[package\]/m.test(manifest) ? found(files) : undefined;
  },
};

function found(files: PackageFiles): FoundRunner {
  return {
    name: "cargo test",
    isTest: (file) => /^tests\/[^/]+\.rs$|^tests\/[^/]+\/main\.rs$|^src\/(?:lib|main)\.rs$/.test(file),
    settings: files.paths.filter((file) => settings.test(file)),
    start(tests) {
      const targets = tests.flatMap((file) => {
        if (file === "src/lib.rs") return ["--lib"];
        if (file === "src/main.rs") return ["--bins"];
        return ["--test", file.replace(/^tests\//, "").replace(/(?:\/main)?\.rs$/, "")];
      });
      return {
        command: "cargo",
        args: ["test", "--no-fail-fast", "--color=never", ...targets],
        env: { CARGO_TERM_COLOR: "never" },
      };
    },
    parse,
    cure: "Install Rust's cargo.",
  };
}

/** Standard error names the targets, standard output has their results, both in the same order. */
function parse({ stdout, stderr, folder, tests }: RunnerOutput): readonly RanTest[] {
  const targets = [...stderr.matchAll(/^\s*Running (?:unittests )?(\S+) \(/gm)].map(([, file = ""]) => file);
  const sections = stdout.split(/^running \d+ tests?$/m).slice(1);
  const ran = sections.flatMap((section, at): RanTest[] => {
    const file = targets[at];
    if (file === undefined) return [];
    const results = [...section.matchAll(/^test (.+?) (?:- should panic )?\.\.\. (ok|FAILED|ignored)/gm)];
    const count = (word: string): number => results.filter(([, , said]) => said === word).length;
    const [, name, text] = /^---- (.+?) stdout ----\n([\s\S]*?)(?=\n---- |\nfailures:|\n\n\n|$(?![\s\S]))/m.exec(section) ?? [];
    const failure = name === undefined ? undefined : shortFailure({ name, text: text ?? "", folder, test: file });
    return [{ path: file, passed: count("ok"), failed: count("FAILED"), skipped: count("ignored"), ...(failure && { failure }) }];
  });
  if (ran.length > 0 || !/^error(?:\[|:)/m.test(stderr)) return ran;
  // It does not compile: then every test that was to run has failed.
  const text = stderr.slice(stderr.search(/^error(?:\[|:)/m));
  return tests.map((path, at) => ({
    ...{ path, passed: 0, failed: 1, skipped: 0 },
    ...(at === 0 && { failure: shortFailure({ name: "it does not compile", text, folder, test: path }) }),
  }));
}
