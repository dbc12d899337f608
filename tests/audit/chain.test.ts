import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EMPTY, hashLine, nextLine } from '../../engine/audit/chain.ts'
import type { LogEvent } from '../../engine/audit/entry.ts'
import { verifyLog } from '../../engine/audit/verify.ts'
import { LogNotWritten, makeWriter } from '../../engine/audit/writer.ts'
import type { RanCommand } from '../../engine/steps/world.ts'
import { opening } from '../samples/sample-log.ts'

const event = (body: object): LogEvent => ({ type: 'run.closed', body }) as unknown as LogEvent
/** An entry that opens a run of its own and holds any data: what was given as its inputs. */
const holding = (given: object): LogEvent =>
  ({
    type: 'run.opened',
    body: { ...opening().body, from: { environment: 'prod', sources: [], given } },
  }) as unknown as LogEvent
const heldBy = (entry: { body: unknown }): object => (entry.body as { from: { given: object } }).from.given
const line = (body: object) => nextLine(EMPTY, new Date(0), 'run-1', event(body))

test('a line is canonical JSON: keys in order, no spaces, chained to the head before it', () => {
  const { line: text, head } = line({ b: 1, a: [1.0, 'ä', { z: null, y: true }], '': 1e21 / 1e6 })
  expect(text).toBe(
    `{"body":{"":1000000000000000,"a":[1,"ä",{"y":true,"z":null}],"b":1},"prev":"${'0'.repeat(64)}","run":"run-1","seq":1,"time":"1970-01-01T00:00:00.000Z","type":"run.closed"}`,
  )
  expect(head).toEqual({ size: 1, hash: hashLine(text) })
})

test.each([
  ['a lone surrogate', { a: '\ud83d' }],
  ['one in a key', { '\udc00': 1 }],
  ['an integer beyond 2^53', { a: 2 ** 53 }],
  ['a negative one, deep inside', { a: [{ b: -(2 ** 60) }] }],
  ['no number', { a: Number.NaN }],
  ['an infinite number', { a: Number.POSITIVE_INFINITY }],
])('%s is refused and not mangled', (_, body) => expect(() => line(body)).toThrow())

test('whatever is written can be read again and is the same', () => {
  const body = fc.dictionary(
    fc.string({ unit: 'grapheme' }),
    fc.oneof(fc.string({ unit: 'grapheme' }), fc.maxSafeInteger(), fc.boolean()),
  )
  fc.assert(
    fc.property(fc.array(body, { minLength: 1, maxLength: 5 }), (bodies) => {
      let head = EMPTY
      let log = ''
      for (const [n, one] of bodies.entries()) {
        const next = nextLine(head, new Date(0), `r-${n}`, holding(one))
        expect(next.line).not.toContain('\n')
        log += `${next.line}\n`
        head = next.head
      }
      const read = verifyLog(Buffer.from(log))
      expect(read.damage).toEqual([])
      expect(read.entries.map((entry) => ({ ...heldBy(entry) }))).toEqual(bodies.map((one) => ({ ...one })))
      expect({ size: read.size, hash: read.head }).toEqual(head)
    }),
  )
})

function writing(fail: (line: number) => boolean, takeRan: () => RanCommand[] = () => []) {
  const lines: string[] = []
  let busy = false
  let overlapped = false
  let asked = 0
  const store = {
    async append(text: string) {
      if (busy) overlapped = true
      busy = true
      await new Promise((resolve) => setTimeout(resolve, asked % 2))
      busy = false
      if (fail(++asked)) throw new Error('disk full')
      lines.push(text)
    },
  }
  const redactor = { secretIn: (text: string) => (text.includes('canary') ? 'a secret' : undefined) }
  const writer = makeWriter(store, EMPTY, 'r', () => new Date(0), redactor, takeRan)
  return { lines, writer, overlapped: () => overlapped, asked: () => asked }
}

test('appends that come at once are written one after the other, chained in their order, and as they are', async () => {
  const { lines, writer, overlapped } = writing(() => false)
  await Promise.all(Array.from({ length: 20 }, (_, n) => writer.append(holding({ n, text: 'prod' }), `r-${n}`)))
  const log = verifyLog(Buffer.from(lines.map((text) => `${text}\n`).join('')))
  expect(log.damage).toEqual([])
  expect(log.entries.map(heldBy)).toEqual(Array.from({ length: 20 }, (_, n) => ({ n, text: 'prod' })))
  expect(overlapped()).toBe(false)
  expect(writer.head()).toEqual({ size: 20, hash: log.head })
})

test('after a failed append nothing more is written, also of what was waiting', async () => {
  const { lines, writer, asked } = writing((line) => line === 3)
  const results = await Promise.allSettled(Array.from({ length: 6 }, (_, n) => writer.append(holding({ n }))))
  expect(results.map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'rejected',
    'rejected',
    'rejected',
    'rejected',
  ])
  await expect(writer.append(holding({ n: 7 }))).rejects.toThrow(LogNotWritten)
  expect([lines.length, asked(), writer.head().size]).toEqual([2, 3, 2])
})

test('an entry that has no canonical form stops the log like a full disk', async () => {
  const { writer, lines } = writing(() => false)
  await expect(writer.append(holding({ a: '\ud83d' }))).rejects.toThrow(LogNotWritten)
  await expect(writer.append(holding({ a: 1 }))).rejects.toThrow(LogNotWritten)
  expect(lines).toEqual([])
})

test.each<[string, LogEvent, string]>([
  ['lacks a member', { type: 'step.not-needed', body: { step: 's' } } as LogEvent, 'missing member `body.reason`'],
  [
    'has a member of nobody',
    { type: 'step.not-needed', body: { step: 's', reason: 'r', more: 1 } } as LogEvent,
    'unknown member `body.more`',
  ],
  [
    'is of no known type',
    { type: 'step.forged', body: {} } as unknown as LogEvent,
    'does not know the entry type `step.forged`',
  ],
])('an entry that %s is never written: no reader would take it', async (_, odd, why) => {
  const { writer, lines } = writing(() => false)
  await expect(writer.append(odd)).rejects.toThrow(why)
  await expect(writer.append(holding({ a: 1 }))).rejects.toThrow(LogNotWritten)
  expect(lines).toEqual([])
})

test('an entry that holds a secret is refused with its place, and nothing after it is written', async () => {
  const { writer, lines } = writing(() => false)
  await expect(writer.append(event({ plan: { inputs: { token: 'a canary' } } }))).rejects.toThrow(
    'plaintext secret (a secret) found in a log entry: run.closed › plan › inputs › token',
  )
  await expect(writer.append(holding({ a: 1 }))).rejects.toThrow(LogNotWritten)
  expect(lines).toEqual([])
})

test('what ran before a decision stands in the next entry of its step: a decision runs nothing', async () => {
  const ran = [
    { argv: ['run', 'services', 'describe', 'shop'], project: 'p-1', way: 'warm', exitCode: 0, durationMs: 9 },
  ]
  const { lines, writer } = writing(
    () => false,
    () => ran.splice(0) as RanCommand[],
  )
  await writer.append({ type: 'step.decided', body: { step: 'a', decision: { choice: 'apply' }, by: 'ada' } })
  await writer.append({
    type: 'step.observed',
    body: { step: 'a', observation: { state: 'absent' }, status: 'drift', moved: false },
  })
  expect(lines.map((line) => JSON.parse(line).body.commands?.length ?? 0)).toEqual([0, 1])
})
