/** What a checker of code says of a file, short enough for a screen and a model. */

export interface CodeProblem {
  /** From the workspace's root, `/` as separator. */
  readonly path: string;
  /** 1-based. */
  readonly line: number;
  /** As the checker names it, e.g. `TS2345`. */
  readonly code: string;
  /** One line. */
  readonly message: string;
}
