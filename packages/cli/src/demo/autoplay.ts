/**
 * The demo where nobody sits at a terminal: does what a person would do, by commands alone, and prints what came of it. Each claim is looked
 * up on disk, each figure is taken from the events of this very run. What a commit is too short for is said, not claimed.
 */
import type { Session, TwolaneEvent } from "@twolane/protocol";
import { Scene } from "./scene.ts";
import { counted } from "../state/grouped.ts";

export interface AutoplayOptions {
  readonly session: Session;
  readonly folder: string;
  /** Files that the replay plays, in order. */
  readonly paths: readonly string[];
  /** How many hunks it plays. */
  readonly hunks: number;
  readonly print: (line: string) => void;
}

const typedLine = "a line of yours, typed while it wrote";

/** False when something was not as it must be. */
export async function autoplay(options: AutoplayOptions): Promise<boolean> {
  const play = new Play(options);
  await play.watchAndStop();
  await play.goOn();
  await play.reject();
  await play.undo();
  play.figures();
  return play.good;
}

class Play {
  good = true;
  private readonly options: AutoplayOptions;
  private readonly scene: Scene;
  /** All that is in the copy, before anything has landed. */
  private readonly before: string;
  /** The file that the steer keeps as it was; undefined where there is only one. */
  private readonly spared: string | undefined;
  private readonly sparedBefore: string | undefined;
  private typedInto: string | undefined;

  constructor(options: AutoplayOptions) {
    this.options = options;
    this.scene = new Scene(options);
    for (const name of options.paths) this.scene.remember(name);
    this.before = this.scene.fingerprint();
    this.spared = options.paths.length > 1 ? options.paths.at(-1) : undefined;
    this.sparedBefore = this.spared === undefined ? undefined : this.scene.read(this.spared);
  }

  /** The stop is sent in the middle of a hunk, as soon as one has landed. */
  async watchAndStop(): Promise<void> {
    const { scene } = this;
    this.title("1 · hunks land while the text still streams");
    const half = scene.first((event) => this.isMiddle(event) || event.type === "turn.ended");
    this.send({ type: "prompt", text: "start" });
    const cut = await half;
    const isCut = cut !== undefined && cut.type !== "turn.ended";
    if (isCut) this.send({ type: "stop" });
    const [first] = scene.landed;
    if (first !== undefined && isCut)
      this.claim(true, `the first hunk is on disk after ${ms(first.at - scene.time("turn.started"))}; the text was still coming`);
    else this.pass("this commit is too short: its first hunk ends with the text");

    this.title("2 · stop: what is finished stays, half a hunk leaves no trace");
    await this.options.session.idle();
    if (!isCut) return this.pass("the text was over before anybody could stop it");
    const isClean = this.options.paths.every((name) => scene.isAsLanded(name));
    const quiet = ms(scene.time("stop.finished") - scene.time("stop.requested"));
    this.claim(isClean, `quiet after ${quiet}; kept: ${counted(scene.kept(), "hunk")}; no file has a byte of the half one`);
  }

  /** A hunk is being written and another has landed. Of a file that comes into being nothing is told before it is whole. */
  private isMiddle({ type }: TwolaneEvent): boolean {
    const { landed, closed } = this.scene;
    const isLate = closed >= Math.ceil(this.options.hunks / 2);
    if (type === "hunk.streaming") return landed.length > 0 || isLate || this.options.hunks === 1;
    return type === "hunk.landed" && isLate && closed < this.options.hunks;
  }

  /** A line is typed when the next hunk lands, and the message follows at once. */
  async goOn(): Promise<void> {
    const { scene, options, spared } = this;
    const message = spared === undefined ? "use tabs" : `skip ${spared}`;
    this.title(`3 · go on; type into a file at the same moment, and steer: ${message}`);
    const landing = scene.first(({ type }) => type === "hunk.landed" || type === "turn.ended");
    if (scene.isCutOff) {
      this.send({ type: "continue" });
      await landing;
    }
    this.typedInto = scene.type(
      options.paths.filter((name) => name !== spared),
      typedLine,
    );
    this.send({ type: "steer", text: message });
    await options.session.idle();
    if (this.typedInto === undefined) this.pass("there is no file yet that one could type into");
    else this.claim(this.lineStands(), `what you typed into ${this.typedInto} is there, once`);
    const steered = scene.time("turn.steered");
    const heard = scene.time("step.requested", steered);
    const wasLate = spared !== undefined && scene.landed.some(({ path }) => path === spared);
    if (steered === 0 || heard === 0 || wasLate) return this.pass("this commit was over before the message");
    const isSpared = spared === undefined || scene.read(spared) === this.sparedBefore;
    const outcome = spared === undefined ? "it says that it is a replay, and goes on" : `${spared} is as it was`;
    this.claim(isSpared, `the message was heard after ${ms(heard - steered)}; ${outcome}`);
  }

  async reject(): Promise<void> {
    const { scene } = this;
    this.title("4 · reject one hunk");
    const victim = scene.landed.find(({ id, path }) => path !== this.typedInto && scene.isOnDisk(id)) ?? scene.landed[0];
    const mark = victim && scene.markOf(victim.id);
    if (victim === undefined || mark === undefined) return this.pass("no hunk of this commit brings a line that is only there");
    const at = performance.now();
    const rejected = scene.first((event) => event.type === "hunk.rejected" && event.hunk === victim.id);
    this.send({ type: "hunk.reject", hunks: [victim.id], reason: "for the demo" });
    const told = await rejected;
    await this.options.session.idle();
    const took = told === undefined ? "" : ` after ${ms(told.mono - at)}`;
    this.claim(
      told !== undefined && scene.read(victim.path)?.includes(mark) !== true,
      `${victim.id} is off the disk${took}: no line of it is in ${victim.path}`,
    );
  }

  async undo(): Promise<void> {
    const { scene, typedInto } = this;
    this.title("5 · undo everything");
    const hunks = scene.standing();
    const at = performance.now();
    this.send({ type: "hunk.undo", hunks });
    await this.options.session.idle();
    const took = ms(scene.latest("hunk.undone", at) - at);
    const stands = typedInto === undefined || this.lineStands();
    if (typedInto !== undefined) scene.erase(typedInto, typedLine);
    const after = scene.fingerprint();
    const yours = typedInto === undefined ? "" : "your line stayed; without it ";
    const back = hunks.length === 0 ? "nothing was left to take back" : `${counted(hunks.length, "hunk")} taken back in ${took}`;
    this.claim(stands && after === this.before, `${back}; ${yours}the copy is as before: ${after}`);
  }

  figures(): void {
    const { scene } = this;
    const { print } = this.options;
    const [first] = scene.landed;
    const row = (name: string, value: string, source: string): void =>
      print(`  ${name.padEnd(12)} ${value.padStart(8)}   ${source}`);
    print("");
    print("figures of this run, from the session's own events");
    row("landed", String(scene.landed.length), `hunk.landed; ${scene.failed} failed`);
    if (first !== undefined)
      row(
        "first hunk",
        ms(first.at - scene.time("turn.started")),
        "turn.started → hunk.landed; the time to first token in it is simulated",
      );
    if (scene.time("stop.finished") > 0)
      row("stop", ms(scene.time("stop.finished") - scene.time("stop.requested")), "stop.requested → stop.finished");
    const steered = scene.time("turn.steered");
    if (steered > 0 && scene.time("step.requested", steered) > 0)
      row("steer", ms(scene.time("step.requested", steered) - steered), "turn.steered → step.requested");
    print("");
  }

  private lineStands(): boolean {
    return this.typedInto !== undefined && this.scene.read(this.typedInto)?.split(typedLine).length === 2;
  }

  private send(command: Parameters<Session["send"]>[0]): void {
    this.options.session.send(command);
  }

  private title(text: string): void {
    this.options.print(text);
  }

  private claim(holds: boolean, text: string): void {
    this.good &&= holds;
    this.options.print(`  ${holds ? "✓" : "✗"} ${text}`);
  }

  private pass(text: string): void {
    this.options.print(`  – not shown: ${text}`);
  }
}
const ms = (duration: number): string => (duration < 10 ? `${duration.toFixed(1)} ms` : `${Math.round(duration)} ms`);
