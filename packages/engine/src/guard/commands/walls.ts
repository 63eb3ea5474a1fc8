/**
 * What one command can reach: the workspace without what the policy makes unreadable, `.git` and the policy read-only, nothing of where
 * secrets lie. Looked at anew for each command. Whether it may run is decided elsewhere.
 */
import path from "node:path";
import { type Result, fail, succeed } from "@twolane/protocol";
import { FolderIndex, type FolderView, otherNames } from "../../host/folder-index.ts";
import type { BoundPlace, Confinement } from "../../host/sandbox/confinement.ts";
import { gitPlaces, isLink } from "../../host/sandbox/git-places.ts";
import { privatePlaces, realPlace } from "../../host/sandbox/private-places.ts";

export interface WallsDeps {
  readonly root: string;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Our own: the state folder and the configuration. */
  readonly ownPlaces: readonly string[];
  /** Whether the policy lets nobody read a path of the workspace. */
  readonly isUnreadable: (path: string) => boolean;
  readonly bound?: readonly BoundPlace[];
}

export interface Wish {
  readonly cwd: string;
  /** Real paths. */
  readonly write: readonly string[];
  readonly network: boolean;
  readonly writable: boolean;
}

export interface Walls {
  readonly confinement: Confinement;
  readonly view: FolderView;
}

/** Each is a mount of its own. */
const hiddenLimit = 1000;
/** Nothing in it is written by a command, and it does not come into being by one. */
export const policyFolder = ".twolane";

export class WallBuilder {
  private readonly deps: WallsDeps;
  private readonly index: FolderIndex;

  constructor(deps: WallsDeps) {
    this.deps = deps;
    this.index = new FolderIndex({ root: deps.root, wanted: deps.isUnreadable });
  }

  look(): Promise<FolderView> {
    return this.index.look();
  }

  /** TOOL_FAILED where it could not be made sure that what is protected is. */
  async around({ cwd, write, network, writable }: Wish): Promise<Result<Walls>> {
    const { root, home, env, ownPlaces, bound = [] } = this.deps;
    const view = await this.index.look();
    const unreadable = [...view.wanted, ...(await otherNames({ root, files: view.wanted }))];
    if (unreadable.length > hiddenLimit)
      return fail("TOOL_FAILED", `${unreadable.length} paths of the workspace are unreadable.`, "Hide folders instead of files.");
    const { frozen, opened } = this.frozen(view, write);
    const link = frozen.find(isLink);
    if (writable && link !== undefined)
      return fail("TOOL_FAILED", `${path.relative(root, link)} is a link, which cannot be protected.`, "Put a folder there.");
    const hidden = [
      ...unreadable.flatMap((name) => realPlace(path.join(root, name))),
      ...privatePlaces({ home, env }),
      ...ownPlaces.flatMap(realPlace),
    ];
    const confinement = {
      root,
      cwd,
      network,
      writable,
      frozen,
      hidden,
      bound,
      write: [...write.filter((place) => place !== root), ...opened],
    };
    return succeed({ confinement, view });
  }

  /** Repositories, with the work trees of nested ones; of one that is granted only what names programs. */
  private frozen(
    { repositories }: FolderView,
    write: readonly string[],
  ): { readonly frozen: readonly string[]; readonly opened: readonly string[] } {
    const { root } = this.deps;
    const frozen = [path.join(root, policyFolder)];
    const opened: string[] = [];
    for (const name of new Set([".git", ...repositories])) {
      const mark = path.join(root, name);
      const around = path.dirname(mark);
      if (write.some((place) => place === mark)) {
        const { folders, deciding } = gitPlaces(mark);
        opened.push(...folders);
        frozen.push(...deciding);
      } else frozen.push(mark);
      // What changes in another repository cannot be found, so it does not change.
      if (around !== root && !write.some((place) => place === around || place === mark)) frozen.push(around);
    }
    return { frozen, opened };
  }
}
