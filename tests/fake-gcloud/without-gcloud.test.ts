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

const notInstalled = 'gcloud is not installed: a stand-in of Breakglass runs in its place, for rehearsals only.'

/** Runs `breakglass …` where nothing but Node is installed. */
function breakglass(...argv: string[]): Promise<{ exit: number; stdout: string; stderr: string }> {
  const env = { PATH: folder, HOME: folder, TMPDIR: folder }
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [main, ...argv], { env, cwd: root }, (error, stdout, stderr) =>
      resolve({ exit: error ? Number(error.code) : 0, stdout, stderr }),
    )
    child.stdin?.end()
  })
}

/** Lines are as long as the screen is wide. */
const unwrapped = (text: string): string => text.replace(/\s+/g, ' ')

const limit = { timeout: 240_000 }

test('the incident is rehearsed from end to end, and screen and record say by what', limit, async () => {
  const logs = join(folder, 'logs')
  const { exit, stdout, stderr } = await breakglass('rehearse', 'incident-2026-02-27', '--yes', '--logs', logs)
  expect({ exit, stderr }).toMatchObject({ exit: 0 })
  expect(unwrapped(stdout)).toContain(notInstalled)
  const record = readFileSync(join(logs, 'rehearsal-incident-2026-02-27', 'record.md'), 'utf8')
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  expect(record).toContain(`made with the fake gcloud of Breakglass ${version} (no gcloud was installed)`)
  const [opened] = readFileSync(join(logs, 'rehearsal-incident-2026-02-27', 'audit.jsonl'), 'utf8').split('\n')
  expect(JSON.parse(opened!).body.gcloud).toEqual({
    kind: 'stand-in',
    version,
    account: 'sandbox-operator@example.com',
    mark: expect.stringMatching(/^breakglass-[0-9a-f]{12}$/),
  })
})

test("a sandbox's own shell has the stand-in too", limit, async () => {
  const { exit, stdout } = await breakglass(
    ...['sandbox', 'conformant', '--', 'node', main, 'check', 'access-posture', '--env', 'prod'],
  )
  expect({ exit, stdout: unwrapped(stdout) }).toMatchObject({ exit: 0, stdout: expect.stringContaining(notInstalled) })
})

test('nothing real is done without gcloud', limit, async () => {
  const { exit, stderr } = await breakglass('check', 'access-posture', '--env', 'prod')
  expect(exit).toBe(1)
  expect(stderr.toLowerCase()).toContain('no gcloud is installed, or it is not on the path')
})
