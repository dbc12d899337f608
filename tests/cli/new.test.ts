import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { finish, main, root } from '../incident/cli.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'breakglass-new-'))
  cpSync(`${root}runbooks`, join(folder, 'runbooks'), { recursive: true })
  // Without gcloud on PATH, the fake gcloud serves the sandbox.
  symlinkSync(process.execPath, join(folder, 'node'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

const breakglass = (...argv: string[]) =>
  finish([process.execPath, main, ...argv], folder, {
    PATH: folder,
    HOME: folder,
    BREAKGLASS_LOCKS: join(folder, 'locks'),
  })

test('new writes a valid runbook, and never over another', async () => {
  const made = await breakglass('new', 'web-opens', '--title', 'The web: opens')
  expect(made).toMatchObject({ exit: 0, stdout: expect.stringContaining('runbooks/web-opens.yaml') })
  expect(await breakglass('validate', 'runbooks/web-opens.yaml')).toMatchObject({
    exit: 0,
    stdout: '1 file, no problems.\n',
  })
  expect((await breakglass('show', 'web-opens')).stdout).toContain('web-opens: The web: opens')
  const before = readFileSync(join(folder, 'runbooks/web-opens.yaml'), 'utf8')
  const again = await breakglass('new', 'web-opens')
  expect(again).toMatchObject({ exit: 2, stderr: expect.stringContaining('already exists and was not changed') })
  expect(readFileSync(join(folder, 'runbooks/web-opens.yaml'), 'utf8')).toBe(before)
})

test.each(['../x', 'Web', 'a b', '-x'])('new refuses the name %j', async (name) => {
  expect(await breakglass('new', '--', name)).toMatchObject({
    exit: 2,
    stderr: expect.stringContaining('is not a valid runbook name'),
  })
})

test("new --from-shell makes a runbook of the incident's script, which a rehearsal carries through", async () => {
  const made = await breakglass('new', 'by-hand', '--from-shell', `${root}tests/author/incident.sh`, '--json')
  expect(made.exit).toBe(0)
  expect(JSON.parse(made.stdout).leftOut.map(({ line }: { line: number }) => line)).toEqual([10, 24, 31])
  const scenario = readFileSync(join(folder, 'runbooks/scenarios/incident-2026-02-27.yaml'), 'utf8')
    .replace('name: incident-2026-02-27', 'name: by-hand')
    .replace(/runbooks: \[.*\]/, 'runbooks: [by-hand]')
    .replace(/^ {2}(inputs|repository): .*\n/gm, '')
  writeFileSync(join(folder, 'runbooks/scenarios/by-hand.yaml'), scenario)
  expect(await breakglass('validate')).toMatchObject({ exit: 0 })
  const rehearsed = await breakglass('rehearse', 'by-hand', '--yes')
  expect(rehearsed.exit, rehearsed.stderr).toBe(0)
  const record = readFileSync(join(folder, 'logs/rehearsal-by-hand/record.md'), 'utf8')
  expect(record).toContain('Secret Manager `PLAID_SECRET` with a new version')
  expect(record).toContain('Updated `frontend-app`, `support-portal`, `marketing-site`, `jualuma-backend`')
  expect(record).toContain('roles/secretmanager.secretAccessor')
}, 240_000)

test('new --from-shell on a script without changes says so and writes nothing', async () => {
  writeFileSync(join(folder, 'look.sh'), 'gcloud run services list\n')
  const made = await breakglass('new', 'looked', '--from-shell', 'look.sh')
  expect(made).toMatchObject({ exit: 2, stderr: expect.stringContaining('line 1: it only reads') })
})
