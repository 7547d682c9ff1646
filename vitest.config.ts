import { defineConfig } from 'vitest/config';

// Two workers: the suites share the machine with the servers that they start.
const common = { setupFiles: ['reflect-metadata'], maxWorkers: 2 };

export default defineConfig({
  // Sends the "#platform/*" and "@testcast/*" imports to the TypeScript sources.
  ssr: { resolve: { conditions: ['@testcast/source'] } },
  // The same for the global setup, which Vitest loads in an environment of its own.
  environments: { __vitest__: { resolve: { conditions: ['@testcast/source', 'node'] } } },
  test: {
    reporters: ['default', './libs/platform/testing/closing-line-reporter.ts'],
    projects: [
      {
        extends: true,
        test: {
          ...common,
          name: 'unit',
          include: [
            'apps/**/*.spec.ts',
            'apps/web/src/**/*.spec.tsx',
            'bench/**/*.spec.ts',
            'libs/**/*.spec.ts',
            'packages/**/*.spec.ts',
            'test/{architecture,operations}/**/*.spec.ts',
          ],
          exclude: ['**/*.int.spec.ts', '**/node_modules/**', '**/dist/**'],
          // They take milliseconds, properties a second: the patience is for machines on which much else goes on.
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          ...common,
          name: 'integration',
          include: [
            'apps/**/*.int.spec.ts',
            'libs/**/*.int.spec.ts',
            'packages/**/*.int.spec.ts',
            'test/{access,examples,operations}/**/*.int.spec.ts',
          ],
          exclude: ['**/node_modules/**', '**/dist/**'],
          globalSetup: ['./libs/platform/testing/postgres.global-setup.ts'],
          runner: './libs/platform/testing/postgres.runner.ts',
          testTimeout: 20_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          ...common,
          name: 'e2e',
          // A rehearsal takes minutes and programs that few have: npm run rehearse:autoscaling asks for it.
          include: [
            `test/{e2e,conformance,chaos${process.env['REHEARSE_AUTOSCALING'] === undefined ? '' : ',rehearsal'}}/**/*.spec.ts`,
          ],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // One after another: each starts real processes.
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          ...common,
          name: 'browser',
          include: ['test/browser/**/*.spec.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // One after another: each starts real processes, and a browser.
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
