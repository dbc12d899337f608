// The long form of early-keys.test.ts: npm run keys -- --sessions N --seed S --width W
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '300' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    width: { type: 'string', default: '6' },
  },
})
const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url))
const { status } = spawnSync(process.execPath, [vitest, 'run', 'tests/terminal/early-keys.test.ts'], {
  stdio: 'inherit',
  env: { ...process.env, KEYS_SESSIONS: values.sessions, KEYS_SEED: values.seed, KEYS_WIDTH: values.width },
})
process.exitCode = status ?? 1
