import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    // Vite would load graphql's ES modules beside the CommonJS ones that its users require: "another realm".
    alias: [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve('graphql/index.js')) }],
  },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['reflect-metadata', './test/support/seed.ts'],
    maxWorkers: 2,
    // Modules are loaded once for all files of a worker, which saves a fifth of the time. So a file leaves nothing behind.
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // A busy machine may need more than the second that is the default.
    expect: { poll: { timeout: 10_000 } },
    server: { deps: { inline: ['type-graphql'] } },
  },
});
