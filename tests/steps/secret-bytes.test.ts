import { createHmac } from 'node:crypto'
import { format, inspect } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { crc32c } from '../../engine/steps/secrets/crc32c.ts'
import { makeFingerprint, payloadOf, SecretBytes } from '../../engine/steps/secrets/secret-bytes.ts'

const text = 'hunter2-canary'
const forms = [
  text,
  ...(['base64', 'base64url', 'hex'] as const).map((as) => Buffer.from(text).toString(as)),
  [...Buffer.from(text)].join(','),
]

test.each<[string, (secret: SecretBytes) => unknown]>([
  ['String()', (secret) => String(secret)],
  ['a template literal', (secret) => `${secret}`],
  ['+', (secret) => `${'x'}${secret}`],
  ['JSON.stringify', (secret) => JSON.stringify({ secret })],
  ['util.inspect', (secret) => inspect(secret, { showHidden: true, depth: 9, getters: true })],
  ['util.format %s', (secret) => format('%s %o %O', secret, secret, secret)],
  ['util.format %j', (secret) => format('%j', secret)],
  ['structuredClone', (secret) => inspect(structuredClone(secret), { showHidden: true })],
  ['spread', (secret) => inspect({ ...secret })],
  [
    'Object.entries',
    (secret) => inspect([Object.entries(secret), Object.getOwnPropertyNames(secret), Reflect.ownKeys(secret)]),
  ],
  ['Object.assign', (secret) => inspect(Object.assign({}, secret))],
  ['Array.from', (secret) => inspect(Array.from(secret as never))],
  ['Buffer.from', (secret) => Buffer.from(secret as never).toString()],
  ['an error message', (secret) => new Error('failed', { cause: inspect(secret) }).cause],
])('%s does not show a secret', (_, show) => {
  let shown: string
  try {
    shown = String(show(new SecretBytes(Buffer.from(text))))
  } catch (error) {
    shown = `${(error as Error).message} ${(error as Error).stack}`
  }
  for (const form of forms) expect(shown).not.toContain(form)
})

const bytes = fc.uint8Array({ maxLength: 300 })
const answer = (data: string | undefined, dataCrc32c: string | number | null) => {
  const payload = { ...(data === undefined ? {} : { data }), dataCrc32c }
  return Buffer.from(JSON.stringify({ name: 'projects/1/secrets/data/versions/1', payload }, null, 2))
}
const elapsed = (output: Uint8Array) => {
  const secret = payloadOf(output)
  return secret instanceof SecretBytes ? secret.lend((found) => Buffer.from(found)) : secret
}

test('a payload is taken exactly, from base64 and base64url, padded or not', () => {
  fc.assert(
    fc.property(bytes, fc.constantFrom('base64', 'base64url'), fc.boolean(), (secret, as, padded) => {
      const plain = Buffer.from(secret).toString(as).replaceAll('=', '')
      const data = padded ? plain.padEnd(Math.ceil(plain.length / 4) * 4, '=') : plain
      const crc = crc32c(secret)
      for (const checksum of [crc, String(crc)]) expect(elapsed(answer(data, checksum))).toEqual(Buffer.from(secret))
    }),
  )
})

test('an empty secret has no data at all', () => {
  expect(elapsed(answer(undefined, '0'))).toHaveLength(0)
  expect(elapsed(answer('', '0'))).toHaveLength(0)
  expect(elapsed(Buffer.from('{"payload": {}}'))).toHaveLength(0)
})

test.each([
  '',
  '{}',
  '{"name": "x"}',
  '{"payload": {"data": "YW\\n=="}}',
  '{"payload": {"data": "YWJj',
  '{"payload": {"data": null, "dataCrc32c": "123"}}',
  '{"payload": {"data": 12, "dataCrc32c": "123"}}',
  '{"payload": {"data": "AAAAA"}}',
])('%j is no payload, and not an empty or another one', (output) =>
  expect(payloadOf(Buffer.from(output))).toBeUndefined(),
)

test('a payload with the checksum of another one is damaged, also where none of it came', () => {
  fc.assert(
    fc.property(bytes, bytes, (sent, came) => {
      fc.pre(Buffer.compare(sent, came) !== 0)
      const data = came.length === 0 ? undefined : Buffer.from(came).toString('base64url')
      expect(elapsed(answer(data, String(crc32c(sent))))).toBe('damaged')
    }),
  )
  expect(elapsed(answer('YWJj', 'none'))).toBe('damaged')
  expect(elapsed(answer('YWJj', null))).toBe('damaged')
})

test('a wiped secret is all zeros', () => {
  const secret = new SecretBytes(Buffer.from(text))
  secret.wipe()
  expect(secret.lend((found) => [...found])).toEqual(Array(text.length).fill(0))
})

test('a fingerprint is the same for the same bytes and key, and another for any other', () => {
  fc.assert(
    fc.property(bytes, bytes, (a, b) => {
      const [one, two] = [makeFingerprint(Buffer.alloc(32, 1)), makeFingerprint(Buffer.alloc(32, 2))]
      expect(one(new SecretBytes(a)) === one(new SecretBytes(b))).toBe(Buffer.compare(a, b) === 0)
      expect(one(new SecretBytes(a))).not.toBe(two(new SecretBytes(a)))
    }),
  )
  const key = Buffer.alloc(32, 7)
  expect(makeFingerprint(key)(new SecretBytes(Buffer.from('x')))).toBe(
    `hmac-sha256:${createHmac('sha256', key).update('x').digest('hex').slice(0, 32)}`,
  )
})
