#!/usr/bin/env node
// The file npm links as the command: committed, because npm links only what exists before the build.
// It runs dist/main.cjs, and the parts that are needed later, from V8's code cache, which saves compiling them at each start
// (docs/decisions/0001-bundle.md, 0011-parts.md). It knows nothing of the command itself.
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const vm = require("node:vm");

const dist = path.join(__dirname, "..", "dist");
// A cache is only good for one build of a part, one engine and one processor. It holds the functions that the runs until
// then have compiled, so each subcommand keeps its own and adds to it: the first three runs, which hardly use the same, then one a
// day, and one that lasted, which has used more and whose end nobody waits for.
const wordOfCommand = /^[a-z][a-z-]{0,19}$/;
const freshMs = 24 * 3600 * 1000;
const longRunS = 30;
const firstRuns = 3;
const filesKept = 48;

/** The first line of every part that belongs to this build. */
let build;
/** Of parts that are not run yet, but read already. */
const texts = new Map();

// The session's screen is there before anything else is loaded; all other commands draw nothing of their own.
if (opensScreen(process.argv[2])) {
  drawPrompt();
  start(setImmediate);
} else start((next) => next());

/** `twolane` alone, or with options that do not keep it from the terminal. */
function opensScreen(word) {
  const screen = word === undefined || (word.startsWith("-") && !/^(--?h|--help|-V|--version)$/.test(word));
  if (!screen || process.argv.includes("--plain") || process.env.TERM === "dumb") return false;
  const { isatty } = require("node:tty");
  return isatty(0) && isatty(1);
}

/** Takes what is typed from the first moment on and shows it; `screen/first-frame.ts` goes on with both. */
function drawPrompt() {
  const { stdin } = process;
  const typed = [];
  // Columns that are shown at the most: all of it stays on the prompt's line.
  let room = 60;
  // Before the prompt: else the terminal would echo by itself what is typed behind it, and make a line feed of Enter.
  stdin.setRawMode(true);
  fs.writeSync(1, "\r\u203a ");
  const listen = (bytes) => {
    typed.push(bytes);
    if (bytes.includes(3)) process.exit(130);
    room -= columns(bytes.toString());
    if (room > 0) fs.writeSync(1, bytes);
  };
  stdin.on("data", listen);
  process[Symbol.for("twolane.first-frame")] = {
    take() {
      stdin.off("data", listen);
      return typed;
    },
  };
}

/** At most; endless for all but letters and signs, which alone cannot move the cursor: it and what follows shows when the screen is loaded. */
function columns(text) {
  if (/^[ -~]+$/.test(text)) return text.length;
  return /^[\p{L}\p{N}\p{P}\p{S} ]+$/u.test(text) && !text.includes("\ufffd") ? 2 * text.length : Infinity;
}

/** `step`: runs what comes next, at once or after a look at the keyboard. */
function start(step) {
  step(() => {
    const main = readPart("main");
    step(() => {
      const script = compile(main);
      step(() => {
        // It requires packages only, and they resolve from here as they do from there.
        script.runInThisContext()(require, partFile("main"), dist, (name) => compile(readPart(name)).runInThisContext());
        setTimeout(keepParts, 1000).unref();
      });
    });
  });
}

function partFile(name) {
  return path.join(dist, `${name}.cjs`);
}

/** Its text and its cache, where there is one. */
function readPart(name) {
  try {
    const bytes = texts.has(name) ? undefined : readAll(fs.openSync(partFile(name), "r"));
    // Parts are ASCII: as latin1 they are neither decoded nor widened.
    const text = texts.get(name) ?? bytes.latin1Slice();
    build ??= firstLine(text);
    if (firstLine(text) !== build) return leave("Another version was installed while this one ran. Start it again.");
    const cache = cacheFile(name);
    return { name, text, cache, kept: cache && readOwn(cache.file, bytes) };
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    return leave("The command is not built yet. Run `npm run build`.");
  }
}

function leave(reason) {
  process.stderr.write(`twolane: ${reason}\n`);
  process.exit(1);
}

/** Who installs another version does not end the sessions that are open. */
function keepParts() {
  for (const name of build
    .split(" ")
    .slice(1)
    .filter((each) => each !== "main")) {
    fs.readFile(partFile(name), "latin1", (error, text) => {
      if (!error && firstLine(text) === build) texts.set(name, text);
    });
  }
}

/** The build writes its hash there, and the names of its parts. */
function firstLine(text) {
  return text.slice(2, text.indexOf("\n"));
}

function compile({ name, text, cache, kept }) {
  const script = new vm.Script(text, { filename: partFile(name), cachedData: kept?.bytes });
  const runs = kept && !script.cachedDataRejected ? kept.runs : 0;
  const isGood = runs >= firstRuns && kept.fresh;
  if (cache) {
    // At exit the functions that this command needs are compiled; a cache made now would hold hardly any. A run that failed,
    // or a mistyped command, has not seen them all.
    process.on("exit", (status) => {
      if (status === 0 && (!isGood || process.uptime() > longRunS)) write(cache, script, runs + 1);
    });
  }
  return script;
}

/** Into `room` where there is enough of it: memory that was in use already costs no more, new memory as much as the reading. */
function readAll(handle, room = Buffer.alloc(0)) {
  try {
    const { size } = fs.fstatSync(handle);
    const bytes = size <= room.length ? room.subarray(0, size) : Buffer.allocUnsafeSlow(size);
    fs.readSync(handle, bytes, 0, size, 0);
    return bytes;
  } finally {
    fs.closeSync(handle);
  }
}

/** Where the cache of this run is kept; nothing when this machine names no place for caches. */
function cacheFile(part) {
  const { XDG_CACHE_HOME, HOME, LOCALAPPDATA } = process.env;
  const base = XDG_CACHE_HOME || (process.platform === "win32" ? LOCALAPPDATA : HOME && path.join(HOME, ".cache"));
  if (!base || !path.isAbsolute(base)) return undefined;
  const word = wordOfCommand.test(process.argv[2] ?? "") ? process.argv[2] : "none";
  const folder = path.join(base, "twolane", "code");
  const name = [build.split(" ")[0], part, process.version, process.arch, word].join("-");
  return { folder, file: path.join(folder, name) };
}

/** A code cache is code: one that somebody else could have written is not run. */
function readOwn(file, room) {
  try {
    const handle = fs.openSync(file, "r");
    const { uid, mode, mtimeMs } = fs.fstatSync(handle);
    if (process.getuid && (uid !== process.getuid() || (mode & 0o022) !== 0)) return void fs.closeSync(handle);
    const bytes = readAll(handle, room);
    // Behind the cache: how many runs it is made of.
    return { bytes: bytes.subarray(0, -1), runs: bytes.at(-1), fresh: Date.now() - mtimeMs < freshMs };
  } catch {
    return undefined;
  }
}

/** Best effort: a read-only or full disk costs speed, never the command. */
function write({ folder, file }, script, runs) {
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    replace(file, Buffer.concat([script.createCachedData(), Buffer.of(Math.min(runs, 255))]));
    dropOldest(folder);
  } catch {
    // The next run compiles again.
  }
}

/** As a whole or not at all, and synced: V8 crashes on a cache whose bytes a power cut has taken. */
function replace(file, bytes) {
  const temporary = `${file}.${process.pid}`;
  try {
    fs.writeFileSync(temporary, bytes, { mode: 0o600, flag: "wx", flush: true });
    fs.renameSync(temporary, file);
  } finally {
    fs.rmSync(temporary, { force: true });
  }
}

/** Several builds and engines may be in use side by side; what was written longest ago goes. */
function dropOldest(folder) {
  const files = fs.readdirSync(folder).map((name) => path.join(folder, name));
  const age = new Map(files.map((file) => [file, fs.statSync(file).mtimeMs]));
  for (const file of files.sort((a, b) => age.get(b) - age.get(a)).slice(filesKept)) fs.rmSync(file, { force: true });
}
