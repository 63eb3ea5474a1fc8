/**
 * Tools that come to a model from elsewhere while the session runs. They change between turns only, behind the model's own: what stands in
 * front of a conversation is what the provider's cache goes by.
 */
import type { Tool } from "./tools.ts";

export class ToolShelf {
  /** Of the model that answers now; changed in its place, because the loop holds it. */
  private list: Tool[] = [];
  private own = 0;
  private taken = false;
  private on: readonly Tool[] = [];
  private next: readonly Tool[] | undefined;
  private readonly around: (tool: Tool) => Tool;

  /** `around`: what is put around each tool, its own as well. */
  constructor(around: (tool: Tool) => Tool = (tool) => tool) {
    this.around = around;
  }

  /** The model takes tools. */
  get isWanted(): boolean {
    return this.taken;
  }

  /** The tools of another model, with what is on the shelf. */
  join(own: readonly Tool[]): readonly Tool[] {
    this.taken = true;
    this.own = own.length;
    this.list = [...own.map(this.around), ...this.on];
    return this.list;
  }

  /** For a model that takes none. */
  leave(): readonly Tool[] {
    this.taken = false;
    this.list = [];
    return this.list;
  }

  offer(tools: readonly Tool[]): void {
    this.next = tools;
  }

  /** Nothing of a turn has been asked yet. */
  turn(): void {
    if (this.next === undefined) return;
    this.on = this.next.map(this.around);
    this.next = undefined;
    if (this.taken) this.list.splice(this.own, this.list.length, ...this.on);
  }
}
