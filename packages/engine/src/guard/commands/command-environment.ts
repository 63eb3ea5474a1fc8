/** The environment of a command: ours without what looks like a secret, and without the ways to services of the machine. Pure. */

type Environment = Readonly<Record<string, string | undefined>>;

/** By name: keys, tokens, passwords; agents, displays and buses; what makes other programs load code. */
const secretName = /(?:key|token|secret|passw|passphrase|credential|auth|cookie|session_?id|private|signature|dsn|webhook)/i;
const secretWord = /(?:^|_)(?:pat|pwd|pw|cert|jwt|sid|conn|connection_string|database_url|redis_url|mongo_url|headers)(?:_|$)/i;
const services = new Set([
  ...["SSH_AUTH_SOCK", "SSH_AGENT_PID", "SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY", "GPG_AGENT_INFO", "GPG_TTY", "GNUPGHOME"],
  ...[
    "DBUS_SESSION_BUS_ADDRESS",
    "DBUS_SYSTEM_BUS_ADDRESS",
    "DOCKER_HOST",
    "DOCKER_CONFIG",
    "DOCKER_CERT_PATH",
    "CONTAINER_HOST",
  ],
  ...[
    "KUBECONFIG",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "XDG_RUNTIME_DIR",
    "TMUX",
    "STY",
    "TERM_PROGRAM",
    "NOTIFY_SOCKET",
  ],
  ...["VSCODE_IPC_HOOK_CLI", "VSCODE_GIT_IPC_HANDLE", "GIT_ASKPASS", "SSH_ASKPASS", "SUDO_ASKPASS", "KRB5CCNAME", "BROWSER"],
  ...["GOOGLE_APPLICATION_CREDENTIALS", "AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE", "AWS_PROFILE", "PGPASSFILE"],
  // A shell or an interpreter would run what these name.
  ...["BASH_ENV", "ENV", "PROMPT_COMMAND", "LD_PRELOAD", "LD_AUDIT", "PYTHONSTARTUP", "NODE_EXTRA_CA_CERTS", "NODE_V8_COVERAGE"],
  ...["GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES"],
  ...["GIT_NAMESPACE", "GIT_PREFIX", "GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT"],
]);
const prefixes = /^(?:TWOLANE_|BASH_FUNC_|GIT_CONFIG_(?:KEY|VALUE)_|npm_config__)/;

/** By value: a login in an address, and what begins as keys do. */
const secretValue =
  /:\/\/[^/\s:@]*:[^/\s@]+@|-----BEGIN [A-Z ]*PRIVATE KEY|\b(?:sk|pk|rk)[-_](?:live|test|proj|ant|or)?[-_]?[A-Za-z0-9_-]{16,}|\bgh[opsur]_\w{20,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{16,}|\bxox[abposr]-[\w-]{10,}|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bAIza[\w-]{30,}|\bnpm_\w{30,}|\bey[A-Za-z0-9_-]{10,}\.ey[A-Za-z0-9_-]{10,}\./;
/** Long, and as mixed as nobody writes it by hand. */
const opaqueValue = /^(?=.*\d)(?=.*[a-z])(?=.*[A-Z])[A-Za-z0-9+_=-]{32,}$/;

/** What tells a program how to behave towards us. */
const added = {
  TERM: "dumb",
  NO_COLOR: "1",
  CI: "1",
  GIT_OPTIONAL_LOCKS: "0",
  GIT_TERMINAL_PROMPT: "0",
  PAGER: "cat",
  GIT_PAGER: "cat",
};

export function commandEnvironment(env: Environment): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) if (value !== undefined && !isKeptBack(name, value)) kept[name] = value;
  return { ...kept, ...added, TMPDIR: "/tmp" };
}

function isKeptBack(name: string, value: string): boolean {
  if (services.has(name) || prefixes.test(name)) return true;
  return secretName.test(name) || secretWord.test(name) || secretValue.test(value) || opaqueValue.test(value);
}
