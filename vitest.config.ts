import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [
    {
      // Texts for the model live in Markdown beside their code; the build loads them as strings as well.
      name: "markdown-as-text",
      transform: (text, file) => (file.endsWith(".md") ? `export default ${JSON.stringify(text)}` : null),
    },
  ],
  // Tests read the TypeScript sources of every package, so they need no build.
  resolve: { conditions: ["source"] },
  ssr: { resolve: { conditions: ["source"] } },
  test: {
    include: ["packages/*/src/**/*.test.ts", "packages/*/test/**/*.test.ts", "tools/**/*.test.ts", "bench/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**", "**/fixtures/**"],
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
});
