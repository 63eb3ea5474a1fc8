// The least of a look at a work tree: git's list of its files, and a question to the disk for each. Prints the milliseconds of the last look.
// Arguments: how many looks; `bytes`: each file is read as well.
const { spawn } = require("node:child_process");
const { readFileSync, statSync } = require("node:fs");

const [looks = "1", bytes] = process.argv.slice(2);

function list() {
  return new Promise((resolve) => {
    const git = spawn("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    let said = "";
    git.stdout.on("data", (piece) => (said += piece));
    git.on("close", () => resolve(said.split("\0").filter((name) => name !== "")));
  });
}

async function look() {
  const began = performance.now();
  for (const file of await list()) {
    statSync(file, { throwIfNoEntry: false });
    if (bytes !== undefined) readFileSync(file, "utf8");
  }
  return performance.now() - began;
}

void (async () => {
  let ms = 0;
  for (let at = 0; at < Number(looks); at++) ms = await look();
  console.log(ms);
})();
