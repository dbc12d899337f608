import { randomBytes, randomInt } from 'node:crypto'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { writeTeam } from '../incident/team.ts'
import { filesUnder, tracesOf } from '../incident/traces.ts'
import { makeDesk, root } from './desk.ts'
import type { Ended } from './machine.ts'
import { watchProcesses } from './watched-processes.ts'

const desk = makeDesk()
const limit = { timeout: 300_000 }
const word = (bytes: number) => randomBytes(bytes).toString('base64url')

/** Kinds of secrets; each is random, and none under a byte or over 64 KiB. */
const kinds: ((bytes: number) => Buffer)[] = [
  (bytes) => randomBytes(bytes),
  (bytes) => Buffer.from(word(bytes).slice(0, bytes)),
  (bytes) => Buffer.from(`${word(bytes)}\n${word(bytes)}\r\n${word(bytes)}\n`.slice(-bytes)),
  (bytes) => Buffer.from(`^(${word(6)})+[a-z]{2,}$|\\d*?.${word(bytes)}`.slice(0, Math.max(bytes, 30))),
  (bytes) => Buffer.from(JSON.stringify({ user: word(6), 'pass"word': `${word(bytes)}\\é`, list: [1, null] })),
  (bytes) =>
    Buffer.from(
      `-----BEGIN PRIVATE KEY-----\n${randomBytes(bytes).toString('base64').replaceAll(/.{64}/g, '$&\n')}\n-----END PRIVATE KEY-----\n`,
    ),
  (bytes) => Buffer.from(`it's "$${word(bytes)}" \`${word(4)}\` %41 & <b> 😀é`),
]
const sizes = [1, 2, 3, 7, 8, 16, 33, 64, 257, 1024, 4096, 20_000]
const secrets = Object.fromEntries(
  Array.from({ length: 100 }, (_, n) => {
    const size = n === 99 ? 65_536 : (sizes[n % sizes.length] ?? 1) + (n > 40 ? randomInt(40) : 0)
    const make = n === 99 ? kinds[0] : kinds[n % kinds.length]
    return [`CANARY_${n}`, make?.(size) ?? randomBytes(size)]
  }),
)
/** What is shorter stands in any text by chance, and nobody could tell it from a leak. */
const searched = Object.fromEntries(Object.entries(secrets).filter(([, bytes]) => bytes.length >= 6))
/** Those that can't be masked, so that a run stops at them unless the team says that it may go on. */
const tooShort = Object.entries(secrets).flatMap(([name, bytes]) => (bytes.toString().trim().length < 4 ? [name] : []))
const ended: Record<string, Ended> = {}
/** What others on the machine could see of the processes. */
const processes: Record<string, Buffer> = {}

const versions = (of: Record<string, Buffer>) => ({
  secrets: Object.fromEntries(
    Object.entries(of).map(([name, bytes]) => [name, { versions: [{ base64: bytes.toString('base64') }] }]),
  ),
})

/** Where scenarios are written: a workspace of its own, since a plan is saved only for one. */
const scenarios = {
  write(file: string, text: string): string {
    writeFileSync(desk.at('workspace', 'runbooks', 'scenarios', file), text)
    return desk.at('workspace', 'runbooks', 'scenarios', file)
  },
}

async function play(name: string, refused?: string, short: string[] = tooShort): Promise<void> {
  const quoted = secrets[refused ?? ''] ?? Buffer.alloc(0)
  const encodings = `${quoted} ${quoted.toString('hex')} ${Buffer.from(`x${quoted}y`).toString('base64')} '${String(quoted).replaceAll("'", "'\\''")}'`
  const scenario = writeTeam(
    scenarios as unknown as Parameters<typeof writeTeam>[0],
    name,
    ['secret-parity'],
    {
      secrets: Object.keys(secrets).map((each) => ({
        ...{ name: each, references: ['trial'] },
        ...(short.includes(each) ? { mayBeShort: true } : {}),
      })),
    },
    {
      'heron-live': versions(Object.fromEntries(Object.keys(secrets).map((each) => [each, randomBytes(12)]))),
      'heron-trial': versions(secrets),
    },
    refused === undefined
      ? []
      : [
          {
            on: { service: 'secretmanager', method: 'versions.add', resource: refused, calls: 'every' },
            answer: { status: 400, reason: 'INVALID_ARGUMENT', message: `No: ${encodings}` },
          },
        ],
  )
  const incident = `INC-${name}`
  const where = ['--env', 'live', '--sandbox', scenario, '--workspace', desk.at('workspace')]
  ended[`${name} plan`] = await desk.breakglass([
    'plan',
    'secret-parity',
    ...where,
    '--out',
    desk.at(`${name}.plan.json`),
  ])
  const run = ['run', 'secret-parity', '--env', 'live', '--workspace', desk.at('workspace'), '--incident', incident]
  const engine = [process.execPath, join(root, 'engine', 'main.ts'), ...run, '--reason', 'a test', '--yes']
  const watch = watchProcesses(desk.folder)
  ended[`${name} run`] = await desk.breakglass(
    ['sandbox', scenario, '--requests', desk.at(`${name}.requests`), '--', ...engine, '--logs', desk.logs],
    { BREAKGLASS_DEBUG: '1' },
  )
  Object.assign(processes, watch.end())
  for (const format of ['html', 'json'])
    ended[`${name} ${format}`] = await desk.breakglass(['record', incident, '--logs', desk.logs, '--format', format])
  await desk.breakglass(['audit', 'export', incident, '--logs', desk.logs, '--out', desk.at(`${name}.tar`)])
  ended[`${name} show`] = await desk.breakglass(['audit', 'show', incident, '--logs', desk.logs, '--json'])
}

beforeAll(async () => {
  cpSync(join(root, 'runbooks'), desk.at('workspace', 'runbooks'), { recursive: true })
  await play('copied')
  await play('refused', 'CANARY_6')
  await play('stopped', undefined, tooShort.slice(1))
}, 300_000)

test('one that is too short to be masked stops the run with that message, before anything is changed', () => {
  const [first = ''] = tooShort
  expect(tooShort.length).toBeGreaterThan(3)
  for (const each of ['stopped plan', 'stopped run']) {
    const { exit, stdout, stderr } = ended[each] ?? { exit: null, stdout: '', stderr: '' }
    const said = `${stdout} ${stderr}`.replaceAll(/\s+/g, ' ')
    expect(exit).toBe(1)
    expect(said).toContain(`version 1 of ${first} in heron-trial is too short to be masked`)
    expect(said).toContain('set `mayBeShort: true` for the secret in the inventory')
  }
  expect(readFileSync(desk.at('logs', 'INC-stopped', 'audit.jsonl'), 'utf8')).not.toContain('"type":"step.intent"')
})

test(
  'a hundred secrets are copied, one byte to 64 KiB, of every kind; one is refused by a service that repeats it',
  limit,
  () => {
    expect(ended['copied plan']).toMatchObject({ stderr: '' })
    expect(ended['copied run']).toMatchObject({ exit: 0 })
    expect(ended['refused run']).toMatchObject({ exit: 1 })
    const applied = readFileSync(desk.at('logs', 'INC-copied', 'audit.jsonl'), 'utf8').match(/"verdict":"applied"/g)
    expect(applied).toHaveLength(100)
    expect(readFileSync(desk.at('logs', 'INC-refused', 'audit.jsonl'), 'utf8')).toContain('No: (secret)')
  },
)

test(
  'none of them is in a log, record, page, archive, plan or request log, on a screen, or in an argv or environment, in any form',
  limit,
  () => {
    const places = {
      ...processes,
      ...filesUnder(desk.logs),
      ...Object.fromEntries(
        [
          ...['copied.plan.json', 'refused.plan.json', 'copied.tar', 'refused.tar'],
          ...['copied.requests', 'refused.requests', 'stopped.requests'],
        ].map((name) => [name, readFileSync(desk.at(name))]),
      ),
      ...Object.fromEntries(Object.entries(ended).map(([name, { stdout, stderr }]) => [name, `${stdout}\n${stderr}`])),
    }
    expect(Object.keys(places).length).toBeGreaterThan(20)
    expect(readFileSync(desk.at('copied.requests'), 'utf8').match(/"rpc":"versions\.add"/g)).toHaveLength(100)
    expect(Object.keys(processes).filter((place) => place.endsWith('cmdline')).length).toBeGreaterThan(4)
    expect(Object.keys(searched).length).toBeGreaterThan(60)
    expect(tracesOf(searched, places)).toEqual([])
  },
)
