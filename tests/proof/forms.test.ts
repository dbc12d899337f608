import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { makeRedactor } from '../../engine/audit/redact.ts'
import { SecretBytes } from '../../engine/steps/secrets/secret-bytes.ts'

const maskOf = (secret: Uint8Array) => {
  const redactor = makeRedactor(new Uint8Array(32))
  redactor.memoize(new SecretBytes(Uint8Array.from(secret)))
  return redactor.mask
}

/** The longest piece of a text that is left of another. */
const pieces = (text: string, length: number): string[] =>
  Array.from({ length: Math.max(0, text.length - length + 1) }, (_, at) => text.slice(at, at + length))

test.each(['base64', 'base64url'] as const)(
  'a secret is masked in the %s of something longer, wherever it starts',
  (encoding) => {
    const around = fc.uint8Array({ maxLength: 9 })
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 12, maxLength: 80 }), around, around, (secret, before, after) => {
        const masked = maskOf(secret)(Buffer.concat([before, secret, after]).toString(encoding))
        expect(masked).toContain('(secret)')
        const alone = [0, 1, 2].flatMap((offset) => {
          const symbols = Buffer.concat([new Uint8Array(offset), secret]).toString(encoding)
          return pieces(symbols.slice(Math.ceil((offset * 8) / 6), -4), 12)
        })
        expect(alone.filter((piece) => masked.includes(piece))).toEqual([])
      }),
    )
  },
)

test.each<[string, string]>([
  ['single quotes', `'it'\\''s a $ecret "x" \\ y'`],
  ['single and double quotes', `'it'"'"'s a $ecret "x" \\ y'`],
  ['double quotes', `"it's a \\$ecret \\"x\\" \\\\ y"`],
  ['backslashes', `it\\'s\\ a\\ \\$ecret\\ \\"x\\"\\ \\\\\\ y`],
])('a secret in a command line, quoted by %s, is masked', (_, quoted) => {
  const secret = `it's a $ecret "x" \\ y`
  expect(execFileSync('sh', ['-c', `printf %s ${quoted}`], { encoding: 'utf8' })).toBe(secret)
  expect(maskOf(Buffer.from(secret))(`+ run ${quoted} --now`)).toMatch(/^\+ run ['"]?\(secret\)['"]? --now$/)
})

test('a secret in a form that was posted is masked', () => {
  const secret = 'spaces & more=1'
  expect(maskOf(Buffer.from(secret))(`a=1&b=${new URLSearchParams({ s: secret }).toString().slice(2)}&c=2`)).toBe(
    'a=1&b=(secret)&c=2',
  )
})
