/** Variables that change what other commands do: which program runs, what it loads, where it connects. Names only. */

const exact = new Set(
  [
    "PATH IFS ENV SHELL HOME PWD OLDPWD CDPATH GLOBIGNORE PS4 PROMPT_COMMAND SHELLOPTS BASHOPTS POSIXLY_CORRECT EXECIGNORE",
    "EDITOR VISUAL PAGER MANPAGER BROWSER LESS LESSOPEN LESSCLOSE MORE CC CXX LD AR AS MAKE MAKEFLAGS MFLAGS RUBYLIB RUBYOPT",
    "NODE_OPTIONS NODE_PATH NODE_EXTRA_CA_CERTS NODE_TLS_REJECT_UNAUTHORIZED CLASSPATH TMPDIR TEMP TMP OPENSSL_CONF TERMINFO",
    "HISTFILE INPUTRC RUSTC RUSTC_WRAPPER RUSTFLAGS TAR_OPTIONS GREP_OPTIONS ZDOTDIR FPATH TERMCAP HOSTALIASES RES_OPTIONS",
  ].flatMap((line) => line.split(" ")),
);
const families =
  /^(?:BASH_|LD_|DYLD_|GIT_|SSH_|NPM_CONFIG_|PNPM_|YARN_|PYTHON|PERL|PIP_|UV_|GO|CARGO_|DOCKER_|KUBE|AWS_|XDG_|TWOLANE_|RIPGREP_|JAVA_|JDK_|_JAVA|LC_ALL_|OPENSSL_|SSL_|CURL_|MALLOC_|GCONV_|LOCPATH)/;
const endings =
  /(?:_OPTIONS|_OPTS|_?FLAGS|_PRELOAD|_WRAPPER|_EDITOR|_?PAGER|_?PROXY|_COMMAND|_CMD|_SHELL|_EXEC|_LOADER|_HOOK|_HOOKS)$/;

/** Case does not count: some tools read a variable in either. */
export function isPoison(name: string): boolean {
  const upper = name.toUpperCase();
  return exact.has(upper) || families.test(upper) || endings.test(upper);
}
