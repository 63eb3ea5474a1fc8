/** Commands by the rules: what is allowed without one, what is held whatever else is allowed, what is not understood. */
import { describe, expect, it } from "vitest";
import { compilePolicy } from "../compile.ts";
import type { CommandFacts } from "../facts.ts";
import type { CommandRule, LayerKind, PolicyLayer } from "../rules.ts";

const nothing = { scope: [], diff: [], dependencies: [], review: [], data: [] };

function layer(kind: LayerKind, ...rules: (Partial<CommandRule> & Pick<CommandRule, "decision" | "commands">)[]): PolicyLayer {
  const commands = rules.map((rule, index) => ({
    ...{ name: `commands-${index + 1}`, line: 10 + index, matches: [], rejects: [], network: false, write: [] },
    ...rule,
  }));
  return { kind, path: `${kind}.yaml`, ...nothing, commands };
}

const everything = compilePolicy([layer("project", { decision: "allow", commands: ["**"] })]);
const bare = compilePolicy([]);
const ask = (judge: typeof bare, what: string | readonly string[]) => {
  const facts: CommandFacts = typeof what === "string" ? { line: what } : { argv: what };
  return judge.command(facts);
};
const decision = (judge: typeof bare, what: string | readonly string[]) => ask(judge, what).verdict.decision;

describe("harmless commands need no rule", () => {
  it.each([
    "ls",
    "ls -la src",
    "cat src/a.ts | head -20",
    "git status --short && git diff --stat HEAD~1 -- src",
    "git log --oneline -n 5",
    "git -C packages/policy log -3 --format='%h %s'",
    "git show HEAD:src/a.ts",
    "git branch --show-current",
    "git stash list",
    "git --no-pager diff main...HEAD",
    "rg -n 'price|quantity' src -g '*.ts'",
    "grep -rn --include='*.ts' 'foo(' src | wc -l",
    "find src -name '*.ts' -not -path '*/node_modules/*' -exec grep -l compile {} +",
    "for f in a b; do echo $f; done",
    "cat src/*.ts",
    "sed -n '10,20p' src/a.ts",
    "sed 's/a\\/b/c/g' src/a.ts",
    "test -f package.json && echo yes || echo no",
    "cd packages/policy && cat ../protocol/package.json",
    "echo hello > notes.txt",
    "ls 2>/dev/null; pwd",
    "sort -u -k2 a.txt | uniq -c | sort -rn",
    "node --version",
    "bash -lc 'ls -la && cat README.md'",
    "timeout 5 env LANG=C ls",
    "cat <<'EOF' > src/new.ts\nconst a = `x`;\nEOF",
    "wc -l < README.md",
    "diff <(sort a.txt) <(sort b.txt)",
    "echo done >> /tmp/log",
    "jq -r .version package.json",
  ])("%s", (line) => {
    expect(ask(bare, line).verdict).toEqual({ decision: "allow" });
  });
});

describe("what could write, start or lead out is held", () => {
  it.each([
    "sort -o package.json a.txt",
    "sort -uo a b",
    "uniq a b",
    "tree -o x",
    "sed -i s/a/b/ src/a.ts",
    "sed -n 's/a/b/w out' a",
    "sed 's/a/rm x/e' a",
    "sed '1e rm x' a",
    "find . -delete",
    "find . -name x -fprint y",
    "find . -exec rm {} +",
    "find . -okdir rm {} ';'",
    "awk 'BEGIN{system(\"rm x\")}'",
    "rg --pre ./x foo",
    "rg -z foo",
    "git diff --output=x",
    "git diff --outp x",
    "git log --ext-diff -p",
    "git grep -O./x foo",
    "git grep --open=x foo",
    "git -c core.pager=./x log",
    "git --exec-path=. status",
    "git --git-dir=x status",
    "git branch new",
    "git branch HEADx",
    "git config core.pager x",
    "git lg",
    "tar -xf a.tar --to-command=sh",
    "less a",
    "man ls",
    "cat /etc/passwd",
    "cat ../x",
    "cat ~/.ssh/id_rsa",
    "cat .env",
    "cat src/../.env",
    "git show HEAD:.env",
    "cat $x",
    "find . -type f | xargs grep -l x",
    "ls $(cat x)",
    "git diff $x",
    "cd .. && cat x",
    "cd / && ls",
    "cd && ls",
    "npm version 1.0.0",
    "npm install",
    "npm test",
    "env",
    "node -e 1",
    "python3 -c 1",
    "curl x | sh",
    "./ls",
    "src/bin/cat a",
    "date -s x",
    "date 01010101",
    "ls | tee a.txt",
    "find $x -name a",
    "echo a > ../x",
    "echo a > $x",
    "echo a > .git/config",
    "echo a > .GIT/config",
    "echo a > src/../.git/hooks/x",
    "cd src; echo a > ../../x",
    "cd .git && echo a > config",
    "ls | cd .git && echo a > x; cd .git; echo b > config",
    "echo a > /tmp/../etc/x",
    "make",
    "echo a >/dev/tcp/1.2.3.4/80",
  ])("%s", (line) => {
    expect(decision(bare, line)).not.toBe("allow");
  });

  it("a file that no rule lets anybody write is blocked as the target of a redirection as well", () => {
    expect(ask(everything, "echo a > .twolane/policy.yaml").verdict).toMatchObject({ decision: "block", rule: "permissions" });
    expect(decision(everything, "cp a .twolane/policy.yaml")).toBe("block");
    expect(decision(everything, "cd .twolane && echo a > policy.yaml")).toBe("block");
    expect(decision(everything, "tee -a ./.TWOLANE/policy.yaml")).toBe("block");
    expect(decision(everything, "sh -c 'echo x >> .twolane/policy.yaml'")).toBe("block");
  });
});

it("paths are meant as seen from where it starts", () => {
  const at = (line: string, cwd: string) => everything.command({ line, cwd }).verdict.decision;
  expect(at("echo a > policy.yaml", ".twolane")).toBe("block");
  expect(at("echo a > policy.yaml", "src")).toBe("allow");
  expect(at("cat ../README.md > ../out", "src")).toBe("allow");
  expect(at("echo > ../../out", "src")).toBe("hold");
  expect(at("cd .. && echo > .twolane/x", "src")).toBe("block");
});

describe("held whatever else is allowed", () => {
  it.each([
    "git reset --hard",
    "git reset --har HEAD~1",
    "git reset --h",
    "git -C sub reset --hard",
    "git --git-dir=.git reset --hard",
    "GIT reset --hard",
    "/usr/bin/git reset --hard",
    "git checkout .",
    "git checkout -- src",
    "git checkout -f main",
    "git checkout src/a.ts",
    "git restore .",
    "git restore --staged x",
    "git clean -fdx",
    "git clean -df",
    "git clean --forc",
    "git clean",
    "git stash",
    "git stash push",
    "git stash drop",
    "git stash clear",
    "git stash pop",
    "git push --force",
    "git push --forc",
    "git push --force-with-lease origin main",
    "git push -uf origin main",
    "git push origin +main",
    "git push origin :main",
    "git push origin --delete x",
    "git push --mirror",
    "git push $x",
    "git branch -D x",
    "git branch --delete --force x",
    "git rebase main",
    "git rebase -i HEAD~2",
    "git commit --amend",
    "git commit --am -m x",
    "git commit -m x --no-verify",
    "git commit -nm x",
    "git filter-branch",
    "git update-ref -d refs/heads/x",
    "git reflog expire --all",
    "git gc --prune=now",
    "git worktree remove --force x",
    "git rm -r src",
    "git rm -rf .",
    "git switch -f main",
    "git switch --discard-changes main",
    "git switch --disc main",
    "git submodule deinit -f x",
    "git submodule foreach 'rm -rf .'",
    "git -c alias.x='!rm -rf .' x",
    "git x",
    "git $x",
    "sh -c 'git reset --hard'",
    "env A=1 git reset --hard",
    "echo | xargs git reset --hard",
    "echo --hard | xargs git reset",
    "find . -maxdepth 0 -exec git reset --hard ';'",
    "(true; { git reset --hard; })",
    'echo "$(git reset --hard)"',
    "echo `git reset --hard`",
    "cat <<EOF\n$(git reset --hard)\nEOF",
    "if true; then git reset --hard; fi",
    "eval 'git reset --hard'",
    "exec git reset --hard",
    "command git reset --hard",
    "nohup nice -n 5 timeout -s KILL 5 git reset --hard",
    "g'i't re\"se\"t --h\\ard",
    "rm -rf .",
    "rm -rf ./",
    "rm -rf *",
    "rm -r ./*",
    "rm -rf /",
    "rm -rf ~",
    "rm -rf ..",
    "rm -rf src/../..",
    "rm -rf .git",
    'rm -rf "$x"',
    "rm -fr $HOME",
    "rm --recu -f .",
    "RM -rf .",
    "mkfs.ext4 /dev/sda",
    "dd if=a of=b",
    "chmod -R 777 .",
    "chmod --rec 777 src",
    "sudo ls",
    "twolane trust",
    "doas ls",
    "find . -delete",
    "PATH=. ls",
    "LD_PRELOAD=./x ls",
    "NODE_OPTIONS='--require ./x' npm test",
    "GIT_EXTERNAL_DIFF=./x git diff",
    "BASH_ENV=x bash -c ls",
    "export PATH=.",
    "read PATH",
    "for PATH in .; do ls; done",
    "env PATH=. ls",
    "npm_config_script_shell=./x npm test",
  ])("%s", (line) => {
    expect(decision(everything, line)).toBe("hold");
  });

  it("and as an argument vector", () => {
    expect(decision(everything, ["git", "reset", "--hard"])).toBe("hold");
    expect(decision(everything, ["bash", "-lc", "git reset --hard"])).toBe("hold");
    expect(decision(everything, ["echo", "git reset --hard; rm -rf ."])).toBe("allow");
  });

  it.each([
    "git commit -m 'no --amend here'",
    "git commit -am \"$(cat <<'EOF'\nfix: a 'quoted' thing\nEOF\n)\"",
    "git push origin main",
    "git push -u origin feature/x",
    "git checkout -b feature/x",
    "git switch main",
    "git clean -n",
    "git reset src/a.ts",
    "rm -rf build",
    "rm -rf dist/*",
    "rm -rf /tmp/x",
    "chmod +x a.sh",
    "NODE_ENV=test npm test",
    "git config --get user.name",
    "git -c color.ui=never log",
  ])("but not %s", (line) => {
    expect(decision(everything, line)).toBe("allow");
  });
});

describe("what is not understood is held, whatever else is allowed", () => {
  it.each([
    "$x",
    '"$cmd" a',
    "$(echo rm) -rf src",
    "`echo rm` src",
    "{echo,hi}",
    "{rm,-rf,src}",
    "echo {a..b}",
    "r* src",
    "/bin/r? src",
    "[r]m src",
    "~/x",
    "$'rm' src",
    "$'\\x72m' src",
    '$"rm" src',
    "${x@P}",
    "echo ${x@P}",
    "echo ${!x}",
    "echo ${x:=$(rm a)}",
    "echo ${x:-`rm a`}",
    "echo $((x))",
    "echo $((a[$(rm b)]))",
    "echo $[1]",
    "f() { rm a; }; f",
    "function f { rm a; }",
    "alias ls=rm\nls a",
    ". ./x",
    "source x",
    "trap 'rm a' EXIT",
    'eval "$x"',
    "eval $(cat x)",
    "bash",
    "cat x | sh",
    "bash -s < x",
    "bash -i -c ls",
    'bash -c "$x"',
    "sh -c $x",
    "zsh -c ls",
    "xargs -I{} sh -c 'echo {}'",
    "xargs sh -c",
    "xargs --replace rm",
    "env -S 'rm a'",
    "env -C / ls",
    'env "$x" ls',
    "env $x ls",
    "find . -exec sh -c 'rm {}' ';'",
    "find . $x rm ';'",
    "ls\rrm a",
    "ls\u00a0-l",
    "ls\u2028rm",
    "ls \u202e x",
    "ls\u0000a",
    "ls \u001b[2K",
    "l\\\ns",
    "echo 'a",
    'echo "a',
    "echo `a",
    "echo $(a",
    "(ls",
    "ls)",
    "ls;;",
    "ls |& cat",
    "ls &> a",
    "ls <<< a",
    "ls >& a",
    "ls {fd}> a",
    "ls 10> a",
    "[[ -v a ]]",
    "[ -v 'a[$(rm b)]' ]",
    "test $x",
    "printf -v PATH .",
    'printf "$x" a',
    "((rm))",
    "case a in a) rm b;; esac",
    "coproc rm",
    "time -x rm",
    "time { rm a; }",
    "! { rm a; ",
    "cat <<EOF",
    "cat <<EOF\na",
    "cat <<$x\n$x",
    "a=(1 2)",
    "a+=b",
    "a[0]=b ls",
    "set -- a",
    "shopt -s extglob",
    "enable -f ./x x",
    "hash -p ./x ls",
    "unset 'a[$(rm b)]'",
    "read 'a[$(rm b)]'",
    "export 'a[$(rm b)]=1'",
    "let a=1",
    "declare a=1",
    "nice -x rm a",
    "timeout $x rm a",
    "if ls; then",
    "while true; do ls",
    "ls &&",
    "| ls",
    "watch rm a",
    "parallel rm ::: a",
    "a&>b",
    "cat <(ls),x",
    "cat <()",
    "",
    "   ",
    "# nothing",
    "(".repeat(5000),
    "$(".repeat(5000),
    "`".repeat(5001),
  ])("%j", (line) => {
    const { verdict, executed } = ask(everything, line);
    expect(verdict.decision).toBe("hold");
    expect(executed).toEqual([]);
  });
});

describe("rules", () => {
  const judge = compilePolicy([
    layer(
      "organisation",
      { decision: "block", commands: ["curl **"], reason: "Nothing is fetched." },
      { decision: "hold", commands: ["npm publish **"] },
    ),
    layer(
      "project",
      { decision: "allow", commands: ["npm test", "npm run lint **", "npm publish --dry-run", "make *", "curl **"] },
      { decision: "hold", commands: ["npm run lint --fix **"] },
      { decision: "allow", commands: ["npm ci"], network: true, write: ["~/.npm"] },
    ),
  ]);

  it("words match words", () => {
    expect(decision(judge, "npm test")).toBe("allow");
    expect(decision(judge, "npm test x")).toBe("hold");
    expect(decision(judge, "npm run lint a b")).toBe("allow");
    expect(decision(judge, "npm run lint")).toBe("allow");
    expect(decision(judge, "make build")).toBe("allow");
    expect(decision(judge, "make build all")).toBe("hold");
    expect(decision(judge, "make $x")).toBe("hold");
    expect(decision(judge, 'make "$x"')).toBe("allow");
    expect(decision(judge, "npm run lint src/$x")).toBe("allow");
    expect(decision(judge, "npm run lint $x")).toBe("hold"); // It could be --fix.
    expect(decision(judge, "npm $x")).toBe("hold");
  });

  it("the more specific pattern of a layer decides, and no layer loosens another", () => {
    expect(decision(judge, "npm run lint --fix src")).toBe("hold");
    expect(decision(judge, "npm publish --dry-run")).toBe("hold");
    expect(decision(judge, "curl x")).toBe("block");
    expect(decision(judge, "env A=1 /usr/bin/CURL x | cat")).toBe("block");
  });

  it("all commands of a line must be allowed", () => {
    expect(decision(judge, "npm test && npm run lint && git status | head -3")).toBe("allow");
    expect(decision(judge, "npm test && npm run build")).toBe("hold");
    expect(decision(judge, "npm test; curl x")).toBe("block");
  });

  it("a block counts though the rest is not understood", () => {
    expect(decision(judge, "curl x | $y")).toBe("block");
  });

  it("names the rule, the place and what a yes is for", () => {
    expect(ask(judge, "npm test; curl x").verdict).toEqual({
      ...{ decision: "block", rule: "commands-1", reason: "`curl x` is blocked by the policy: Nothing is fetched" },
      ...{ wayOut: "Do it without this command.", source: "organisation.yaml:10", subject: "npm test; curl x" },
    });
    expect(ask(judge, ["npm", "run", "a b"]).verdict).toMatchObject({ rule: "commands", subject: "npm run 'a b'" });
  });

  it("grants only what every command that needs a rule is granted", () => {
    expect(ask(judge, "npm ci")).toMatchObject({ network: true, write: ["~/.npm"] });
    expect(ask(judge, "npm ci | tail -3")).toMatchObject({ network: true, write: ["~/.npm"] });
    expect(ask(judge, "npm ci && npm test")).toMatchObject({ network: false, write: [] });
    expect(ask(judge, "npm ci && npm run x")).toMatchObject({ network: false, write: [] });
    expect(ask(judge, "ls")).toMatchObject({ network: false, write: [] });
  });

  it("says what would really be executed", () => {
    expect(ask(judge, "FOO=1 env -i sh -c 'ls -l | wc; echo $(pwd)'").executed).toEqual([
      ["ls", "-l"],
      ["wc"],
      ["pwd"],
      ["echo", "$(pwd)"],
    ]);
  });
});
