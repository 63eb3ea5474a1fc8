#!/usr/bin/env node
// The file npm links as the command. It exists before the build, and only points at what the build makes.
require("../dist/twolane.cjs");
