import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const main = fileURLToPath(new URL('../../engine/main.ts', import.meta.url))

/** Returns the files that Node loads for a command line. */
function filesLoadedBy(...argv: string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'loaded-'))
  try {
    execFileSync(process.execPath, [main, ...argv], { env: { ...process.env, NODE_V8_COVERAGE: folder } })
    const reports = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')))
    return reports.flatMap(({ result }: { result: { url: string }[] }) => result.map(({ url }) => url))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test.each(['--help', 'version'])('`%s` starts at once: it loads no library', (argument) => {
  const loaded = filesLoadedBy(argument)
  expect(loaded.filter((url) => url.includes('/engine/')).length).toBeGreaterThan(5)
  expect(loaded.filter((url) => url.includes('/node_modules/'))).toEqual([])
})
