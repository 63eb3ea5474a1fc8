/**
 * What a forge's API says of a pull or merge request → who approved this very commit, who is against it, and who wrote it. Each piece is
 * known by its shape: reviews, commits and the request itself of GitHub; approvals, versions and the request of GitLab; members of teams.
 * Pure. Whether those approvals are enough is decided elsewhere.
 */
import { type Result, fail, succeed } from "@twolane/protocol";

export interface ForgeReviews {
  /** Logins, in the order in which they approved. */
  readonly approvers: readonly string[];
  /** Logins of those who asked for changes last. */
  readonly against: readonly string[];
  /** Logins and addresses of whoever wrote or opened it. */
  readonly authors: readonly string[];
  /** Logins by `@org/team`. */
  readonly teams: ReadonlyMap<string, readonly string[]>;
  /** Approvals that do not count, one line each. */
  readonly notes: readonly string[];
}

interface Draft {
  approvers: string[];
  against: string[];
  authors: string[];
  teams: Map<string, readonly string[]>;
  notes: string[];
}

type Fields = Readonly<Record<string, unknown>>;

/** `texts`: files of JSON; `head`: the commit that is checked, in full. USAGE for what is none of these shapes. */
export function readForgeReviews(texts: readonly string[], head: string): Result<ForgeReviews> {
  const draft: Draft = { approvers: [], against: [], authors: [], teams: new Map(), notes: [] };
  const values: unknown[] = [];
  for (const text of texts) {
    try {
      values.push(JSON.parse(text));
    } catch {
      return fail(
        "USAGE",
        "A file of reviews is no JSON.",
        "Give what the forge's API answered; docs/check.md shows how to get it.",
      );
    }
  }
  const pushedAt = pushTimes(values).get(head);
  for (const value of values) {
    const known = Array.isArray(value)
      ? readList(value.flat(), head, draft)
      : isFields(value) && readOne(value, { head, pushedAt, draft });
    if (!known)
      return fail("USAGE", "A file of reviews has a form that is not known.", "docs/check.md says which answers are understood.");
  }
  return succeed(draft);
}

/** False: none of the lists that are understood. An empty one may be any of them. */
function readList(list: readonly unknown[], head: string, draft: Draft): boolean {
  const items = list.filter(isFields);
  if (items.length !== list.length) return false;
  if (items.every((item) => "head_commit_sha" in item)) return true;
  if (items.every((item) => "state" in item && "user" in item)) {
    readGithubReviews(items, head, draft);
    return true;
  }
  if (!items.every((item) => "sha" in item || "author_email" in item)) return false;
  draft.authors.push(...items.flatMap(commitAuthors));
  return true;
}

function readOne(
  value: Fields,
  { head, pushedAt, draft }: { head: string; pushedAt: number | undefined; draft: Draft },
): boolean {
  if (isFields(value["teams"])) {
    for (const [team, members] of Object.entries(value["teams"]))
      if (Array.isArray(members)) draft.teams.set(team.toLowerCase(), members.map(loginOf).filter(isSaid));
    return true;
  }
  if (Array.isArray(value["approved_by"])) {
    readGitlabApprovals(value["approved_by"].filter(isFields), pushedAt, draft);
    return true;
  }
  // The request itself: who opened it, and that it is this one.
  const opener = loginOf(value["user"] ?? value["author"]);
  const tip = isFields(value["head"]) ? value["head"]["sha"] : value["sha"];
  if (opener === undefined || typeof tip !== "string") return false;
  if (tip !== head) draft.notes.push(`The request's head is ${tip.slice(0, 9)}, not the commit that is checked.`);
  draft.authors.push(opener);
  return true;
}

const trusted = new Set(["OWNER", "MEMBER", "COLLABORATOR"]);

/** The last word of each counts; a comment is none. An approval of another commit is one of other bytes. */
function readGithubReviews(reviews: readonly Fields[], head: string, draft: Draft): void {
  const last = new Map<string, Fields>();
  const inOrder = reviews.toSorted((a, b) => textOf(a["submitted_at"]).localeCompare(textOf(b["submitted_at"])));
  for (const review of inOrder) {
    const login = loginOf(review["user"]);
    const isWord = ["APPROVED", "CHANGES_REQUESTED", "DISMISSED"].includes(textOf(review["state"]));
    if (login !== undefined && isWord) last.set(login, review);
  }
  for (const [login, review] of last) {
    const association = textOf(review["author_association"]);
    const isStranger = association !== "" && !trusted.has(association);
    if (isStranger) draft.notes.push(`The review of ${login} does not count: no member of this repository.`);
    else if (review["state"] === "CHANGES_REQUESTED") draft.against.push(login);
    else if (review["state"] === "APPROVED") {
      const commit = textOf(review["commit_id"]);
      if (commit === head) draft.approvers.push(login);
      else
        draft.notes.push(
          `The approval of ${login} was of ${commit.slice(0, 9) || "another commit"}; the change is another one since.`,
        );
    }
  }
}

/** GitLab does not say of which commit an approval was: it must be later than the push that brought this one. */
function readGitlabApprovals(approvals: readonly Fields[], pushedAt: number | undefined, draft: Draft): void {
  for (const approval of approvals) {
    const login = loginOf(approval["user"]);
    if (login === undefined) continue;
    const at = Date.parse(textOf(approval["approved_at"]));
    if (pushedAt !== undefined && at >= pushedAt) draft.approvers.push(login);
    else if (Number.isNaN(at) || pushedAt === undefined)
      draft.notes.push(`Nobody can tell which commit ${login} approved: approved_at and the request's versions are needed.`);
    else draft.notes.push(`The approval of ${login} is older than the change; it is another one since.`);
  }
}

/** When each head came, of GitLab's versions. The forge's own clock: dates of commits are their author's. */
function pushTimes(values: readonly unknown[]): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  for (const version of values.flat().filter(isFields)) {
    const [head, at] = [textOf(version["head_commit_sha"]), Date.parse(textOf(version["created_at"]))];
    if (head !== "" && !Number.isNaN(at)) times.set(head, Math.max(at, times.get(head) ?? at));
  }
  return times;
}

/** Of GitHub's list with logins, of GitLab's with addresses. */
function commitAuthors(item: Fields): string[] {
  const commit = isFields(item["commit"]) ? item["commit"] : {};
  const people = [item["author"], item["committer"]].map(loginOf);
  const emails = [commit["author"], commit["committer"]].map((one) => (isFields(one) ? textOf(one["email"]) : ""));
  return [...people, ...emails, textOf(item["author_email"])].filter(isSaid).filter((name) => name !== "");
}

function loginOf(value: unknown): string | undefined {
  if (typeof value === "string") return value === "" ? undefined : value;
  if (!isFields(value)) return undefined;
  const name = textOf(value["login"]) || textOf(value["username"]);
  return name === "" ? undefined : name;
}

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
const isSaid = (value: string | undefined): value is string => value !== undefined;
