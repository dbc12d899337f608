import { defineConfig } from 'vitest/config'
import { compiled } from './tests/compiled.ts'

/**
 * gcloud costs a second of CPU a call: more files at a time than cores only make each of them slower. The times are for a
 * machine that is busy with other things too: a test that hangs is found by them, a slow machine is not.
 */
export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    maxWorkers: 2,
    // Terminal tests wait more than they work.
    maxConcurrency: 3,
    testTimeout: 240_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 60_000 } },
    env: { NODE_COMPILE_CACHE: compiled },
  },
})
