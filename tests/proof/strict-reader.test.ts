import { createHash } from 'node:crypto'
import { appendFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import canonicalize from 'canonicalize'
import { beforeAll, expect, test } from 'vitest'
import { verifyLog } from '../../engine/audit/verify.ts'
import { logOf, noted } from '../samples/sample-log.ts'
import { makeDesk, root } from './desk.ts'

const desk = makeDesk()
const limit = { timeout: 240_000 }

// biome-ignore lint/suspicious/noExplicitAny: a forger writes anything.
type Any = any

beforeAll(async () => {
  await desk.rehearse('INC-1')
}, 240_000)

/** The log of a rehearsal, changed by somebody who chains it anew as it should be. */
function forged(change: (entries: Any[]) => Any[]): Buffer {
  const entries = desk
    .log('INC-1')
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  let prev = '0'.repeat(64)
  const lines = change(entries).map((entry, index) => {
    const line = canonicalize({ ...entry, seq: index + 1, prev }) ?? ''
    prev = createHash('sha256').update(line).digest('hex')
    return `${line}\n`
  })
  return Buffer.from(lines.join(''))
}

const at = (entries: Any[], type: string) => entries.findIndex((entry) => entry.type === type)
const damageOf = (log: Buffer) => verifyLog(log, 'INC-1').damage

/** The last of two lines, which no other is chained to, with something else in its place. */
const withLast = (change: (line: string) => string | Buffer): Buffer => {
  const [first = '', last = ''] = logOf(2)
  return Buffer.concat([Buffer.from(`${first}\n`), Buffer.from(change(last) as string), Buffer.from('\n')])
}
const placeOf = (text: string) => logOf(2)[1]!.indexOf(text) + 1

test.each<[string, (line: string) => string | Buffer, string]>([
  [
    'a blank between members',
    (line) => line.replace(',"prev"', ', "prev"'),
    `at byte ${placeOf(',"prev"') + 2}, it is not in canonical form`,
  ],
  ['a blank at its end', (line) => `${line} `, `at byte ${logOf(2)[1]!.length + 2}, it is not in canonical form`],
  ['a blank before it', (line) => ` ${line}`, 'at byte 1, it is not in canonical form'],
  ['a carriage return', (line) => `${line}\r`, 'it ends with a carriage return'],
  ['a byte order mark', (line) => `\ufeff${line}`, 'at byte 1, it begins with a byte order mark'],
  ['nothing', () => '', 'the line is empty'],
  ['blanks only', () => '  ', 'it is not JSON'],
  ['a NUL', (line) => line.replace('done"', 'do\0ne"'), 'it contains a NUL byte'],
  [
    'bytes that are not UTF-8',
    (line) => Buffer.from(line.replace('ä', 'X'), 'latin1').fill(0xff, placeOf('ä'), placeOf('ä') + 1),
    'it is not UTF-8',
  ],
  ['half a character', (line) => line.replace('ä', '\\ud83d'), 'a lone surrogate'],
  ['an escape that is not needed', (line) => line.replace('done', '\\u0064one'), 'it is not in canonical form'],
  ['an escape in capitals', (line) => line.replace('done', '\\u001Fone'), 'it is not in canonical form'],
  ['an escaped slash', (line) => line.replace('done', '\\/'), 'it is not in canonical form'],
  ['1e3', (line) => line.replace('{"n":1}', '{"n":1e3}'), 'expected `000}'],
  ['1.0', (line) => line.replace('{"n":1}', '{"n":1.0}'), 'it is not in canonical form'],
  ['-0', (line) => line.replace('{"n":1}', '{"n":-0}'), 'it is not in canonical form'],
  ['1e2, as long as 100', (line) => line.replace('{"n":1}', '{"n":1e2}'), 'expected `00}'],
  [
    'a number with more digits than it keeps',
    (line) => line.replace('{"n":1}', '{"n":0.30000000000000005}'),
    'it is not in canonical form',
  ],
  [
    'a short number and a blank that makes up for it',
    (line) => line.replace('{"n":1}', '{"n": 1e3}'),
    'it is not in canonical form',
  ],
  [
    'a name like a number behind one that is none',
    (line) => line.replace('{"n":1}', '{"n":1,"9":1}'),
    'it is not in canonical form',
  ],
  ['2^53', (line) => line.replace('{"n":1}', '{"n":9007199254740992}'), 'beyond 2^53'],
  ['a number that no reader keeps', (line) => line.replace('{"n":1}', '{"n":9007199254740993}'), 'beyond 2^53'],
  ['1e400', (line) => line.replace('{"n":1}', '{"n":1e400}'), 'beyond 2^53'],
  ['a name twice', (line) => line.replace('{"n":1}', '{"n":2,"n":1}'), 'it is not in canonical form'],
  ['a member of six twice', (line) => line.replace('{"body"', '{"body":{},"body"'), 'it is not in canonical form'],
  ['names in another order', (line) => line.replace('{"n":1}', '{"o":1,"n":1}'), 'it is not in canonical form'],
  [
    'names that look like numbers, out of order',
    (line) => line.replace('{"n":1}', '{"9":1,"10":1}'),
    'it is not in canonical form',
  ],
  ['a member beside the six', (line) => line.replace(/\}$/, ',"zone":1}'), 'unknown member `zone`'],
  ['one of the six missing', (line) => line.replace(',"type":"run.closed"', ''), 'missing member `type`'],
  ['a sequence number as text', (line) => line.replace('"seq":2', '"seq":"2"'), 'has an invalid form'],
  ['a time of no zone', (line) => line.replace('001Z', '001'), 'has an invalid form'],
  ['the 30th of February', (line) => line.replace('1970-01-01', '1970-02-30'), 'has an invalid form'],
  ['a 25th hour', (line) => line.replace('T00:', 'T24:'), 'has an invalid form'],
  [
    'a hash in capitals',
    (line) => line.replace(/"prev":"[0-9a-f]+"/, (prev) => `"prev":"${prev.slice(8, -1).toUpperCase()}"`),
    'has an invalid form',
  ],
  ['a run without a name', (line) => line.replace('"run":"run-1"', '"run":""'), 'has an invalid form'],
  [
    'nesting without end',
    (line) => line.replace('{"n":1}', `{"n":${'['.repeat(5000)}${']'.repeat(5000)}}`),
    'nested deeper than 100 levels',
  ],
  ['another JSON value', () => '[1]', 'it is not a JSON object'],
  ['half an object', (line) => line.slice(0, 40), 'at byte 41, it is not JSON'],
])('a line with %s is no entry, and the message says why and where', (_, change, says) => {
  const { damage, entries } = verifyLog(withLast(change))
  expect(damage).toContainEqual({ line: 2, what: expect.stringContaining(says) })
  expect(entries).toHaveLength(1)
})

test('names that look like numbers are taken in the order of RFC 8785, and a text may hold what looks like an escape', () => {
  const odd = { ...noted(1), body: { ending: 'done', reason: 'a \\ud83d \\u0041 "', counts: { 10: 1, 9: 1, '': 1 } } }
  const [first = ''] = logOf(1)
  const head = createHash('sha256').update(first).digest('hex')
  const line = canonicalize({ seq: 2, prev: head, time: '2024-02-29T00:00:00.000Z', run: 'run-1', ...odd })
  expect(verifyLog(Buffer.from(`${first}\n${line}\n`))).toMatchObject({ damage: [], size: 2 })
})

test('a line that is longer than any entry is not read into memory', () => {
  const piece = Buffer.alloc(8 * 2 ** 20, 'x')
  const { damage } = verifyLog(Buffer.concat(Array.from({ length: 9 }, () => piece)))
  expect(damage).toEqual([{ line: 1, what: expect.stringContaining('longer than 64 MiB') }])
})

test('a member of nobody, or one that is missing, is found in every entry of a log that was chained anew', () => {
  const size = desk.log('INC-1').toString().trimEnd().split('\n').length
  expect(damageOf(forged((entries) => entries))).toEqual([])
  for (let index = 0; index < size; index++) {
    const more = forged((entries) =>
      entries.with(index, { ...entries[index], body: { ...entries[index].body, forged: 1 } }),
    )
    expect(damageOf(more)).toContainEqual({
      line: index + 1,
      what: expect.stringContaining('unknown member `body.forged`'),
    })
    const less = forged((entries) => {
      const [[name] = ['']] = Object.entries(entries[index].body).filter(
        ([key]) => !['commands', 'commit', 'note', 'ahead'].includes(key),
      )
      const { [name]: _, ...body } = entries[index].body
      return entries.with(index, { ...entries[index], body })
    })
    if (index !== 1) expect(damageOf(less).map(({ line }) => line)).toContain(index + 1)
  }
})

const STORIES: [string, (entries: Any[]) => Any[], string][] = [
  [
    'the run of another incident',
    (e) => e.with(0, { ...e[0], body: { ...e[0].body, incident: 'INC-2' } }),
    'it opens a run of incident `INC-2`',
  ],
  ['a run that was opened twice', (e) => [...e, e[0]], 'was opened before'],
  [
    'an entry of a run that nobody opened',
    (e) => e.with(-1, { ...e.at(-1), run: 'run-x' }),
    'which no earlier entry opened',
  ],
  [
    'another plan under the same digest',
    (e) => e.with(1, { ...e[1], body: { ...e[1].body, plan: { ...e[1].body.plan, inputs: {} } } }),
    'its plan has digest',
  ],
  [
    'a change of a step that no plan has',
    (e) =>
      e.with(at(e, 'step.intent'), {
        ...e[at(e, 'step.intent')],
        body: { ...e[at(e, 'step.intent')].body, step: 'x' },
      }),
    'has no step `x`',
  ],
  ['an outcome without its intent', (e) => e.toSpliced(at(e, 'step.intent'), 1), 'no earlier intent is attempt 1'],
  [
    'an outcome of another attempt',
    (e) =>
      e.with(at(e, 'step.outcome'), {
        ...e[at(e, 'step.outcome')],
        body: { ...e[at(e, 'step.outcome')].body, attempt: 7 },
      }),
    'no earlier intent is attempt 7',
  ],
  [
    'a check that no plan has',
    (e) =>
      e.with(at(e, 'check.observed'), {
        ...e[at(e, 'check.observed')],
        body: { ...e[at(e, 'check.observed')].body, check: 'x' },
      }),
    'has no check `x`',
  ],
  [
    'an undo of what nobody planned',
    (e) => [...e, { ...e[0], run: 'undo-1', body: { ...e[0].body, undoes: [{ run: e[0].run, step: 'x' }] } }],
    'it undoes `x`',
  ],
  [
    'an entry of a type that nobody knows',
    (e) => [...e, { ...e[0], type: 'run.blessed', body: {} }],
    'does not know the entry type `run.blessed`',
  ],
  [
    'a value that no such member has',
    (e) => e.with(-1, { ...e.at(-1), body: { ...e.at(-1).body, ending: 'splendid' } }),
    '`body.ending` has an invalid value',
  ],
  [
    'a member deep inside',
    (e) =>
      e.with(1, {
        ...e[1],
        body: {
          ...e[1].body,
          plan: { ...e[1].body.plan, environment: { ...e[1].body.plan.environment, owner: 'eve' } },
        },
      }),
    '`body.plan.environment.owner`',
  ],
]

test.each(STORIES)('a log that was chained anew with %s is refused', (_, change, says) => {
  expect(damageOf(forged(change))).toContainEqual({ line: expect.any(Number), what: expect.stringContaining(says) })
})

/** An inventory with a policy, which `countersign` needs before it looks at a log; answers its file. */
function withPolicy(): string {
  const file = desk.at('inventory.yaml')
  const policy =
    'policy: { allowedSigners: signers, approvers: { a: [ada@example.com] }, approvals: [{ environments: [prod], from: { a: 1 } }] }'
  writeFileSync(file, `${readFileSync(join(root, 'runbooks', 'inventory.yaml'), 'utf8')}\n${policy}\n`)
  writeFileSync(desk.at('signers'), '')
  return file
}

test('what verify refuses, no command takes, and nothing is written', limit, async () => {
  const logs = desk.at('forged')
  for (const [, change] of [STORIES[0]!, STORIES[4]!, STORIES[11]!]) {
    rmSync(logs, { recursive: true, force: true })
    mkdirSync(logs)
    cpSync(desk.at('logs', 'INC-1'), `${logs}/INC-1`, { recursive: true })
    rmSync(`${logs}/INC-1/checkpoints`, { recursive: true })
    const file = `${logs}/INC-1/audit.jsonl`
    writeFileSync(file, forged(change))
    const before = readFileSync(file)
    const record = readFileSync(`${logs}/INC-1/record.md`)
    const commands = [
      ...[
        ['audit', 'verify', 'INC-1'],
        ['audit', 'show', 'INC-1'],
        ['audit', 'prove', 'INC-1', '1'],
      ],
      ...[
        ['record', 'INC-1'],
        ['record', 'INC-1', '--format', 'json'],
        ['resume', 'INC-1', '--yes'],
      ],
      ...[
        ['undo', 'INC-1', '--yes'],
        ['reconcile', 'INC-1'],
        ['audit', 'export', 'INC-1', '--out', desk.at('forged.tar')],
        ['countersign', 'INC-1', '--yes', '--inventory', withPolicy()],
      ],
      ['rehearse', 'incident-2026-02-27', '--incident', 'INC-1', '--yes'],
    ]
    for (const argv of commands) {
      const { exit, stdout, stderr } = await desk.breakglass([...argv, '--logs', logs])
      expect(exit, argv.join(' ')).not.toBe(0)
      expect(stdout + stderr, argv.join(' ')).toMatch(/damaged|line \d+/)
    }
    expect(readFileSync(file)).toEqual(before)
    expect(readFileSync(`${logs}/INC-1/record.md`)).toEqual(record)
  }
})

test(
  'verify says what it cannot know: files that are gone, changed or of nobody, clocks that went back',
  limit,
  async () => {
    const logs = desk.at('beside')
    cpSync(desk.logs, logs, { recursive: true })
    const verify = () => desk.breakglass(['audit', 'verify', 'INC-1', '--logs', logs])
    const sources = `${logs}/INC-1/sources`
    const sound = await verify()
    expect(sound).toMatchObject({
      exit: 0,
      stdout: expect.stringContaining('No log can show whether its clocks were right'),
    })
    expect(sound.stdout).toContain('Not checked (not covered by the log): record.md.')
    writeFileSync(`${sources}/${'0'.repeat(64)}.yaml`, 'planted')
    expect(await verify()).toMatchObject({
      exit: 1,
      stdout: expect.stringContaining(`sources/${'0'.repeat(64)}.yaml was changed`),
    })
    rmSync(`${sources}/${'0'.repeat(64)}.yaml`)
    const planted = createHash('sha256').update('planted').digest('hex')
    writeFileSync(`${sources}/${planted}`, 'planted')
    expect(await verify()).toMatchObject({
      exit: 0,
      stdout: expect.stringContaining(`Not evidence (not named by the log): sources/${planted}`),
    })
    rmSync(`${sources}/${planted}`)
    const [file = ''] = readdirSync(sources)
    appendFileSync(`${sources}/${file}`, '#')
    expect(await verify()).toMatchObject({ exit: 1, stdout: expect.stringContaining(`sources/${file} was changed`) })
    rmSync(`${sources}/${file}`)
    expect(await verify()).toMatchObject({
      exit: 0,
      stdout: expect.stringContaining('Named by the log but not in its folder: the'),
    })
    rmSync(`${logs}/INC-1/checkpoints`, { recursive: true })
    writeFileSync(
      `${logs}/INC-1/audit.jsonl`,
      forged((e) => e.with(3, { ...e[3], time: '1999-01-01T00:00:00.000Z' })),
    )
    expect(await verify()).toMatchObject({
      exit: 0,
      stdout: expect.stringMatching(/Times run backwards in 1 line, first in line 4/),
    })
  },
)
