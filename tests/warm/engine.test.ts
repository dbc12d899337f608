import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { inOrder } from '../in-order.ts'
import { folderOf, makeDesk, ofType } from '../incident/cli.ts'

inOrder()

const desk = makeDesk()
const words =
  'run access-posture --env prod --sandbox incident-2026-02-27 --input services=frontend-app --yes --reason'.split(' ')

/** Which ways the commands of a run went, as its log says, and which of its changes. */
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
  // Each entry of a step holds the commands that it came from: its change, and the reads that judge it.
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

test('commands run warm, the log says so of each, and nothing is left running', { timeout: 240_000 }, async () => {
  expect(await waysOf('WARM-1', [])).toEqual({ ran: ['warm'], changes: ['warm'] })
  expect(processesOf('WARM-1')).toEqual([])
})

test('--cold starts gcloud anew for each', { timeout: 240_000 }, async () => {
  expect(await waysOf('COLD-1', ['--cold'])).toEqual({ ran: ['cold'], changes: ['cold'] })
})

test('the stand-in has its own way', { timeout: 240_000 }, async () => {
  const PATH = dirname(process.execPath)
  expect(await waysOf('NONE-1', [], { PATH })).toEqual({ ran: ['stand-in'], changes: ['stand-in'] })
})

test('doctor says why commands run cold', {
  timeout: 240_000,
}, async () => {
  const bin = join(desk.folder, 'wrapped', 'bin')
  mkdirSync(bin, { recursive: true })
  writeFileSync(join(bin, 'gcloud'), `#!/bin/sh\nexec ${folderOf('gcloud')}/gcloud "$@"\n`, { mode: 0o755 })
  const environment = { PATH: [bin, desk.environment.PATH].join(delimiter) }
  const doctor = ['doctor', '--sandbox', 'incident-2026-02-27']
  expect((await desk.breakglass(doctor, { environment })).stdout).toMatch(
    /warning +warm gcloud +gcloud is started anew for each command: gcloud unknown/,
  )
  expect((await desk.breakglass(doctor)).stdout).toMatch(/ok +warm gcloud/)
})
