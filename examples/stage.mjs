/** What both examples stand on: a repository of one commit, a server that has begun, and lines for the person. */
import { execFileSync } from "node:child_process";

export function git(folder, ...args) {
  return execFileSync("git", ["-C", folder, ...args], { encoding: "utf8" });
}

export function commitAll(folder, subject) {
  git(folder, "init", "-q");
  git(folder, "add", "-A");
  git(folder, "-c", "user.name=Example", "-c", "user.email=example@example.org", "commit", "-qm", subject);
}

/** The first line that the simulated model's server writes names its address. */
export function addressOf(server) {
  return new Promise((resolve, reject) => {
    let text = "";
    server.stdout.on("data", (piece) => {
      text += piece;
      const address = /TWOLANE_SIM_URL=(\S+)/.exec(text)?.[1];
      if (address !== undefined) resolve(address);
    });
    server.on("exit", () => reject(new Error("The simulated model did not start; `npm ci` builds the command.")));
  });
}

export function say(...lines) {
  process.stdout.write(`${lines.join("\n")}\n`);
}
