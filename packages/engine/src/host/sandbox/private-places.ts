/**
 * What of a machine no command of a model may see: where keys, tokens and passwords usually lie, and the sockets of running services.
 * Gives what is there now, as real paths. What of the workspace is unreadable is the policy's business.
 */
import fs from "node:fs";
import path from "node:path";

/** Relative to the home folder. */
const inHome = [
  // Keys and passwords
  ...[
    ".ssh",
    ".gnupg",
    ".password-store",
    ".pki",
    ".local/share/keyrings",
    ".local/share/kwalletd",
    ".config/op",
    ".config/sops",
  ],
  ...[".netrc", "_netrc", ".git-credentials", ".config/git/credentials", ".authinfo", ".authinfo.gpg", ".pgpass", ".my.cnf"],
  ...[".config/age", ".config/1Password", ".config/Bitwarden CLI", ".config/keepassxc", ".vault-token", ".age"],
  // Clouds and clusters
  ...[".aws", ".azure", ".config/gcloud", ".kube", ".config/doctl", ".config/hcloud", ".oci", ".bluemix", ".aliyun", ".s3cfg"],
  ...[".boto", ".config/rclone", ".terraform.d", ".terraformrc", ".config/flyctl", ".fly", ".config/heroku", ".config/netlify"],
  ...[
    ".config/vercel",
    ".local/share/com.vercel.cli",
    ".wrangler",
    ".config/.wrangler",
    ".pulumi",
    ".databrickscfg",
    ".snowflake",
  ],
  // Forges and registries
  ...[
    ".config/gh",
    ".config/hub",
    ".config/glab-cli",
    ".config/tea",
    ".docker/config.json",
    ".docker/run",
    ".config/containers/auth.json",
  ],
  ...[".pypirc", ".cargo/credentials", ".cargo/credentials.toml", ".gem/credentials", ".composer/auth.json", ".m2/settings.xml"],
  ...[".m2/settings-security.xml", ".gradle/gradle.properties", ".nuget/NuGet/NuGet.Config", ".config/pip/pip.conf"],
  // Other assistants
  ...[
    ".claude",
    ".claude.json",
    ".codex",
    ".gemini",
    ".config/github-copilot",
    ".config/opencode",
    ".local/share/opencode",
    ".cursor",
  ],
  // Browsers and mail
  ...[
    ".mozilla",
    ".config/google-chrome",
    ".config/chromium",
    ".config/BraveSoftware",
    ".config/microsoft-edge",
    ".config/vivaldi",
  ],
  ...[".config/opera", ".thunderbird", ".var/app", "snap/firefox", "snap/chromium", ".config/Signal", ".config/Slack"],
  ...[
    "Library/Keychains",
    "Library/Application Support",
    "Library/Cookies",
    "Library/Safari",
    "Library/Mail",
    "Library/Messages",
  ],
  // What was typed
  ...[
    ".bash_history",
    ".zsh_history",
    ".local/share/fish/fish_history",
    ".python_history",
    ".node_repl_history",
    ".psql_history",
  ],
  ...[".mysql_history", ".sqlite_history", ".rediscli_history", ".lesshst", ".viminfo"],
];

/** Files that tools read their settings from; hidden only where a secret is in them. */
const settings = [".npmrc", ".yarnrc", ".yarnrc.yml", ".config/pnpm/rc", ".bunfig.toml", ".condarc", ".wgetrc", ".curlrc"];
const holdsSecret = /_auth|authToken|_password|npmAuth|password|token|user\s*=/i;

const ofSystem = [
  ...["/etc/shadow", "/etc/shadow-", "/etc/gshadow", "/etc/gshadow-", "/etc/sudoers", "/etc/sudoers.d", "/etc/ssl/private"],
  ...["/etc/ssh/ssh_host_ecdsa_key", "/etc/ssh/ssh_host_ed25519_key", "/etc/ssh/ssh_host_rsa_key", "/etc/krb5.keytab"],
  ...["/var/lib/docker", "/var/lib/containerd", "/var/spool/cron", "/var/spool/mail", "/boot"],
];

export interface PrivatePlaces {
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export function privatePlaces({ home, env }: PrivatePlaces): readonly string[] {
  const settingFiles = settings.map((name) => path.join(home, name)).filter((file) => holdsSecret.test(textOf(file)));
  const named = ["DOCKER_CONFIG", "KUBECONFIG", "AWS_SHARED_CREDENTIALS_FILE", "GOOGLE_APPLICATION_CREDENTIALS", "GNUPGHOME"]
    .map((name) => env[name])
    .filter((value) => value !== undefined && path.isAbsolute(value));
  const places = [...inHome.map((name) => path.join(home, name)), ...settingFiles, ...named, ...ofSystem, ...sockets()];
  return [...new Set(places.flatMap((place) => realPlace(place ?? "")))];
}

/** With links followed; none where nothing is there. */
export function realPlace(place: string): readonly string[] {
  try {
    // Most are not there, and a failure that is thrown costs far more than the question.
    return isThere(place) ? [fs.realpathSync.native(place)] : [];
  } catch {
    return [];
  }
}

const isThere = (place: string): boolean => fs.statSync(place, { throwIfNoEntry: false }) !== undefined;

function textOf(file: string): string {
  try {
    return isThere(file) ? fs.readFileSync(file, "utf8") : "";
  } catch {
    return "";
  }
}

/** On Linux a read-only disk keeps nobody from speaking to a service through its socket. */
function sockets(): readonly string[] {
  const text = textOf("/proc/net/unix");
  return text.split("\n").flatMap((line) => {
    const at = line.indexOf(" /");
    const place = line.slice(at + 1);
    return at < 0 || /^\/(?:tmp|run|var\/tmp)\//.test(place) ? [] : [place];
  });
}
