import { fileURLToPath } from 'node:url'

/** Where Node keeps the engine's compiled code for all tests: each start would else compile it again. */
export const compiled = fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url))
