/**
 * A second opinion on secrets, at commit and in CI: secretlint's recommended rules on what a change adds. Loaded only when it is asked,
 * and never for a hunk that streams.
 */
import { type FileChange, type Finding, type SecretSettings, findSecrets, isMadeUpSecret } from "@twolane/policy";

export interface OpinionWish {
  readonly files: readonly FileChange[];
  readonly secrets: SecretSettings;
}

/** Only what our own scanner does not find. */
export async function secondOpinion({ files, secrets }: OpinionWish): Promise<readonly Finding[]> {
  const asked = files.filter(({ hunks, after }) => hunks.length > 0 && after !== undefined);
  if (asked.length === 0) return [];
  const lint = await loadSecretlint();
  const found = await Promise.all(asked.map((file) => opinionOn(file, { lint, secrets })));
  return found.flat();
}

interface Opinion {
  readonly kind: string;
  readonly line: number;
  readonly start: number;
  readonly end: number;
}

type Lint = (path: string, text: string) => Promise<readonly Opinion[]>;

async function opinionOn(
  { path, before = "", after = "" }: FileChange,
  { lint, secrets }: { readonly lint: Lint; readonly secrets: SecretSettings },
): Promise<readonly Finding[]> {
  const opinions = await lint(path, after);
  const own = opinions.length === 0 ? [] : findSecrets(after);
  return opinions.flatMap(({ kind, line, start, end }) => {
    const value = after.slice(start, end);
    if (before.includes(value) || isMadeUpSecret(secrets, path, value)) return [];
    if (own.some((one) => one.start < end && one.end > start)) return [];
    const reason = `${path}, line ${line}, adds a secret (${kind}, by secretlint)`;
    const wayOut = "Read it from the environment or a secret store; the value stays out of the repository.";
    const verdict = { decision: secrets.edits, rule: "secrets", reason, wayOut, subject: `${path} ${kind} ${line}` };
    return [{ path, line, verdict }];
  });
}

async function loadSecretlint(): Promise<Lint> {
  const [{ lintSource }, { creator }] = await Promise.all([
    import("@secretlint/core"),
    import("@secretlint/secretlint-rule-preset-recommend"),
  ]);
  const config = { rules: [{ id: "@secretlint/secretlint-rule-preset-recommend", rule: creator }] };
  return async (path, text) => {
    const { messages } = await lintSource({
      source: { filePath: `/${path}`, content: text, contentType: "text" },
      options: { config, locale: "en", maskSecrets: true, noPhysicFilePath: true },
    });
    return messages.map(({ ruleId, range: [start, end], loc }) => ({
      kind: ruleId.replace(/^.*secretlint-rule-/, ""),
      line: loc.start.line,
      start,
      end,
    }));
  };
}
