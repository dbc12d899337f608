import type { PhrasingContent } from 'mdast'
import { expect, test } from 'vitest'
import { changes, describeReading, withoutFingerprints } from '../../engine/record/values.ts'
import type { Difference, Expectation, Observation } from '../../engine/steps/types.ts'

const FINGERPRINTS = [`hmac-sha256:${'a'.repeat(32)}`, `hmac-sha256:${'b'.repeat(32)}`] as const
const textOf = (pieces: PhrasingContent[]): string =>
  pieces
    .map((piece) => (piece.type === 'inlineCode' ? `\`${piece.value}\`` : 'value' in piece ? piece.value : ''))
    .join('')

test.each<[string, Difference[]]>([
  ['ingress `internal` → `all`', [{ name: 'ingress', current: 'internal', wanted: 'all' }]],
  ['not granted → granted', [{ name: 'granted', current: false, wanted: true }]],
  ['invoker check `yes` → `no`', [{ name: 'invokerCheck', current: true, wanted: false }]],
  [
    'absent → email `a@b`, not disabled',
    [
      { name: 'email', wanted: 'a@b' },
      { name: 'disabled', wanted: false },
    ],
  ],
  ['email `a@b` → absent', [{ name: 'email', current: 'a@b' }]],
  ['the value differs', [{ name: 'fingerprint', current: FINGERPRINTS[0], wanted: FINGERPRINTS[1] }]],
  ['port `"5" (text)` → `5 (number)`', [{ name: 'port', current: '5', wanted: 5 }]],
])('a change is described in words: %s', (text, differences) => {
  expect(textOf(changes({ differences }))).toBe(text)
})

test.each<[string, Observation, Expectation]>([
  ['17 observed, no drift', { state: 'value', value: { drift: [], observed: 17 } }, { drift: [] }],
  ['17 observed, drift in a; b', { state: 'value', value: { drift: ['a', 'b'], observed: 17 } }, { drift: [] }],
  ['status: 200', { state: 'value', value: { status: 200 } }, { status: 200 }],
  ['status is 404, expected 200', { state: 'value', value: { status: 404 } }, { status: 200 }],
  ['not granted', { state: 'value', value: { granted: false } }, { granted: true }],
  ['pinned: none', { state: 'value', value: { pinned: [] } }, { pinned: [] }],
  ['the value differs', { state: 'value', value: { fingerprint: FINGERPRINTS[0] } }, { fingerprint: FINGERPRINTS[1] }],
  ['absent', { state: 'absent' }, 'absent'],
])('a reading is described in words: %s', (text, observation, expectation) => {
  expect(describeReading(observation, expectation)).toBe(text)
})

test('a message of the engine loses its fingerprints', () => {
  const [a, b] = FINGERPRINTS
  expect(withoutFingerprints(`web: fingerprint is ${a}, must be ${b}; more (fingerprint: ${a} → ${b})`)).toBe(
    'web: the value differs; more (the value differs)',
  )
})
