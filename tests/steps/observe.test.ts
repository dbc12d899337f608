import { expect, test } from 'vitest'
import { observe } from '../../engine/steps/index.ts'
import type { BoundHttpStep, BoundStep } from '../../engine/steps/types.ts'
import type { Failure, HttpAnswer } from '../../engine/steps/world.ts'
import { failedWith, gcloudStep, printed, readingStep, worldOf } from '../samples/samples.ts'

/** What gcloud says of a thing that is not there. */
const missing = (name = 'two', verb = 'thing.describe') =>
  failedWith('not-found', `(gcloud.${verb}) NOT_FOUND: Thing [projects/1/things/${name}] not found.`)

const read = async (answer: ReturnType<typeof printed>, over = {}) =>
  (
    await observe(
      gcloudStep('a', over),
      worldOf(async () => answer),
    )
  ).observation

test('a step selects its values from what gcloud prints', async () =>
  expect(await read(printed({ value: 'x', more: 1 }))).toEqual({ state: 'value', value: { value: 'x' } }))

test.each<[Failure['cause'], object]>([
  ['not-found', { state: 'unknown', cause: 'other' }],
  ['denied', { state: 'unknown', cause: 'denied' }],
  ['no-login', { state: 'unknown', cause: 'no-login' }],
  ['network', { state: 'unknown', cause: 'network' }],
  ['timeout', { state: 'unknown', cause: 'timeout' }],
  ['disabled-api', { state: 'unknown', cause: 'disabled-api' }],
  ['conflict', { state: 'unknown', cause: 'other' }],
  ['unavailable', { state: 'unknown', cause: 'other' }],
  ['invalid', { state: 'unknown', cause: 'other' }],
  ['other', { state: 'unknown', cause: 'other' }],
])('a read that fails with %s is %j, never absence', async (cause, observation) =>
  expect(await read(failedWith(cause, 'why'))).toMatchObject(observation),
)

test.each([
  ['another form', printed({ other: 1 })],
  ['a list', printed([])],
  ['no JSON', printed('Listed 0 items.')],
  ['nothing', printed('')],
  ['half of JSON', printed('{"value": "x"')],
  ['bytes that are no text', { ...printed(''), output: new Uint8Array([0x22, 0xff, 0x22]) }],
  ['an incomplete character', printed('{"value": "\\ud83d"}')],
  ['a number beyond 2^53', printed('{"value": 123456789012345678901234567890}')],
])('an answer of %s is unknown, not absent and not a value', async (_, answer) =>
  expect((await read(answer)).state).toBe('unknown'),
)

test('a selected value that may be missing has its default', async () =>
  expect(await read(printed({}), { select: { value: "${{ result.?value.orValue('none') }}" } })).toEqual({
    state: 'value',
    value: { value: 'none' },
  }))

const reads = [
  { name: 'one', command: { argv: ['thing', 'describe', 'one'], project: 'p' } },
  { name: 'two', command: { argv: ['thing', 'describe', 'two'], project: 'p' } },
]

test.each([
  ['both there', printed({ v: 1 }), printed({ v: 2 }), { state: 'value', value: { sum: 3 } }],
  ['one absent', printed({ v: 1 }), missing(), { state: 'absent' }],
  ['one unknown', failedWith('denied'), printed({ v: 2 }), { state: 'unknown', cause: 'denied' }],
  ['one absent and one unknown', missing('one'), failedWith('denied'), { state: 'unknown', cause: 'denied' }],
])('of two reads with %s', async (_, one, two, observation) => {
  const step = gcloudStep('a', { reads, select: { sum: '${{ result.one.v + result.two.v }}' } })
  const world = worldOf(async ({ argv }) => (argv[2] === 'one' ? one : two))
  expect((await observe(step, world)).observation).toMatchObject(observation)
})

const http = (over: Partial<BoundHttpStep>): BoundHttpStep => {
  const { apply: _, undo: _undo, reads: _reads, select: _select, expect: _expect, ...common } = gcloudStep('a')
  return { ...common, kind: 'http', url: 'https://web.test/', status: 200, variables: {}, ...over }
}

test.each<[HttpAnswer, object]>([
  [{ status: 200 }, { state: 'value', value: { status: 200, url: 'https://web.test/' } }],
  [{ status: 404 }, { state: 'value', value: { status: 404 } }],
  [
    { failed: 'ENOTFOUND', cause: 'network' },
    { state: 'unknown', cause: 'network', reason: 'https://web.test/: ENOTFOUND' },
  ],
])('a URL that answers %j is %j', async (answer, observation) => {
  const world = worldOf(async () => printed({}), { http: async () => answer })
  expect((await observe(http({}), world)).observation).toMatchObject(observation)
})

test.each([
  ['there', printed({ url: 'https://found.test' }), { state: 'value', value: { url: 'https://found.test/x' } }],
  ['absent', missing('a'), { state: 'absent' }],
  ['unreadable', failedWith('denied'), { state: 'unknown', cause: 'denied' }],
  ['without a URL', printed({}), { state: 'unknown', cause: 'other' }],
])('a URL from a read that is %s', async (_, answer, observation) => {
  const asked: string[] = []
  const world = worldOf(async () => answer, { http: async (url) => ({ status: 199 + asked.push(url) }) })
  const from = { argv: ['run', 'services', 'describe', 'a'], project: 'p' }
  expect((await observe(http({ from, url: '${{ result.url }}/x' }), world)).observation).toMatchObject(observation)
  expect(asked).toEqual(observation.state === 'value' ? ['https://found.test/x'] : [])
})

test('a gate that observes nothing is unknown, not conformant', async () => {
  const {
    apply: _,
    undo: _undo,
    reads: _reads,
    select: _select,
    expect: _expect,
    variables: _v,
    ...common
  } = gcloudStep('a')
  const gate = { ...common, kind: 'gate', gate: 'drift', steps: [] as BoundStep[] } as const
  const world = worldOf(async () => printed({ value: 'right' }))
  expect((await observe(gate, world)).observation).toMatchObject({
    state: 'unknown',
    reason: expect.stringContaining('`drift`'),
  })
  expect((await observe({ ...gate, steps: [readingStep('a')] }, world)).observation).toMatchObject({ state: 'value' })
  // What a gate's step would start beside reading is not started, so nothing is known of it.
  expect((await observe({ ...gate, steps: [gcloudStep('a')] }, world)).observation).toMatchObject({
    state: 'unknown',
    reason: expect.stringContaining('was not started'),
  })
})
