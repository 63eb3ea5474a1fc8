import { describe, expect, it } from "vitest";
import { compileDependencies } from "./dependencies.ts";
import { held, hunkOf, layer, reasons, rule } from "./judged.ts";

describe("Python's manifests", () => {
  const project = (fields: string) => `[project]\nname = "shop"\ndependencies = ["httpx>=0.27", "rich"]\n${fields}`;

  it.each<[string, string, string | undefined, string, string[]]>([
    ["an addition", "requirements.txt", "httpx==0.27.0\n", "httpx==0.27.0\nleft_pad==1.0 # why\n", ["pip:left_pad@==1.0"]],
    ["a version", "requirements-dev.txt", "httpx==0.27.0\n", "httpx==0.28.0 --hash=sha256:aa\n", ["pip:httpx@==0.28.0"]],
    ["extras", "requirements.txt", "httpx==0.27.0\n", "httpx[http2]==0.27.0\n", ["pip:httpx@[http2]==0.27.0"]],
    ["another spelling and order", "requirements/base.txt", "a==1\nPy_Yaml==6\n", "# all\npy-yaml==6\na==1\n", []],
    [
      "git",
      "requirements.txt",
      "",
      "git+https://github.com/e/evil.git@v1#egg=evil\n",
      ["pip:evil@git+https://github.com/e/evil.git@v1#egg=evil", "pip:evil@git+https://github.com/e/evil.git@v1#egg=evil"],
    ],
    [
      "an address",
      "requirements.txt",
      "evil==1\n",
      "evil @ https://e.example/evil-1.whl\n",
      ["pip:evil@https://e.example/evil-1.whl", "pip:evil@https://e.example/evil-1.whl"],
    ],
    [
      "an index",
      "requirements.txt",
      "a\n",
      "--extra-index-url https://e.example/simple\na\n",
      ["pip:--extra-index-url=https://e.example/simple"],
    ],
    ["a constraint", "constraints.txt", "", "a==2\n", ["pip:a@==2"]],
    ["PEP 621", "pyproject.toml", project(""), project('optional-dependencies = { dev = ["pytest"] }\n'), ["pip:pytest"]],
    [
      "groups",
      "pyproject.toml",
      project("[tool.uv]\n"),
      project('[dependency-groups]\ndev = ["ruff>=0.5"]\n[tool.uv]\n'),
      ["uv:ruff@>=0.5"],
    ],
    [
      "uv's sources",
      "pyproject.toml",
      project(""),
      project('[tool.uv.sources]\nrich = { git = "https://github.com/e/rich" }\n'),
      ["uv:rich@git:https://github.com/e/rich"],
    ],
    [
      "uv's index",
      "pyproject.toml",
      project(""),
      project('[[tool.uv.index]]\nurl = "https://e.example"\n'),
      ["uv:index=https://e.example"],
    ],
    [
      "the build",
      "pyproject.toml",
      project(""),
      project('[build-system]\nrequires = ["evil"]\nbuild-backend = "evil.api"\n'),
      ["pip:evil", "pip:build-backend=evil.api"],
    ],
    [
      "poetry",
      "pyproject.toml",
      "[tool.poetry.dependencies]\npython = '^3'\n",
      "[tool.poetry.dependencies]\npython = '^3'\nevil = { version = '^1', extras = ['x'] }\n",
      ["pip:evil@^1"],
    ],
    ["a tool's setting", "pyproject.toml", project(""), project("[tool.ruff]\nline-length = 100\n"), []],
    [
      "setup.cfg",
      "setup.cfg",
      "[options]\ninstall_requires =\n    a\n",
      "[options]\ninstall_requires =\n    a\n    b>=2\n",
      ["pip:b@>=2"],
    ],
    ["setup.py's list", "setup.py", "setup(install_requires=['a'])\n", "setup(install_requires=['a', 'b>=2'])\n", ["pip:b@>=2"]],
    ["setup.py's version", "setup.py", "setup(version='1')\n", "setup(version='2')\n", []],
    [
      "Pipfile",
      "Pipfile",
      "[packages]\na = '*'\n",
      "[packages]\na = '*'\nb = {git = 'https://g.example/b'}\n",
      ["pip:b@git:https://g.example/b", "pip:b@git:https://g.example/b"],
    ],
    [
      "a broken file",
      "pyproject.toml",
      project(""),
      "[project\n",
      ["pyproject.toml cannot be understood, so what it adds cannot be told"],
    ],
  ])("%s", (_, path, before, after, subjects) => {
    expect(held(path, before, after)).toEqual(subjects);
  });

  it("holds code that runs at install", () => {
    const [reason] = reasons("setup.py", "setup(version='1')\n", "import os\nos.system('x')\nsetup(version='1')\n");
    expect(reason).toMatch(/^setup\.py sets setup\.py to .* which runs at install or build$/);
  });
});

describe("imports in Python", () => {
  const files = {
    "pyproject.toml":
      '[project]\nname = "shop-api"\ndependencies = ["PyYAML", "httpx", "google-cloud-storage", "scikit-learn"]\n',
    "requirements-dev.txt": "pytest\ntypes-requests\n",
    "src/billing/__init__.py": "",
    "src/app/helpers.py": "",
  };

  it.each(["import numpy", "import numpy as np, os", "from numpy.linalg import norm", "    import numpy", "import os, numpy.x"])(
    "holds %j",
    (code) => {
      expect(held("src/app/a.py", "x = 1\n", `${code}\nx = 1\n`, files)).toEqual(["pip:numpy"]);
    },
  );

  it.each([
    "import os.path",
    "from __future__ import annotations",
    "import yaml",
    "import httpx",
    "from google.cloud import storage",
    "import sklearn",
    "from . import x",
    "from .x import y",
    "import helpers",
    "import billing",
    "from app import x",
    "import shop_api",
    "import pytest",
    "# import numpy",
    '"""\nimport numpy\n"""',
    "x = 'import numpy'",
    "import requests",
    "from billing.x import (\n    a,\n)",
  ])("leaves %j", (code) => {
    expect(held("src/app/a.py", "x = 1\n", `${code}\nx = 1\n`, files)).toEqual([]);
  });

  it("names what would be installed", () => {
    expect(held("a.py", undefined, "import cv2\n", files)).toEqual(["pip:opencv-python"]);
  });
});

describe("Cargo", () => {
  const toml = (more: string) => `[package]\nname = "shop"\nversion = "0.1.0"\n\n[dependencies]\nserde = "1"\n${more}`;

  it.each<[string, string, string[]]>([
    ["an addition", 'rand = "0.8"\n', ["cargo:rand@0.8"]],
    ["a table", '[dependencies.rand]\nversion = "0.8"\n', ["cargo:rand@0.8"]],
    ["for one target", '[target."cfg(unix)".dependencies]\nlibc = "0.2"\n', ["cargo:libc@0.2"]],
    ["for the workspace", '[workspace.dependencies]\nrand = "0.8"\n', ["cargo:rand@0.8"]],
    ["of the workspace", "rand = { workspace = true }\n", []],
    [
      "git",
      'rand = { git = "https://g.example/rand" }\n',
      ["cargo:rand@git:https://g.example/rand", "cargo:rand@git:https://g.example/rand"],
    ],
    ["another name", 'rand = { package = "evil", version = "1" }\n', ["cargo:rand@alias:evil#1", "cargo:rand@alias:evil#1"]],
    ["a patch", '[patch.crates-io]\nserde = { path = "../serde" }\n', ["cargo:serde@path:../serde", "cargo:serde@path:../serde"]],
    ["a section", '[dev-dependencies]\nserde = "1"\n[profile.release]\nlto = true\n', []],
    ["a reader's features", "[features]\nfast = []\n", []],
  ])("%s", (_, more, subjects) => {
    expect(held("Cargo.toml", toml(""), toml(more))).toEqual(subjects);
  });

  it("holds build scripts and where crates come from", () => {
    expect(held("build.rs", undefined, "fn main() {}\n")).toEqual(["cargo:build.rs=fn main() {}\n"]);
    expect(held("Cargo.toml", toml(""), toml("").replace("[dep", 'build = "b.rs"\n[dep'))).toEqual(["cargo:build=b.rs"]);
    const config = '[source.crates-io]\nreplace-with = "evil"\n';
    expect(held(".cargo/config.toml", undefined, config)).toEqual(['cargo:source={"crates-io":{"replace-with":"evil"}}']);
  });

  const files = { "Cargo.toml": toml('my-lib = "1"\n'), "src/prices.rs": "" };

  it.each([
    "use rand::Rng;",
    "pub use rand;",
    "extern crate rand;",
    "use {serde::Serialize, rand::{self, Rng}};",
    "    use rand::Rng;",
  ])("holds %j", (code) => {
    expect(held("src/lib.rs", "fn a() {}\n", `${code}\nfn a() {}\n`, files)).toEqual(["cargo:rand"]);
  });

  it.each([
    "use std::fmt;",
    "use crate::x;",
    "use super::*;",
    "use serde::Serialize;",
    "use my_lib::x;",
    "use shop::x;",
    "mod rand;\nuse rand::x;",
    "use prices::x;",
    "// use rand::x;",
    "enum Color { A }\nuse Color::*;",
    "use std::{fmt, io};\nuse fmt::Display;",
  ])("leaves %j", (code) => {
    expect(held("src/lib.rs", "fn a() {}\n", `${code}\nfn a() {}\n`, files)).toEqual([]);
  });
});

describe("Go", () => {
  const mod = (more = "") => `module example.org/shop\n\ngo 1.22\n\nrequire github.com/a/b v1.0.0\n${more}`;

  it.each<[string, string, string[]]>([
    ["an addition", "require (\n\tgithub.com/c/d v0.1.0 // indirect\n)\n", ["go:github.com/c/d@v0.1.0"]],
    ["a version", "require github.com/a/b v1.1.0\n", ["go:github.com/a/b@v1.1.0"]],
    ["a replacement", "replace github.com/a/b => ../b\n", ["go:replace github.com/a/b=../b"]],
    ["an exclusion", "exclude github.com/a/b v0.9.0\n", []],
    ["a comment", "// require github.com/c/d v1.0.0\n", []],
    ["an open block", "require (\n", ["go.mod cannot be understood, so what it adds cannot be told"]],
    ["an unknown word", "requires github.com/c/d v1.0.0\n", ["go.mod cannot be understood, so what it adds cannot be told"]],
  ])("%s", (_, more, subjects) => {
    expect(held("go.mod", mod(), mod(more))).toEqual(subjects);
  });

  const files = { "go.mod": mod("require gopkg.in/yaml.v3 v3.0.1\n") };
  const code = (imports: string) => `package main\n\n${imports}\n\nfunc main() {}\n`;

  it.each(['import "github.com/c/d"', 'import (\n\t"fmt"\n\n\td "github.com/c/d/sub"\n)', 'import _ "github.com/c/d"'])(
    "holds %j",
    (imports) => {
      expect(held("main.go", code(""), code(imports), files)).toEqual(["go:github.com/c/d"]);
    },
  );

  it.each([
    'import "fmt"',
    'import "net/http"',
    'import "github.com/a/b/sub"',
    'import "example.org/shop/x"',
    'import y "gopkg.in/yaml.v3"',
    '// import "github.com/c/d"',
    'var x = []string{\n\t"github.com/c/d",\n}',
  ])("leaves %j", (imports) => {
    expect(held("main.go", code(""), code(imports), files)).toEqual([]);
  });
});

describe("rules", () => {
  const empty = '{ "dependencies": {} }';
  const judge = (layers: Parameters<typeof compileDependencies>[0], name: string, spec = "1.0.0") =>
    compileDependencies(layers).hunk(hunkOf("package.json", empty, JSON.stringify({ dependencies: { [name]: spec } })), {
      fileText: () => undefined,
    });
  const preset = layer([rule({ reason: "A new dependency is a decision of its own." })], "preset");
  const line = 3;

  it("say which one decides, where it stands and what to do", () => {
    expect(judge([preset], "left-pad")).toEqual([
      {
        decision: "hold",
        rule: "dependencies",
        reason: "package.json adds left-pad 1.0.0 to dependencies: A new dependency is a decision of its own",
        wayOut: "Use what the project has already, or ask the user for left-pad.",
        subject: "npm:left-pad@1.0.0",
        source: "preset solo",
      },
    ]);
  });

  it("a narrower rule of the same layer decides, whatever the order", () => {
    const hold = rule({ line: 1, packages: ["*"] });
    const allow = rule({ line, decision: "allow", packages: ["@types/*"] });
    for (const rules of [
      [hold, allow],
      [allow, hold],
    ]) {
      expect(judge([layer(rules), preset], "@types/node")).toEqual([]);
      expect(judge([layer(rules), preset], "@typesx/node")).toHaveLength(1);
      expect(judge([layer(rules), preset], "left-pad").map(({ source }) => source)).toEqual(["project.yaml:1"]);
    }
  });

  it("an allow loosens the default, and no other layer", () => {
    const allow = layer([rule({ line, decision: "allow" })]);
    expect(judge([allow, preset], "left-pad")).toEqual([]);
    const above = layer([rule({ line, decision: "block", packages: ["left-pad"] })], "organisation");
    expect(judge([above, allow, preset], "left-pad").map(({ decision }) => decision)).toEqual(["block"]);
  });

  it("an allow of one kind allows no other, and of one name no longer one", () => {
    const allow = layer([rule({ line, decision: "allow", changes: ["add"], packages: ["react"] })]);
    expect(judge([allow, preset], "react")).toEqual([]);
    expect(judge([allow, preset], "react", "github:evil/react").map(({ reason }) => reason.split(":")[0])).toEqual([
      "package.json takes react from git github",
    ]);
    expect(judge([allow, preset], "@evil/react")).toHaveLength(1);
    expect(judge([allow, preset], "react-x")).toHaveLength(1);
  });

  it("of another ecosystem say nothing; Python's names count in all spellings", () => {
    expect(judge([layer([rule({ ecosystems: ["cargo"] })])], "left-pad")).toEqual([]);
    const blocked = compileDependencies([layer([rule({ line, ecosystems: ["uv"], packages: ["Left_Pad"] })])]);
    const after = '[project]\ndependencies = ["left-pad"]\n';
    expect(blocked.hunk(hunkOf("pyproject.toml", "", after), { fileText: () => undefined })).toHaveLength(1);
  });

  it("say nothing while a hunk still streams", () => {
    const streaming = { ...hunkOf("a.ts", undefined, 'import "x";'), after: () => undefined };
    expect(compileDependencies([preset]).hunk(streaming, { fileText: () => "{}" })).toEqual([]);
  });
});
