import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { makeWorkspace } from './workspace.ts'

const { folder, breakglass, names } = makeWorkspace()
const bare = makeWorkspace()

/** Every command that is about an incident that was logged before. */
const COMMANDS: [name: string, argv: (incident: string) => string[]][] = [
  ['undo', (incident) => ['undo', incident, '--yes']],
  ['undo of one step', (incident) => ['undo', incident, '--yes', '--step', 'access-posture/iap-off[frontend-app]']],
  ['resume', (incident) => ['resume', incident, '--yes']],
  ['record', (incident) => ['record', incident]],
  ['record as a page', (incident) => ['record', incident, '--format', 'html']],
  ['record --verify', (incident) => ['record', incident, '--verify', 'runbooks/README.md']],
  ['countersign', (incident) => ['countersign', incident, '--yes']],
  ['reconcile', (incident) => ['reconcile', incident]],
  ['audit verify', (incident) => ['audit', 'verify', incident]],
  ['audit show', (incident) => ['audit', 'show', incident]],
  ['audit export', (incident) => ['audit', 'export', incident]],
  ['audit prove', (incident) => ['audit', 'prove', incident, '1']],
]

beforeAll(async () => {
  for (const incident of ['INC-1', 'INC-2']) await breakglass('rehearse', 'conformant', '--incident', incident, '--yes')
}, 240_000)

test.each(COMMANDS)(
  '%s of an incident that is not there names those that are, and creates nothing',
  async (_, argv) => {
    const before = names('logs').sort()
    const { exit, stdout, stderr } = await breakglass(...argv('OUTAGE-9'))
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' })
    expect(stderr).toBe(
      `error: there is no incident OUTAGE-9 in ${join(folder, 'logs')}\nhint: incidents there: INC-2, INC-1; name another folder with --logs DIR\n`,
    )
    expect(names('logs').sort()).toEqual(before)
    expect(existsSync(join(folder, 'OUTAGE-9.tar'))).toBe(false)
  },
)

test.each(COMMANDS)('%s says which incident was probably meant', async (_, argv) => {
  const { exit, stderr } = await breakglass(...argv('inc-1x'))
  expect({ exit, stderr }).toEqual({ exit: 2, stderr: expect.stringContaining('did you mean INC-1? ') })
})

test.each(COMMANDS)('%s where nothing was ever logged makes no folder for logs', async (_, argv) => {
  const { exit, stderr } = await bare.breakglass(...argv('INC-1'))
  expect({ exit, stderr }).toEqual({ exit: 2, stderr: expect.stringContaining('no incident is logged there') })
  expect(existsSync(join(bare.folder, 'logs'))).toBe(false)
})

test('a folder in which nothing was logged is no incident', async () => {
  mkdirSync(join(folder, 'logs', 'notes'), { recursive: true })
  writeFileSync(join(folder, 'logs', 'notes', 'audit.jsonl'), '')
  for (const name of ['undo', 'resume'])
    expect(await breakglass(name, 'notes', '--yes')).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining('there is no incident notes'),
    })
})

test('an incident with nothing to undo is still no error', async () => {
  expect(await breakglass('undo', 'INC-1', '--yes')).toMatchObject({ exit: 0, stdout: 'Nothing is left to undo.\n' })
})
