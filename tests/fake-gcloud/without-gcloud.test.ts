import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const main = join(root, 'engine', 'main.ts')
const folder = mkdtempSync(join(tmpdir(), 'breakglass-without-gcloud-'))
symlinkSync(process.execPath, join(folder, 'node'))
afterAll(() => rmSync(folder, { recursive: true }))

const notInstalled = 'gcloud is not installed. Breakglass runs its fake gcloud instead, which is for rehearsals only.'

/** Runs `breakglass …` with only Node installed. */
function breakglass(...argv: string[]): Promise<{ exit: number; stdout: string; stderr: string }> {
  const env = { PATH: folder, HOME: folder, TMPDIR: folder }
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [main, ...argv], { env, cwd: root }, (error, stdout, stderr) =>
      resolve({ exit: error ? Number(error.code) : 0, stdout, stderr }),
    )
    child.stdin?.end()
  })
}

/** Joins the lines that were wrapped at the width of the screen. */
const unwrapped = (text: string): string => text.replace(/\s+/g, ' ')

const limit = { timeout: 240_000 }

test('the whole incident is rehearsed, and screen and record name the fake gcloud', limit, async () => {
  const logs = join(folder, 'logs')
  const { exit, stdout, stderr } = await breakglass('rehearse', 'incident-2026-02-27', '--yes', '--logs', logs)
  expect({ exit, stderr }).toMatchObject({ exit: 0 })
  expect(unwrapped(stdout)).toContain(notInstalled)
  const record = readFileSync(join(logs, 'rehearsal-incident-2026-02-27', 'record.md'), 'utf8')
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  expect(record).toContain(`made with the fake gcloud of Breakglass ${version} (no gcloud was installed)`)
  const [opened] = readFileSync(join(logs, 'rehearsal-incident-2026-02-27', 'audit.jsonl'), 'utf8').split('\n')
  expect(JSON.parse(opened!).body.gcloud).toEqual({
    kind: 'fake',
    version,
    account: 'sandbox-operator@example.com',
    mark: expect.stringMatching(/^breakglass-[0-9a-f]{12}$/),
  })
})

test('a sandbox shell uses the fake gcloud too', limit, async () => {
  const { exit, stdout } = await breakglass(
    ...['sandbox', 'conformant', '--', 'node', main, 'check', 'access-posture', '--env', 'prod'],
  )
  expect({ exit, stdout: unwrapped(stdout) }).toMatchObject({ exit: 0, stdout: expect.stringContaining(notInstalled) })
})

test('a live run without gcloud is refused', limit, async () => {
  const { exit, stderr } = await breakglass('check', 'access-posture', '--env', 'prod')
  expect(exit).toBe(1)
  expect(stderr.toLowerCase()).toContain('gcloud is not installed, or it is not on path')
})
