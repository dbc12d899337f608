import { defineConfig } from 'vitest/config'
import { compiled } from './tests/compiled.ts'
import { fastTests, slowTests } from './tests/structure/fast-tests.ts'

/**
 * gcloud takes a second of CPU for each call, so more workers than cores only slow each other down. The timeouts allow for a
 * busy machine: they end a test that hangs, not one that is slow.
 */
export default defineConfig({
  test: {
    maxWorkers: 2,
    // Terminal tests wait more than they work.
    maxConcurrency: 3,
    testTimeout: 240_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 60_000 } },
    env: { NODE_COMPILE_CACHE: compiled },
    projects: [
      { extends: true, test: { name: 'fast', include: fastTests() } },
      { extends: true, test: { name: 'slow', include: slowTests() } },
    ],
  },
})
