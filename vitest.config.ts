import { defineConfig } from 'vitest/config'
import { compiled } from './tests/compiled.ts'

/** gcloud costs a second of CPU a call: more files at a time than cores only make each of them slower. */
export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    maxWorkers: 2,
    testTimeout: 30_000,
    env: { NODE_COMPILE_CACHE: compiled },
  },
})
