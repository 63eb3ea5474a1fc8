/** What a command must not reach, however it tries. With the real sandbox, and a home, a workspace and services that hold something. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type CommandPlace, type PlaceWishes, commandPlace, hasSandbox } from "./command-place.ts";

const canary = "canary-7d1f";
const places: CommandPlace[] = [];

function open(wishes: PlaceWishes = {}): CommandPlace {
  const place = commandPlace({ isUnreadable: (name) => /(^|\/)\.env$|^secrets(\/|$)|^config\/key$/.test(name), ...wishes });
  places.push(place);
  const put = (file: string, text = canary): void => {
    mkdirSync(dirname(join(place.base, file)), { recursive: true });
    writeFileSync(join(place.base, file), text);
  };
  for (const file of [".ssh/id_rsa", ".aws/credentials", ".gnupg/key", ".config/gh/hosts.yml", ".netrc", ".docker/config.json"])
    put(`home/${file}`);
  put("home/.npmrc", `//example.org/:_authToken=${canary}`);
  put("home/.config/twolane/config.json");
  put("state/twolane/journal");
  put("home/plain", "plain");
  return place;
}

function repository(root: string): void {
  execFileSync("git", ["init", "-q", root]);
  execFileSync("git", ["-C", root, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "first"]);
}

afterEach(() => {
  for (const place of places.splice(0)) place.remove();
});

describe.skipIf(!hasSandbox)("a sandboxed command reads", () => {
  it("nothing of where secrets lie in the home folder, nor of twolane's own", async () => {
    const place = open();
    const said = await place.output(
      `cd ${place.base}; grep -rs ${canary} home state; cat home/plain; ls -A home/.ssh state/twolane`,
    );
    expect(said).not.toContain(canary);
    expect(said).toContain("plain");
  });

  it("no unreadable file of the workspace, by no name and after no move", async () => {
    const place = open();
    const at = (name: string): string => join(place.root, name);
    for (const folder of ["secrets/deep", "config", "sub"]) mkdirSync(at(folder), { recursive: true });
    for (const file of [".env", "secrets/a", "secrets/deep/b", "config/key", "sub/.env"]) writeFileSync(at(file), canary);
    linkSync(at(".env"), at("innocent.txt"));
    symlinkSync(at("secrets/a"), at("link"));
    writeFileSync(join(place.base, "outside"), canary);
    symlinkSync(join(place.base, "outside"), at("config/.env"));
    const tries = [
      "cat .env secrets/a secrets/deep/b config/key sub/.env innocent.txt link config/.env",
      "cat ./sub/../.env /proc/self/root$PWD/.env /proc/1/root$PWD/.env /proc/self/cwd/.env",
      `cat ${place.base}/outside`,
      "ln .env copy; cp .env copy2; cat copy copy2",
      "mv .env other; mv config cfg; mv sub sub2; mv secrets s2; cat other cfg/key sub2/.env s2/a",
      "rm -rf config; rm -f .env; umount .env; umount $PWD/secrets; cat .env secrets/a",
      "unshare -Urm sh -c 'umount -a; cat .env'; nsenter -t 1 -m cat .env",
      "mount --bind . /mnt; mknod x b 8 0; chroot / cat .env",
      "exec 3<.env; cat <&3; od -c .env; tar cf - . | grep -a canary; git hash-object -w .env; grep -r canary .",
    ];
    for (const line of tries) expect(await place.output(line), line).not.toContain(canary);
    expect(await place.output(`grep -rs ${canary} . ; ls`)).not.toContain(canary);
    expect(readFileSync(at("config/key"), "utf8") + readFileSync(at(".env"), "utf8")).toBe(canary + canary);
  });

  it("no environment variable that looks like a secret, and no way to an agent", async () => {
    const env = {
      ...{ OPENAI_API_KEY: canary, MY_TOKEN: canary, DB_PASSWORD: canary, DATABASE_URL: `postgres://u:${canary}@h/d` },
      ...{ HARMLESS: "plain", LINK: `https://user:${canary}@example.org`, SSH_AUTH_SOCK: `/x/${canary}`, DOCKER_HOST: canary },
      ...{ GREETING: "ghp_0123456789abcdefghijABCDEFGHIJ", BASH_ENV: canary, TWOLANE_X: canary, LD_PRELOAD: `/${canary}` },
    };
    const said = await open({ env }).output("env; cat /proc/1/environ /proc/self/environ | tr '\\0' '\\n'");
    expect(said).toContain("HARMLESS=plain");
    expect(said).not.toContain(canary);
    expect(said).not.toContain("ghp_");
  });

  it("no process and no service of the machine", async () => {
    const place = open();
    const socket = join(place.base, "service.sock");
    const server = createServer((peer) => peer.end(canary)).listen(socket);
    const tcp = createServer((peer) => peer.end(canary)).listen(0, "127.0.0.1");
    await new Promise((resolve) => tcp.once("listening", resolve));
    const address = tcp.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const ask = (to: string): string =>
      `node -e "require('net').connect(${to}).on('data',d=>console.log(String(d))).on('error',e=>console.log(e.code))"`;
    try {
      expect(await place.output(ask(`'${socket}'`))).not.toContain(canary);
      expect(await place.output(ask(`${port},'127.0.0.1'`))).not.toContain(canary);
      const [, , own = ""] = place.base.split("/");
      expect(await place.output("ls /run/ /dev/shm/ /tmp/")).toBe(`/dev/shm/:\n\n/run/:\n\n/tmp/:\n${own}\n`);
      expect((await place.output("ls -d /proc/[0-9]*")).trim().split("\n").length).toBeLessThan(6);
      expect(await place.output(`cat /proc/${process.pid}/environ`)).toContain("No such file");
    } finally {
      server.close();
      tcp.close();
    }
  });
});

describe.skipIf(!hasSandbox)("a sandboxed command writes", () => {
  it("nothing outside the workspace", async () => {
    const place = open();
    symlinkSync(place.home, join(place.root, "out"));
    const targets = [`${place.base}/x`, `${place.home}/x`, "/etc/x", "/usr/x", "out/x", "../x", `/proc/self/root${place.home}/x`];
    for (const target of targets) await place.output(`echo y > ${target}; mkdir ${target}.d; cp /bin/true ${target}.c`);
    expect(readdirSync(place.base).toSorted()).toEqual(["home", "state", "ws"]);
    expect(readdirSync(place.home)).not.toContain("x");
    expect(existsSync("/etc/x")).toBe(false);
    // What looks like the machine's place for temporary files is its own.
    await place.output("echo y > /tmp/twolane-escape; echo y > /var/tmp/twolane-escape");
    expect(existsSync("/tmp/twolane-escape") || existsSync("/var/tmp/twolane-escape")).toBe(false);
  });

  it("no hard link to what lies outside, nor into a file of which one lies in the workspace and is protected", async () => {
    const place = open();
    repository(place.root);
    await place.output(`ln ${place.home}/plain linked; ln .git/config linked2; echo evil >> linked2; echo evil >> linked`);
    expect(readFileSync(join(place.home, "plain"), "utf8")).toBe("plain");
    expect(readFileSync(join(place.root, ".git/config"), "utf8")).not.toContain("evil");
  });

  it("neither .git nor the policy, be they there or not", async () => {
    const place = open();
    const evil = [
      "mkdir -p .git/hooks .twolane; echo evil > .git/hooks/pre-commit; echo evil > .git/config; echo evil > .twolane/policy.yaml",
      "git init -q .; git config core.fsmonitor evil; git config core.hooksPath /evil",
      "mv .git gone; mv .twolane gone2; rm -rf .git .twolane; ln -s /tmp .git; ln -s /tmp .twolane",
      "mkdir x; mv x .twolane; printf 'gitdir: /tmp/evil' > .git; mv -T x .git",
    ];
    for (const line of evil) await place.output(line);
    expect(readdirSync(place.root).filter((name) => name.startsWith("."))).toEqual([]);
    repository(place.root);
    mkdirSync(join(place.root, ".twolane"));
    writeFileSync(join(place.root, ".twolane/policy.yaml"), "version: 1\n");
    const config = readFileSync(join(place.root, ".git/config"), "utf8");
    const hooks = readdirSync(join(place.root, ".git/hooks"));
    for (const line of evil) await place.output(line);
    expect(readFileSync(join(place.root, ".git/config"), "utf8")).toBe(config);
    expect(readdirSync(join(place.root, ".git/hooks"))).toEqual(hooks);
    expect(readFileSync(join(place.root, ".twolane/policy.yaml"), "utf8")).toBe("version: 1\n");
    expect(await place.output("git status --short; git log --oneline")).toContain("first");
  });

  it("refs and index only when that is granted by name, and never what git starts", async () => {
    const place = open();
    repository(place.root);
    writeFileSync(join(place.root, "a.txt"), "a");
    const commit = "git add a.txt && git -c user.name=a -c user.email=a@b commit -qm second && echo done";
    expect(await place.output(commit)).not.toContain("done");
    expect(await place.output(commit, { write: [".git"] })).toContain("done");
    expect(execFileSync("git", ["-C", place.root, "log", "--oneline"], { encoding: "utf8" })).toContain("second");
    const config = readFileSync(join(place.root, ".git/config"), "utf8");
    rmSync(join(place.root, ".git/hooks"), { recursive: true });
    await place.output("git config core.pager evil; mkdir -p .git/hooks; echo evil > .git/hooks/pre-commit", { write: [".git"] });
    expect(readFileSync(join(place.root, ".git/config"), "utf8")).toBe(config);
    expect(existsSync(join(place.root, ".git/hooks"))).toBe(false);
  });

  it("nothing of a worktree's repository, whose .git is a file, and all of it when that is granted", async () => {
    const place = open();
    const main = join(place.base, "main");
    repository(main);
    rmSync(place.root, { recursive: true });
    execFileSync("git", ["-C", main, "worktree", "add", "-q", "-b", "side", place.root]);
    const commit = "git -c user.name=a -c user.email=a@b commit -q --allow-empty -m second && echo done";
    expect(await place.output(`${commit}; echo evil > .git; mv .git x; rm .git`)).not.toContain("done");
    expect(readFileSync(join(place.root, ".git"), "utf8")).toContain("gitdir:");
    expect(await place.output(commit, { write: [".git"] })).toContain("done");
    const config = readFileSync(join(main, ".git/config"), "utf8");
    await place.output(`git config core.pager evil; echo evil > ${main}/.git/hooks/pre-commit`, { write: [".git"] });
    expect(readFileSync(join(main, ".git/config"), "utf8")).toBe(config);
    expect(existsSync(join(main, ".git/hooks/pre-commit"))).toBe(false);
  });

  it("nothing in another repository inside the workspace", async () => {
    const place = open();
    repository(join(place.root, "inner"));
    await place.output("echo x > inner/x; echo evil >> inner/.git/config; mv inner moved; rm -rf inner");
    expect(readdirSync(join(place.root, "inner"))).toEqual([".git"]);
    expect(readFileSync(join(place.root, "inner/.git/config"), "utf8")).not.toContain("evil");
    await place.output("echo x > inner/x; echo evil >> inner/.git/config", { write: ["inner"] });
    expect(readdirSync(join(place.root, "inner")).toSorted()).toEqual([".git", "x"]);
    expect(readFileSync(join(place.root, "inner/.git/config"), "utf8")).not.toContain("evil");
  });

  it("where a person has granted it, and not where that is too wide or ours", async () => {
    const place = open();
    mkdirSync(join(place.home, ".npm"));
    await place.output(`echo y > ${place.home}/.npm/x`, { write: ["~/.npm"] });
    expect(readFileSync(join(place.home, ".npm/x"), "utf8")).toBe("y\n");
    for (const named of [
      "/",
      "~",
      "..",
      place.base,
      "~/.config/twolane",
      "~/.config",
      "../state",
      ".twolane",
      "~/.ssh",
      "~/.netrc",
    ])
      expect((await place.run("true", { write: [named] })).kind, named).toBe("impossible");
    // A place of secrets stays hidden whatever is granted around it.
    expect(await place.output(`cat ${place.home}/.config/gh/hosts.yml`, { write: ["~/.npm"] })).not.toContain(canary);
  });

  it("nothing at all where it only reads", async () => {
    const place = open();
    expect(await place.output(["cat", "missing"])).toContain("No such file");
    const said = await place.output(["find", ".", "-maxdepth", "0", "-fprint0", "x"]);
    expect(said).toBe("");
    const reads = commandPlace();
    places.push(reads);
    writeFileSync(join(reads.root, "a"), "a");
    expect(await reads.output(["ls"])).toBe("a\n");
  });
});

describe.skipIf(!hasSandbox)("the sandbox holds", () => {
  it("while a folder on the way is swapped for a link, again and again", async () => {
    const place = open();
    mkdirSync(join(place.root, "config"));
    writeFileSync(join(place.root, "config/key"), canary);
    const swap = place.run(
      "for i in $(seq 300); do mv config c2 2>/dev/null && ln -s /etc config && rm config && mv c2 config; done",
      {},
    );
    const reads = Array.from({ length: 4 }, () => place.output(["cat", "config/key", "c2/key"]));
    for (const said of await Promise.all(reads)) expect(said).not.toContain(canary);
    await swap;
    expect(readFileSync(join(place.root, "config/key"), "utf8")).toBe(canary);
  });

  it("where the workspace is the home folder, or lies in a place that is emptied or hidden", async () => {
    for (const root of ["home", "state/twolane/inner", "home/.config/deep"]) {
      const place = open({ root });
      writeFileSync(join(place.root, "own.txt"), "own");
      const said = await place.output(`cat own.txt; echo new > new.txt; grep -rs ${canary} ${place.base}; ls -A`);
      expect(said, root).toContain("own");
      expect(said, root).not.toContain(canary);
      expect(readFileSync(join(place.root, "new.txt"), "utf8")).toBe("new\n");
    }
    const disk = commandPlace({ root: "../../../../../../../../.." });
    expect((await disk.run("true")).kind).toBe("impossible");
    rmSync(disk.base, { recursive: true });
  });

  it("where .git or the policy's folder is a link: then nothing that can write runs", async () => {
    const place = open();
    mkdirSync(join(place.base, "elsewhere"));
    symlinkSync(join(place.base, "elsewhere"), join(place.root, ".twolane"));
    expect((await place.run("touch x")).kind).toBe("impossible");
    expect(await place.output(["ls", "-A"])).toContain(".twolane");
  });

  it("keeps what somebody puts where it had only a place to stand, and takes its own away", async () => {
    const place = open();
    const running = place.run("while [ ! -e go ]; do sleep 0.02; done; sleep 0.1");
    while (!existsSync(join(place.root, ".twolane"))) await new Promise((resolve) => setTimeout(resolve, 5));
    writeFileSync(join(place.root, ".twolane/policy.yaml"), "version: 1\n");
    writeFileSync(join(place.root, "go"), "");
    await running;
    expect(readFileSync(join(place.root, ".twolane/policy.yaml"), "utf8")).toBe("version: 1\n");
    expect(existsSync(join(place.root, ".git"))).toBe(false);
  });

  it("on a folder that may not be written, and with one that may not be read", async () => {
    const place = open();
    mkdirSync(join(place.root, "locked"));
    chmodSync(join(place.root, "locked"), 0o000);
    expect((await place.run("echo ok; ls locked")).kind).toBe("ended");
    chmodSync(join(place.root, "locked"), 0o755);
    expect(statSync(join(place.root, "locked")).isDirectory()).toBe(true);
    renameSync(join(place.root, "locked"), join(place.root, "open"));
  });
});
