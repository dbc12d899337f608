import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Key, makeKeyReader } from '../../engine/terminal/keys.ts'

/** What a reader makes of reads, and of the silence after the last. */
const read = (...reads: string[]): Key[] => {
  const reader = makeKeyReader()
  return [...reads.flatMap((text) => reader.feed(text)), ...reader.quiet(100), ...reader.quiet(1000)]
}
const names = (keys: Key[]) => keys.map((key) => (key.kind === 'key' ? key.name : `${key.kind} ${key.text}`))

const SEQUENCES = [
  '\x1b[A',
  '\x1b[1;5C',
  '\x1b[15~',
  '\x1bOP',
  '\x1b[[A',
  '\x1b[<0;1;1M',
  '\x1b[M !!',
  '\x1b[?62;c',
  '\x1b]0;a\x07',
  '\x1bPa\x1b\\',
  '\x1b[97;5u',
]

test.each(SEQUENCES)('no letter of the sequence %j is text, wherever a read cuts it', (sequence) => {
  for (let cut = 0; cut <= sequence.length; cut++)
    expect(
      names(read(sequence.slice(0, cut), sequence.slice(cut), 'x')).filter((name) => name.startsWith('text')),
    ).toEqual(['text x'])
})

test('the second half of a sequence that comes late is no text', () => {
  const reader = makeKeyReader()
  expect(names([...reader.feed('\x1b'), ...reader.quiet(100)])).toEqual(['escape'])
  expect(names([...reader.feed('[B'), ...reader.feed('x')])).toEqual(['down', 'text x'])
})

test('a paste is one block, whatever it holds and wherever a read cuts it', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '\r', '\n', '\x03', '\x1b', '[', '2', '0', '~', 'ü', '\x1b[A') })
  fc.assert(
    fc.property(text, fc.array(fc.nat(60)), (pasted, cuts) => {
      fc.pre(!`${pasted}\x1b[201~`.slice(0, -1).includes('\x1b[201~'))
      const all = `\x1b[200~${pasted}\x1b[201~`
      const places = [0, ...[...cuts].sort((a, b) => a - b), all.length]
      const reads = places.slice(1).map((end, index) => all.slice(places[index], end))
      expect(read(...reads)).toEqual([{ kind: 'paste', text: pasted }])
    }),
  )
})

test('a paste that never ends is over after a second of silence, and then keys are keys again', () => {
  const reader = makeKeyReader()
  expect([...reader.feed('\x1b[200~a\r\x03'), ...reader.quiet(100)]).toEqual([])
  expect(reader.pasting()).toBe(true)
  expect(names(reader.quiet(1000))).toEqual(['paste a\r\x03'])
  expect(names(reader.feed('\x03'))).toEqual(['ctrl-c'])
})

test.each(['\x03', '\x1a', '\x1c', '\x03\x03'])(
  'a stop that is pressed alone ends a paste that never ends: %j',
  (stop) => {
    const reader = makeKeyReader()
    expect([...reader.feed('\x1b[200~a\r'), ...reader.quiet(100)]).toEqual([])
    const [paste, ...stops] = names(reader.feed(stop))
    expect([paste, new Set(stops).size]).toEqual(['paste a\r', 1])
    expect(reader.pasting()).toBe(false)
  },
)

test.each([
  ['\x03', 'ctrl-c'],
  ['\x1a', 'ctrl-z'],
  ['\x1c', 'ctrl-\\'],
  ['\x1d', 'ctrl-]'],
  ['\x1f', 'ctrl-_'],
  ['\x00', 'ctrl-@'],
])('the key %j is %s', (pressed, name) => {
  expect(names(read(pressed))).toEqual([name])
  expect(names(read(`\x1b[${pressed}`)).at(-1)).toBe(name)
})

test.each(['\x1b\x03', '\x1b[\x03', '\x1b]0;title\x03', '\x1b[12\x03', '\x1bP\x03'])(
  'Ctrl-C is heard within what %j begins',
  (text) => expect(names(read(text))).toContain('ctrl-c'),
)

test('a line break with Alt is no Enter', () => {
  expect(names(read('\x1b\r', '\x1b\n', '\x1ba'))).toEqual([])
})
