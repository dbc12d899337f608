import fc from 'fast-check'
import { expect, test } from 'vitest'
import { UserError } from '../../engine/base/problem.ts'
import { formatPlan, parsePlan, sealPlan, spokenDigest } from '../../engine/plan/saved.ts'
import { content } from './sample-plan.ts'

const bytes = Buffer.from(formatPlan(sealPlan(content)))

const refusal = (changed: Uint8Array): UserError => {
  try {
    parsePlan(changed, 'p.json')
  } catch (error) {
    if (error instanceof UserError) return error
    throw error
  }
  throw new Error('the file was taken')
}

test('what was written is read back as it was', () => {
  expect(parsePlan(bytes, 'p.json')).toEqual(sealPlan(content))
  expect(bytes.at(-1)).toBe(0x0a)
  expect(bytes.indexOf('\n')).toBe(bytes.length - 1)
})

test('every change of a single byte is refused', () => {
  const position = fc.nat(bytes.length - 1)
  fc.assert(
    fc.property(position, fc.integer({ min: 1, max: 255 }), (at, by) => {
      const changed = Uint8Array.from(bytes)
      changed[at] = (changed[at]! + by) % 256
      expect(refusal(changed).exitCode).toBe(2)
    }),
    { numRuns: 3000 },
  )
})

test('every byte is guarded: each of them, with its lowest bit turned', () => {
  for (let at = 0; at < bytes.length; at++) {
    const changed = Uint8Array.from(bytes)
    changed[at] = changed[at]! ^ 1
    expect(refusal(changed).exitCode).toBe(2)
  }
})

test('every inserted, removed or repeated byte is refused', () => {
  fc.assert(
    fc.property(fc.nat(bytes.length), fc.integer({ min: 0, max: 255 }), fc.nat(2), (at, byte, remove) => {
      fc.pre(remove > 0 ? at < bytes.length : true)
      const added = remove === 2 ? [] : [byte]
      const changed = Buffer.from([...bytes.subarray(0, at), ...added, ...bytes.subarray(at + Math.min(remove, 1))])
      fc.pre(!changed.equals(bytes))
      expect(refusal(changed).exitCode).toBe(2)
    }),
    { numRuns: 1000 },
  )
})

test('the same JSON in another form is refused: a byte order mark, blanks, another order, a second line feed', () => {
  const saved = JSON.parse(bytes.toString())
  const { apiVersion, ...rest } = saved
  const others = [
    `\ufeff${bytes}`,
    `${JSON.stringify(saved, null, 2)}\n`,
    `${JSON.stringify({ ...rest, apiVersion })}\n`,
    `${bytes}\n`,
    bytes.toString().trimEnd(),
    bytes.toString().replace('"kind":"Plan"', '"kind":"Plan","kind":"Plan"'),
  ]
  for (const other of others) expect(refusal(Buffer.from(other)).exitCode).toBe(2)
})

test('each refusal says what it is', () => {
  const sealed = (change: object) => Buffer.from(formatPlan(sealPlan({ ...content, ...change })))
  const edited = Buffer.from(bytes.toString().replace('--ingress=all', '--ingress=any'))
  expect(refusal(edited).message).toMatch(
    /p\.json was edited: its digest is `sha256:[0-9a-f]{52}…`, but its content has/,
  )
  expect(refusal(Buffer.from('{}\n')).message).toBe('the file p.json is not a saved plan')
  expect(refusal(Buffer.from([0xff, 0xfe])).message).toBe('the file p.json is not a saved plan')
  expect(refusal(Buffer.from('')).message).toBe('the file p.json is not a saved plan')
  expect(refusal(sealed({ kind: 'Runbook' })).message).toBe('the file p.json is not a saved plan')
  expect(refusal(sealed({ apiVersion: 'breakglass/v2' })).message).toContain('another version: `breakglass/v2`')
  for (const lacking of [
    { id: 'plan-1' },
    { expiresAt: 'never' },
    { sources: [] },
    { cloud: { kind: 'moon' } },
    { plan: 1 },
  ])
    expect(refusal(sealed(lacking)).message).toBe('the file p.json is not a saved plan: fields are missing or invalid')
})

test("a plan can't bring runbooks of its own along", () => {
  for (const path of ['/tmp/evil.yaml', '../evil.yaml', 'runbooks/../../evil.yaml', '..', ''])
    expect(
      refusal(
        Buffer.from(
          formatPlan(sealPlan({ ...content, sources: content.sources.map((source) => ({ ...source, path })) })),
        ),
      ).message,
    ).toContain('fields are missing or invalid')
})

test('the digest is over everything that the file says', () => {
  const { digest } = sealPlan(content)
  expect(spokenDigest(digest)).toMatch(/^[0-9a-f]{4} [0-9a-f]{4} [0-9a-f]{4}$/)
  expect(digest).toContain(spokenDigest(digest).replaceAll(' ', ''))
  for (const key of Object.keys(content) as (keyof typeof content)[])
    expect(sealPlan({ ...content, [key]: 'another' } as typeof content).digest).not.toBe(digest)
})
