import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const file = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const written = readFileSync(file('engine/sandbox/api-methods.json'), 'utf8')

/** Returns a property of the installed SDK; empty if there is none. */
function sdk(value: string): string {
  try {
    return execFileSync('gcloud', ['info', `--format=value(${value})`], { encoding: 'utf8' }).trim()
  } catch {
    return ''
  }
}

const root = sdk('installation.sdk_root')
const version = root === '' ? '' : readFileSync(`${root}/VERSION`, 'utf8').trim()

test.skipIf(version !== JSON.parse(written).sdk)(
  'api-methods.json is what the clients of the SDK define',
  { timeout: 300_000 },
  () => {
    const python = sdk('basic.python_location')
    const defined = execFileSync(python, ['-S', file('scripts/api-methods.py'), root], { encoding: 'utf8' })
    expect(JSON.parse(defined)).toEqual(JSON.parse(written))
  },
)
