import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { describeUnseen, describeWrong, looksOf } from '../../engine/steps/secrets/invisible-differences.ts'
import { SecretBytes } from '../../engine/steps/secrets/secret-bytes.ts'

vi.setConfig({ testTimeout: 120_000 })

const bytesOf = (value: string | Uint8Array) => (typeof value === 'string' ? Buffer.from(value) : value)
const look = (value: string | Uint8Array) => {
  const { traits, bare } = looksOf(new SecretBytes(Uint8Array.from(bytesOf(value))))
  return { traits, bare: bare.lend((bytes) => Buffer.from(bytes).toString('latin1')) }
}
const wrong = (value: string | Uint8Array) => describeWrong(look(value).traits)
const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le')

test.each<[string | Uint8Array, string]>([
  ['s3cret\n', 'ends in a line feed'],
  ['s3cret\n\n', 'ends in line feeds'],
  ['s3cret\r\n', 'ends in a CR LF line end'],
  ['s3cret\r', 'ends in a carriage return'],
  ['s3cret ', 'ends in a space'],
  ['\ts3cret', 'starts with a tab'],
  [' s3cret\t\n', 'starts with a space and ends in a tab and ends in a line feed'],
  ['s3cret\0', 'ends in a NUL character'],
  ['\ufeffs3cret', 'starts with a byte order mark'],
  ['s3cret\ufeff', 'ends in a byte order mark'],
  ['s3cret\u00a0', 'ends in a no-break space'],
  ['s3cret\u3000', 'ends in an unusual space'],
  ['s3cret\u2028', 'ends in an unusual line break'],
  ['s3\u200bcret', 'has zero-width characters inside'],
  ['s3\u00adcret', 'has zero-width characters inside'],
  ['s3\u202fcret', 'has no-break spaces inside'],
  ['s3\u0007cret', 'has control characters inside'],
  ['a\r\nb\r\n', 'has CR LF line ends inside'],
  ['s\u0065\u0301cret', 'is not in the normal form NFC'],
  [utf16('s3cret'), 'is encoded in UTF-16 and has'],
  [Buffer.from('s3cret', 'utf16le'), 'is encoded in UTF-16'],
  ['\n', 'holds nothing that can be seen'],
])('what is probably wrong with %j is described', (value, says) => {
  expect(wrong(value)).toBe(says.replace(' and has', ''))
})

test.each([
  's3cret',
  'correct horse battery staple',
  '-----BEGIN KEY-----\nabc\n-----END KEY-----\n',
  '{\n\t"a": 1\n}',
  'sécret',
  '',
  Uint8Array.from([0xff, 0xfe, 0xfd, 0x80, 0x0a]),
])('%j is as values are', (value) => {
  expect(wrong(value)).toBeUndefined()
})

test.each<[string, string | Uint8Array, string | Uint8Array, string]>([
  ['a line feed', 'k3y', 'k3y\n', 'theirs ends in a line feed'],
  ['line feeds of another number', 'k3y\n', 'k3y\n\n', 'mine ends in a line feed, theirs ends in line feeds'],
  ['line ends', 'a\nb', 'a\r\nb', 'mine has line feeds inside, theirs has CR LF line ends inside'],
  ['spaces inside', 'a b', 'ab', 'mine has spaces inside'],
  ['the form of an accent', 'sécret', 'se\u0301cret', 'theirs is not in the normal form NFC'],
  ['the encoding', 'k3y\n', utf16('k3y'), 'mine ends in a line feed, theirs is encoded in UTF-16'],
  ['a line feed after bytes', Buffer.from([0xff, 1, 2]), Buffer.from([0xff, 1, 2, 10]), 'theirs ends in a line feed'],
  ['the place of a space', 'a bc', 'ab c', 'blanks and other unseen characters of the same kinds'],
])('two values that differ only in %s are the same without invisible characters', (_, mine, theirs, says) => {
  const [own, other] = [look(mine), look(theirs)]
  expect(own.bare).toBe(other.bare)
  expect(describeUnseen(own.traits, other.traits, { own: 'mine', theirs: 'theirs' })).toBe(
    `only in what cannot be seen: ${says}`,
  )
})

test('values that differ visibly stay different', () => {
  expect(look('k3y\n').bare).not.toBe(look('k4y').bare)
  expect(look('K3y').bare).not.toBe(look('k3y').bare)
  expect(look('k3y-').bare).not.toBe(look('k3y\u2014').bare)
})

const VOCABULARY =
  /^((starts with|ends in|has) (a |an )?(line feeds?|CR LF line ends?|carriage returns?|(unusual )?line breaks?|(no-break |unusual )?spaces?|tabs?|(zero-width|NUL|control) characters?|byte order marks?)( inside)?|is encoded in UTF-16|is not in the normal form NFC|holds nothing that can be seen)$/

test('every description uses a closed vocabulary, whatever the length of the value, and names no position', () => {
  const unit = fc.oneof(
    fc.constantFrom('\n', '\r\n', ' ', '\t', '\0', '\ufeff', '\u00a0', '\u200b', 'e\u0301'),
    fc.string({ unit: 'binary' }),
  )
  fc.assert(
    fc.property(
      fc.array(unit).map((parts) => parts.join('')),
      (value) => {
        for (const { says } of look(value).traits) expect(says).toMatch(VOCABULARY)
      },
    ),
  )
  fc.assert(
    fc.property(fc.uint8Array(), (value) => {
      for (const { says } of look(value).traits) expect(says).toMatch(VOCABULARY)
    }),
  )
  expect(look('abc\u200bdefghi\n').traits).toEqual(look('xyzxyzxyzxyz\u200bz\u200b\u200bz\n').traits)
})

test('UTF-8 is read as Node reads it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
      const valid = Buffer.from(Buffer.from(bytes).toString('utf8')).equals(Buffer.from(bytes))
      const visible = Uint8Array.from([0x41, ...bytes, 0x41, 0x41])
      const isBinary = look(visible).traits.every((trait) => !trait.wrong)
      if (!valid && bytes.every((byte) => byte !== 0)) expect(isBinary).toBe(true)
    }),
    { numRuns: 1000 },
  )
})
