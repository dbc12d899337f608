import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { inOrder } from '../in-order.ts'
import { folderOf, makeDesk, ofType } from '../incident/cli.ts'

inOrder()

const desk = makeDesk()
const words =
  'run access-posture --env prod --sandbox incident-2026-02-27 --input services=frontend-app --yes --reason'.split(' ')

/** Returns how the commands of a run ran, by its log, and how its changes did. */
async function waysOf(incident: string, options: string[], environment = {}) {
  const given = { environment: { ...environment, MARK: incident } }
  const { stderr } = await desk.breakglass(
    [...words, 'test', '--incident', incident, '--logs', desk.logs, ...options],
    given,
  )
  expect(stderr).not.toContain('internal error')
  const entries = desk.entries(incident)
  const ran = entries.flatMap(({ body: { commands = [] } }) => commands)
  const changes = ofType(entries, 'step.outcome').map(({ body }) => body.evidence.way)
  expect(ran.filter(({ argv }) => argv.includes('update'))).toHaveLength(changes.length)
  // Each entry of a step has the commands behind it: its change, and the reads that verify it.
  for (const {
    body: { commands = [] },
  } of ofType(entries, 'step.outcome')) {
    const [first, ...reads] = commands.map(({ argv }) => argv.includes('update'))
    expect([first, reads.length > 0, reads.includes(true)]).toEqual([true, true, false])
  }
  return { ran: [...new Set(ran.map(({ way }) => way))], changes: [...new Set(changes)] }
}

const processesOf = (incident: string): string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`\0MARK=${incident}\0`)
      } catch {
        return false
      }
    })

test('commands run warm, the log records it for each, and no process is left', { timeout: 240_000 }, async () => {
  expect(await waysOf('WARM-1', [])).toEqual({ ran: ['warm'], changes: ['warm'] })
  expect(processesOf('WARM-1')).toEqual([])
})

test('--cold starts a new gcloud for each command', { timeout: 240_000 }, async () => {
  expect(await waysOf('COLD-1', ['--cold'])).toEqual({ ran: ['cold'], changes: ['cold'] })
})

test('without gcloud, the log says that the fake gcloud ran', { timeout: 240_000 }, async () => {
  const PATH = dirname(process.execPath)
  expect(await waysOf('NONE-1', [], { PATH })).toEqual({ ran: ['fake'], changes: ['fake'] })
})

test('doctor reports why commands run cold', {
  timeout: 240_000,
}, async () => {
  const bin = join(desk.folder, 'wrapped', 'bin')
  mkdirSync(bin, { recursive: true })
  writeFileSync(join(bin, 'gcloud'), `#!/bin/sh\nexec ${folderOf('gcloud')}/gcloud "$@"\n`, { mode: 0o755 })
  const environment = { PATH: [bin, desk.environment.PATH].join(delimiter) }
  const doctor = ['doctor', '--sandbox', 'incident-2026-02-27']
  expect((await desk.breakglass(doctor, { environment })).stdout).toMatch(
    /warning +warm gcloud +gcloud loads again for each command: gcloud unknown/,
  )
  expect((await desk.breakglass(doctor)).stdout).toMatch(/ok +warm gcloud/)
})
