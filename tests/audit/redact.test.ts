import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findSecret } from '../../engine/audit/find-secret.ts'
import { MASK, makeRedactor } from '../../engine/audit/redact.ts'
import { SecretBytes } from '../../engine/steps/secrets/secret-bytes.ts'

const redactorOf = (...secrets: (string | Uint8Array)[]) => {
  const redactor = makeRedactor(randomBytes(32))
  for (const secret of secrets)
    redactor.memoize(new SecretBytes(typeof secret === 'string' ? Buffer.from(secret) : secret))
  return redactor
}

const encodings: [string, (secret: string) => string][] = [
  ['as it is', (secret) => secret],
  ['as base64', (secret) => Buffer.from(secret).toString('base64')],
  ['as base64 without its end', (secret) => Buffer.from(secret).toString('base64').replaceAll('=', '')],
  ['as base64url', (secret) => Buffer.from(secret).toString('base64url')],
  ['as hex', (secret) => Buffer.from(secret).toString('hex')],
  ['as HEX', (secret) => Buffer.from(secret).toString('hex').toUpperCase()],
  ['in a URL', (secret) => encodeURIComponent(secret)],
  ['in JSON', (secret) => JSON.stringify(secret).slice(1, -1)],
]

test.each(encodings)('a secret %s is masked wherever it stands', (_, encode) => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 4 }), fc.string(), fc.string(), (text, before, after) => {
      const secret = text.toWellFormed()
      const masked = redactorOf(secret).mask(`${before}${encode(secret)}${after}`)
      expect(masked).toContain(MASK)
      expect(masked.length).toBeLessThanOrEqual(
        before.length + after.length + MASK.length * (before.length + after.length + 1),
      )
      if (!MASK.includes(encode(secret)) && !`${before}${after}`.includes(encode(secret)))
        expect(masked.replaceAll(MASK, '')).not.toContain(encode(secret).repeat(2))
    }),
  )
})

test('bytes that are no text are masked in their encodings', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 4, maxLength: 64 }), (bytes) => {
      const { mask } = redactorOf(bytes)
      for (const as of ['base64', 'base64url', 'hex'] as const)
        expect(mask(`x ${Buffer.from(bytes).toString(as)} y`)).toMatch(/^x \(secret\)=* y$/)
    }),
  )
})

test('a secret is masked without the line feed that it ends in, and line by line', () => {
  const { mask } = redactorOf('first-line-of-key\nsecond-line-of-key\n')
  expect(mask('a first-line-of-key b')).toBe(`a ${MASK} b`)
  expect(mask('a second-line-of-key b')).toBe(`a ${MASK} b`)
  expect(redactorOf('hunter2\n').mask('hunter2 aHVudGVyMg== aHVudGVyMgo=')).toBe(`${MASK} ${MASK} ${MASK}`)
})

test('of two secrets the longer is masked first, whatever the order', () => {
  for (const secrets of [
    ['hunter', 'hunter2-long'],
    ['hunter2-long', 'hunter'],
  ])
    expect(redactorOf(...secrets).mask('hunter2-long hunter')).toBe(`${MASK} ${MASK}`)
})

test('too short a secret is not masked: everything would be', () => {
  expect(redactorOf('a', '', 'abc').mask('a banana, abc')).toBe('a banana, abc')
})

test('a name that every command says is neither hidden nor found, whichever was known first', () => {
  for (const order of ['before', 'after']) {
    const redactor = makeRedactor(randomBytes(32))
    if (order === 'before') redactor.spare(['team-prod-1234'])
    redactor.memoize(new SecretBytes(Buffer.from('team-prod-1234')))
    if (order === 'after') redactor.spare(['team-prod-1234'])
    expect(redactor.mask('in team-prod-1234')).toBe('in team-prod-1234')
    expect(redactor.secretIn('in team-prod-1234')).toBeUndefined()
  }
})

test.each(encodings)('a secret %s is found in data, with its place and without its value', (_, encode) => {
  const secret = 'Tr0ub4dor&3 "ü'
  const redactor = redactorOf(secret)
  const step = { key: 'r/s[a]', observation: { state: 'value', value: { list: ['x', `a${encode(secret)}b`] } } }
  expect(findSecret({ plan: { steps: [{ key: 'r/t' }, step] } }, redactor)?.place).toBe(
    'plan › steps › r/s[a] › observation › value › list › 2',
  )
  expect(findSecret({ value: { [encode(secret)]: 1 } }, redactor)?.place).toBe('value › (a name)')
})

test('a number that is a secret is found too', () => {
  expect(findSecret({ port: 5432, pin: 8273645190 }, redactorOf('8273645190'))?.place).toBe('pin')
})

test('what stands in data by chance is not found: a short value, a plain word', () => {
  const redactor = redactorOf('prod', 'internal', 'Production', '5432', 'k3y-1')
  expect(findSecret({ a: 'prod', b: ['internal', 'Production'], c: 5432, d: 'k3y-1' }, redactor)?.place).toBeUndefined()
})

test.each<[string, boolean]>([
  ['', true],
  ['a', false],
  ['abc', false],
  ['abc\n', false],
  [' on \r\n', false],
  ['é€ß', false],
  ['abcd', true],
  ['prod\n', true],
  ['    ', true],
])('%j can be masked: %s', (text, maskable) => {
  expect(makeRedactor(randomBytes(32)).memoize(new SecretBytes(Buffer.from(text)))).toBe(maskable)
})

test('three bytes that are no text are too short, four are not', () => {
  const remembered = (...bytes: number[]) =>
    makeRedactor(randomBytes(32)).memoize(new SecretBytes(Uint8Array.from(bytes)))
  expect([remembered(0, 255, 128), remembered(0, 255, 128, 254)]).toEqual([false, true])
})
