import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { digestOf } from '../proof/tampered-folder.ts'
import { makeTeamDesk, type TeamDesk } from './team-desk.ts'

vi.setConfig({ testTimeout: 300_000, hookTimeout: 60_000 })

const closed = { region: 'us-central1', ingress: 'internal', invokerCheck: false } as const

/** A team with a closed service whose change is refused the first time, so that there is something to go on with. */
const refusedTeam = () =>
  makeTeamDesk({
    live: { services: [{ name: 'web', posture: 'public' }] },
    heronLive: { services: { web: closed } },
    faults: [{ on: { service: 'run', method: 'services.replace', calls: 1 }, answer: { status: 403 } }],
  })

const SIMPLY = ['--yes', '--sandbox']

/** Every way to add to the log; each must be refused, and leave all as it is. */
async function expectRefused(desk: TeamDesk, says: RegExp): Promise<void> {
  const before = digestOf(desk.logs)
  const changes = await desk.changes()
  for (const argv of [
    ['resume', 'INC-1', ...SIMPLY],
    ['undo', 'INC-1', ...SIMPLY],
    ['reconcile', 'INC-1', '--sandbox'],
  ]) {
    const { exit, stderr } = await desk.breakglass(...argv, desk.address)
    expect({ argv, exit, stderr }).toMatchObject({ exit: 1, stderr: expect.stringMatching(says) })
    expect(digestOf(desk.logs), argv[0]).toBe(before)
  }
  const { exit, stderr } = await desk.run('access-posture', 'INC-1')
  expect({ exit, stderr }).toMatchObject({ exit: 1, stderr: expect.stringMatching(says) })
  expect(digestOf(desk.logs)).toBe(before)
  expect(await desk.changes()).toEqual(changes)
}

test('a log whose covered tail was cut, at a line or within it, is gone on with by no command; put back, it is', async () => {
  const desk = await refusedTeam()
  expect((await desk.run('access-posture', 'INC-1')).exit).not.toBe(0)
  const log = join(desk.logs, 'INC-1', 'audit.jsonl')
  const whole = readFileSync(log)
  const last = whole.lastIndexOf(0x0a, whole.length - 2) + 1
  truncateSync(log, last)
  await expectRefused(desk, /is not what its last run left \(checkpoint \d+: the tail was cut: entry \d+ is missing\)/)
  writeFileSync(log, whole.subarray(0, whole.length - 1))
  const before = digestOf(desk.logs)
  expect(await desk.breakglass('resume', 'INC-1', ...SIMPLY, desk.address)).toMatchObject({
    exit: 1,
    stderr: expect.stringMatching(/the tail was cut: entry \d+ is missing\), so nothing is added to it/),
  })
  expect(digestOf(desk.logs)).toBe(before)
  expect((await desk.breakglass('audit', 'verify', 'INC-1')).stdout).toMatch(
    /torn last line: \d+ bytes .*A checkpoint covers line \d+, so its write was not interrupted/,
  )
  writeFileSync(log, whole)
  const again = await desk.breakglass('resume', 'INC-1', ...SIMPLY, desk.address)
  expect(again.exit, again.stderr).toBe(0)
  expect((await desk.breakglass('audit', 'verify', 'INC-1')).exit).toBe(0)
})

test('a log that is rewritten while the plan is shown is not added to, and nothing is changed', async () => {
  const desk = await refusedTeam()
  expect((await desk.run('access-posture', 'INC-1')).exit).not.toBe(0)
  const log = join(desk.logs, 'INC-1', 'audit.jsonl')
  const other = readFileSync(log, 'utf8').replace('a test', 'b test')
  const changes = await desk.changes()
  desk.onRequest = () => writeFileSync(log, other)
  const { exit, stderr } = await desk.run('access-posture', 'INC-1')
  expect({ exit, stderr }).toMatchObject({ exit: 1, stderr: expect.stringContaining('after it was read') })
  expect(readFileSync(log, 'utf8')).toBe(other)
  expect(await desk.changes()).toEqual(changes)
})

test('lines after the last checkpoint are said to be covered by none, and that one is missing', async () => {
  const desk = await refusedTeam()
  await desk.run('access-posture', 'INC-1')
  const log = join(desk.logs, 'INC-1', 'audit.jsonl')
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n')
  rmSync(join(desk.logs, 'INC-1', 'checkpoints', String(lines.length)))
  expect(await desk.breakglass('audit', 'verify', 'INC-1')).toMatchObject({
    exit: 0,
    stdout: expect.stringMatching(
      new RegExp(
        `^No checkpoint covers entr.* ${lines.length}: nothing in[^]*which runs make at these entries: ${lines.length}\\.`,
        'm',
      ),
    ),
  })
})
