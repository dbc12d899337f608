import { expect, test } from 'vitest'
import { formatDuration, parseDuration } from '../../engine/base/duration.ts'
import { quote, quoteList } from '../../engine/base/printable.ts'
import { suggest } from '../../engine/base/suggest.ts'

test.each([
  ['titel', ['id', 'title', 'risk'], 'title'],
  ['nmae', ['name', 'kind'], 'name'],
  ['for_each', ['forEach', 'observe'], 'forEach'],
  ['desc', ['id', 'description'], 'description'],
  ['steps', ['steps', 'step'], 'step'],
  ['foo', ['title', 'id', 'risk'], undefined],
  ['x', ['y', 'id'], undefined],
  ['in', ['id'], undefined],
  ['', ['a'], undefined],
  ['a'.repeat(100_000), ['apply'], undefined],
])('%j among %j suggests %j', (word, candidates, meant) => {
  expect(suggest(word, candidates)).toBe(meant)
})

test.each([
  ['250ms', 250],
  ['90s', 90_000],
  ['5m', 300_000],
  ['1h', 3_600_000],
  ['0s', 0],
])('%s is %d ms', (text, ms) => expect(parseDuration(text)).toBe(ms))

test.each(['', '5', 's', '1.5s', '-1s', '1 s', '1d', '5m\n', '1h30m', '9999999999s'])(
  '%j is not a duration',
  (text) => {
    expect(() => parseDuration(text)).toThrow(RangeError)
  },
)

test.each([
  [0, '0 ms'],
  [250, '250 ms'],
  [999.6, '1 s'],
  [1234, '1.2 s'],
  [59_960, '1 min'],
  [184_000, '3 min 4 s'],
  [3_599_600, '1 h'],
  [7_500_000, '2 h 5 min'],
  [-1500, '-1.5 s'],
])('%d ms reads %s', (ms, text) => expect(formatDuration(ms)).toBe(text))

test('quoted words are short, on one line and printable', () => {
  expect(quote('a\n\u001b[1m')).toBe('`a␊␛[1m`')
  expect(quote('x'.repeat(1000))).toHaveLength(62)
  expect(quoteList(['a', 'b', 'c'])).toBe('`a`, `b` or `c`')
  expect(quoteList(['a'])).toBe('`a`')
  expect(quoteList(Array.from({ length: 20 }, (_, i) => `k${i}`))).toContain('20 in total')
})
