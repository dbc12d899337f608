import { rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { inOrder } from '../in-order.ts'
import { makeDesk } from '../saved-plans/sandbox-desk.ts'

inOrder()

const limit = { timeout: 240_000 }
const desk = await makeDesk('conformant')
const run = (incident: string, ...more: string[]) =>
  desk.breakglass('run', 'access-posture', '--env', 'prod', '--incident', incident, '--reason', 'r', '--yes', ...more)
const fileOf = (incident: string, name: string) => join(desk.logs, incident, name)

test.each<[string, (log: string) => void]>([
  ['emptied', (log) => truncateSync(log, 0)],
  ['taken away', (log) => rmSync(log)],
])(
  'a log that was %s is missed by its checkpoints: verify says so, and no run begins it anew',
  limit,
  async (how, lose) => {
    const incident = `LOST-${how.replace(' ', '-')}`
    expect((await run(incident)).exit).toBe(0)
    lose(fileOf(incident, 'audit.jsonl'))
    expect(await desk.breakglass('audit', 'verify', incident)).toMatchObject({
      exit: 1,
      stdout: expect.stringContaining('the tail was cut: entry 1 is missing'),
    })
    expect(await run(incident)).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining('is missing, but checkpoints in its folder show that it existed'),
    })
  },
)

test('a record that a person wrote is left as it is', limit, async () => {
  await run('OWN')
  writeFileSync(fileOf('OWN', 'record.md'), '# Ours\n\nWritten for an hour.\n')
  expect(await desk.breakglass('record', 'OWN')).toMatchObject({
    exit: 1,
    stderr: expect.stringContaining('was not derived from the log, so it was not overwritten'),
  })
  expect((await run('OWN')).exit).toBe(0)
  expect(desk.record('OWN')).toBe('# Ours\n\nWritten for an hour.\n')
})

test('an input that is given twice is refused, and none of the two is taken', limit, async () => {
  const twice = ['--input', 'services=frontend-app', '--input', 'services=marketing-site']
  expect(await run('TWICE', ...twice)).toMatchObject({
    exit: 2,
    stderr: expect.stringContaining('--input services is given twice'),
  })
})
