/** One command at a time may change the workspace, and none looks at it meanwhile: so it is known whose a change is. No IO. */

export interface DiskTurns {
  /** Runs `work` when it may. */
  take<T>(changes: boolean, work: () => Promise<T>): Promise<T>;
}

export function createDiskTurns(): DiskTurns {
  /** Settles when nothing that came before runs any more. */
  let all: Promise<unknown> = Promise.resolve();
  /** Settles when nothing that changes runs any more. */
  let changing: Promise<unknown> = Promise.resolve();
  return {
    take(changes, work) {
      const done = (changes ? all : changing).then(work);
      const over = done.then(
        () => undefined,
        () => undefined,
      );
      all = Promise.all([all, over]);
      if (changes) changing = all;
      return done;
    },
  };
}
