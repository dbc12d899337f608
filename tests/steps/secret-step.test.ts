import { expect, test } from 'vitest'
import { planStep } from '../../engine/plan/observe.ts'
import { applyFor, observe, observeAgain, undoFor } from '../../engine/steps/index.ts'
import { perform } from '../../engine/steps/perform.ts'
import type { SecretBytes } from '../../engine/steps/secrets/secret-bytes.ts'
import type { Change } from '../../engine/steps/types.ts'
import type { GcloudCall, GcloudResult, World } from '../../engine/steps/world.ts'
import { previewStep } from '../../engine/terminal/preview.ts'
import { failedWith, printed, secretStep, worldOf } from '../samples/samples.ts'

type Versions = { value: string | GcloudResult; state?: string; listed?: false }[]

/** A Secret Manager of one secret: per project its versions, oldest first, or why they can't be listed. */
function secrets(projects: Record<string, Versions | GcloudResult>): {
  world: World
  calls: GcloudCall[]
  guarded: SecretBytes[]
} {
  const calls: GcloudCall[] = []
  const guarded: SecretBytes[] = []
  const world = worldOf(
    async (call) => {
      calls.push(call)
      const versions = projects[call.project]
      if (!versions)
        return failedWith(
          'not-found',
          `(gcloud.${call.argv.slice(0, -1).join('.')}) NOT_FOUND: Secret [projects/1/secrets/KEY] not found.`,
        )
      if (!Array.isArray(versions)) return versions
      if (call.argv[2] === 'list')
        return printed(
          versions
            .map(({ state = 'ENABLED', listed }, index) => ({
              name: `projects/1/secrets/KEY/versions/${index + 1}`,
              state,
              listed,
            }))
            .filter(({ listed }) => listed === undefined),
        )
      if (call.argv[2] === 'access') {
        const value = versions[Number(call.argv[3]) - 1]?.value ?? failedWith('not-found')
        if (typeof value !== 'string') return value
        return printed(JSON.stringify({ name: 'n', payload: { data: Buffer.from(value).toString('base64url') } }))
      }
      const stdin = call.stdin?.lend((bytes) => Buffer.from(bytes).toString())
      versions.push({ value: stdin ?? '' })
      return printed({})
    },
    { guard: (secret) => guarded.push(secret) > 0 },
  )
  return { world, calls, guarded }
}

const print = (value: string) => `f:${Buffer.from(value).toString('hex')}`
const one = (value: string): Versions => [{ value }]
const ok = { 'p-stage': one('new'), 'p-dev': one('new') }

test.each<[string, Record<string, Versions | GcloudResult>, string | undefined, object]>([
  [
    'equal',
    { ...ok, 'p-prod': one('new') },
    undefined,
    { state: 'value', value: { version: '1', fingerprint: print('new') } },
  ],
  ['different', { ...ok, 'p-prod': one('old') }, undefined, { state: 'value', value: { fingerprint: print('old') } }],
  [
    'different by a line feed at the end',
    { ...ok, 'p-prod': one('new\n') },
    undefined,
    { value: { fingerprint: print('new\n') } },
  ],
  ['empty', { ...ok, 'p-prod': one('') }, undefined, { value: { fingerprint: print('') } }],
  ['absent', ok, undefined, { state: 'absent' }],
  [
    'without a version',
    { ...ok, 'p-prod': [] },
    undefined,
    { state: 'value', value: { version: '', state: 'NO VERSION', fingerprint: null } },
  ],
  [
    'disabled in its newest version',
    { ...ok, 'p-prod': [{ value: 'new' }, { value: 'x', state: 'DISABLED' }] },
    undefined,
    { state: 'value', value: { version: '2', state: 'DISABLED', fingerprint: null } },
  ],
  [
    'not to be listed',
    { ...ok, 'p-prod': failedWith('denied', 'no') },
    undefined,
    { state: 'unknown', cause: 'denied', reason: 'no' },
  ],
  [
    'not to be read',
    { ...ok, 'p-prod': [{ value: failedWith('denied', 'no access') }] },
    undefined,
    { state: 'unknown', cause: 'denied', reason: 'no access' },
  ],
  [
    'of references that disagree',
    { 'p-stage': one('a'), 'p-dev': one('b'), 'p-prod': one('a') },
    undefined,
    { state: 'unknown', cause: 'undecided', reason: expect.stringContaining('stage ≠ dev') },
  ],
  [
    'of disagreeing references, one trusted',
    { 'p-stage': one('a'), 'p-dev': one('b'), 'p-prod': one('a') },
    'dev',
    { state: 'value', value: { fingerprint: print('a') } },
  ],
  [
    'of an absent reference',
    { 'p-stage': one('a'), 'p-prod': one('a') },
    undefined,
    { state: 'unknown', cause: 'undecided', reason: expect.stringContaining('dev has no usable value') },
  ],
  [
    'of a disabled reference',
    { ...ok, 'p-dev': [{ value: 'new', state: 'DISABLED' }], 'p-prod': one('a') },
    undefined,
    { state: 'unknown', cause: 'undecided', reason: expect.stringContaining('dev has no usable value') },
  ],
  [
    'of an unreadable reference',
    { ...ok, 'p-dev': failedWith('denied', 'no'), 'p-prod': one('a') },
    undefined,
    { state: 'unknown', cause: 'denied', reason: 'dev: no' },
  ],
  [
    'of an unreadable reference, the other trusted',
    { ...ok, 'p-dev': failedWith('denied'), 'p-prod': one('new') },
    'stage',
    { state: 'value' },
  ],
  [
    'of an absent trusted reference',
    { 'p-stage': one('a'), 'p-prod': one('a') },
    'dev',
    { state: 'unknown', cause: 'undecided' },
  ],
])('a secret that is %s', async (_, projects, trust, observation) => {
  const { world } = secrets(projects)
  const step = secretStep(trust === undefined ? {} : { trust })
  expect((await observe(step, world)).observation).toMatchObject(observation)
})

test('the tenth version is newer than the ninth, and is read by its number', async () => {
  const { world, calls } = secrets({
    ...ok,
    'p-prod': Array.from({ length: 10 }, (_, index) => ({ value: `${index}` })),
  })
  expect((await observe(secretStep(), world)).observation).toMatchObject({
    value: { version: '10', fingerprint: print('9') },
  })
  expect(calls.filter(({ argv }) => argv.includes('latest'))).toEqual([])
})

test("the expected value is the trusted reference's, and is copied from there", async () => {
  const { world } = secrets({ 'p-stage': one('a'), 'p-dev': one('b'), 'p-prod': one('c') })
  const step = secretStep({ trust: 'dev' })
  const reading = await observe(step, world)
  expect(reading.expectation).toEqual({ fingerprint: print('b') })
  expect(applyFor(step, reading)).toEqual({
    kind: 'copy-secret',
    from: { project: 'p-dev', secret: 'KEY', version: '1' },
    to: { project: 'p-prod', secret: 'KEY' },
  })
})

test.each([
  ['', ''],
  ['with a line feed\n', 'with a line feed\n'],
  ['\0\u0001 binary ÿ', '\0\u0001 binary ÿ'],
])('the value %j is copied byte for byte, through stdin only, and undone from the version before', async (value) => {
  const projects: Record<string, Versions> = { 'p-stage': one(value), 'p-dev': one(value), 'p-prod': one('old') }
  const { world, calls, guarded } = secrets(projects)
  const step = secretStep()
  const reading = await observe(step, world)
  const before = reading.observation
  await perform(applyFor(step, reading) as Change, world, 1000)
  expect(projects['p-prod']?.at(-1)?.value).toBe(value)
  expect(await observeAgain(step, world, reading.expectation)).toMatchObject({
    value: { version: '2', fingerprint: print(value) },
  })
  const undo = undoFor(step, before)
  expect(undo).toMatchObject({
    kind: 'copy-secret',
    from: { project: 'p-prod', version: '1' },
    to: { project: 'p-prod' },
  })
  if (undo?.kind === 'copy-secret') await perform(undo, world, 1000)
  expect(projects['p-prod']?.at(-1)?.value).toBe('old')
  if (value !== '') expect(JSON.stringify(calls.map(({ argv }) => argv))).not.toContain(value)
  expect(guarded.length).toBeGreaterThan(0)
  for (const call of calls) if (call.argv[2] !== 'list') expect(call.secretOutput).toBe(true)
  for (const secret of [...guarded, ...calls.flatMap(({ stdin }) => stdin ?? [])])
    expect(secret.lend((bytes) => bytes.every((byte) => byte === 0))).toBe(true)
})

test('a version that no list shows yet is found by its number, so that nothing is added a second time', async () => {
  const late: Versions = [{ value: 'old' }, { value: 'new', listed: false }]
  const { world } = secrets({ ...ok, 'p-prod': late })
  const found = { value: { version: '2', fingerprint: print('new') } }
  const { observation, expectation } = await observe(secretStep(), world)
  expect(observation).toMatchObject(found)
  expect(await observeAgain(secretStep(), world, expectation)).toMatchObject(found)
  late[1]!.value = failedWith('denied', 'it may not be read')
  expect(await observeAgain(secretStep(), world, expectation)).toMatchObject({ state: 'unknown', cause: 'denied' })
})

test('a reference that can no longer be read changes nothing, and the failure says so', async () => {
  const { world, calls } = secrets({ 'p-dev': failedWith('denied', 'no'), 'p-prod': one('old') })
  const action = {
    kind: 'copy-secret',
    from: { project: 'p-dev', secret: 'KEY', version: '1' },
    to: { project: 'p-prod', secret: 'KEY' },
  } as const
  expect(await perform(action, world, 1000)).toMatchObject({
    exitCode: null,
    failure: { message: expect.stringContaining('no') },
  })
  expect(calls.some(({ argv }) => argv.includes('add'))).toBe(false)
})

test('a payload whose checksum does not match is neither compared nor copied', async () => {
  // What is printed is wiped after each read.
  const damaged = {
    get value() {
      return printed({ payload: { data: 'YWJj', dataCrc32c: '1' } })
    },
  }
  const { world, calls, guarded } = secrets({ ...ok, 'p-dev': [damaged], 'p-prod': one('old') })
  expect((await observe(secretStep(), world)).observation).toMatchObject({
    state: 'unknown',
    reason: 'dev: version 1 of KEY in p-dev is damaged: its checksum does not match; try again',
  })
  const from = { project: 'p-dev', secret: 'KEY', version: '1' }
  const to = { project: 'p-prod', secret: 'KEY' }
  expect(await perform({ kind: 'copy-secret', from, to }, world, 1000)).toMatchObject({
    exitCode: null,
    failure: { message: expect.stringContaining('is damaged') },
  })
  expect(calls.some(({ argv }) => argv.includes('add'))).toBe(false)
  expect(guarded).toHaveLength(2)
})

test('a secret without a usable value before has no undo, and the reason says what to do', () => {
  for (const before of [
    { state: 'absent' },
    { state: 'value', value: { version: '1', state: 'DISABLED', fingerprint: null } },
  ] as const)
    expect(undoFor(secretStep(), before)).toMatchObject({ kind: 'none', reason: expect.stringContaining('by hand') })
})

test.each<[what: string, projects: Record<string, Versions | GcloudResult>, trust: string | undefined, said: RegExp]>([
  ['disagree', { 'p-stage': one('a'), 'p-dev': one('b') }, undefined, /trust=stage\|dev$/],
  ['are one usable, one absent', { 'p-stage': one('a') }, undefined, /dev has no usable value.*trust=stage$/],
  ['are one usable, one disabled', { ...ok, 'p-stage': [{ value: 'a', state: 'DISABLED' }] }, undefined, /trust=dev$/],
  ['are one usable, the trusted one absent', { 'p-stage': one('a') }, 'dev', /trust=stage$/],
  ['are both absent', {}, undefined, /No reference has a usable value: add one first$/],
])('references that %s offer only what can be trusted', async (_, projects, trust, said) => {
  const { world } = secrets({ ...projects, 'p-prod': one('a') })
  const { observation } = await observe(secretStep(trust === undefined ? {} : { trust }), world)
  expect(observation).toMatchObject({ state: 'unknown', reason: expect.stringMatching(said) })
})

test.each<[string, Versions | GcloudResult | undefined, string | undefined]>([
  ['differs', one('b'), 'stage differs from dev, which is trusted'],
  ['is the same', one('a'), undefined],
  ['is absent', undefined, 'stage has no usable value'],
  ['is unreadable', failedWith('denied', 'no'), 'stage could not be read: no'],
])('where the reference that is not trusted %s, that is noted', async (_, stage, note) => {
  const { world } = secrets({ ...(stage ? { 'p-stage': stage } : {}), 'p-dev': one('a'), 'p-prod': one('a') })
  const planned = planStep(secretStep(), await observe(secretStep({ trust: 'dev' }), world))
  expect([planned.status, planned.note]).toEqual(['conformant', note])
})

test('a secret that is not there has no change, but the command by which a person makes it', async () => {
  const step = secretStep()
  const planned = planStep(step, await observe(step, secrets(ok).world))
  expect(planned).toMatchObject({ status: 'drift', observation: { state: 'absent' } })
  expect(planned).not.toHaveProperty('apply')
  expect(planned.note).toBe(
    'there is no secret KEY in p-prod; create it first: gcloud secrets create KEY --replication-policy=automatic --project=p-prod',
  )
  expect(
    previewStep(
      planned,
      '1 of 1',
      { cloud: { kind: 'live' }, project: 'p' },
      { interactive: false, columns: 40, colour: false },
    ).join('\n'),
  ).toContain(planned.note)
})

test('a secret without a version is given one', async () => {
  const step = secretStep()
  const planned = planStep(step, await observe(step, secrets({ ...ok, 'p-prod': [] }).world))
  expect(planned.apply).toMatchObject({ kind: 'copy-secret', to: { project: 'p-prod' } })
  expect(planned).not.toHaveProperty('note')
})

test.each([
  ['its own', { 'p-stage': one('the same'), 'p-dev': one('the same'), 'p-prod': one('no') }],
  ['a reference', { 'p-stage': one('no'), 'p-dev': one('no'), 'p-prod': one('the other') }],
])('a value that can not be hidden makes the step unknown: %s', async (_, projects) => {
  const { world } = secrets(projects)
  const careful: World = { ...world, guard: (secret) => secret.lend((bytes) => bytes.length >= 4) }
  const { observation } = await observe(secretStep(), careful)
  expect(observation).toMatchObject({ state: 'unknown', cause: 'other' })
  expect(observation).toMatchObject({ reason: expect.stringContaining('version 1 of KEY in p-') })
  expect(observation).toMatchObject({ reason: expect.stringContaining('is too short to be masked') })
  expect((await observe(secretStep({ mayBeShort: true }), careful)).observation.state).toBe('value')
})

test.each<[string, Record<string, Versions>, string | undefined, string]>([
  [
    'the secret itself',
    { ...ok, 'p-prod': one('new\r\n') },
    undefined,
    'the values differ only in what cannot be seen: the value in p-prod ends in a CR LF line end',
  ],
  [
    'the references',
    { 'p-stage': one('\ufeffnew'), 'p-dev': one('\ufeffnew'), 'p-prod': one('new') },
    undefined,
    'the values differ only in what cannot be seen: the one in stage and dev starts with a byte order mark; the value in stage and dev starts with a byte order mark: check that this is intended',
  ],
  [
    'all of them',
    { 'p-stage': one('new\0'), 'p-dev': one('new\0'), 'p-prod': one('new\0') },
    undefined,
    'the value in stage and dev ends in a NUL character: check that this is intended',
  ],
  [
    'a reference that is not trusted',
    { 'p-stage': one('new'), 'p-dev': one('new\u00a0'), 'p-prod': one('new') },
    'stage',
    'dev differs from stage, which is trusted, only in what cannot be seen: it ends in a no-break space',
  ],
])('invisible traits of %s are described', async (_, projects, trust, says) => {
  const { world } = secrets(projects)
  const reading = await observe(secretStep(trust === undefined ? {} : { trust }), world)
  expect(reading.note).toBe(says)
})

test('references that differ only invisibly are described so', async () => {
  const { world } = secrets({ 'p-stage': one('a'), 'p-dev': one('a\n'), 'p-prod': one('a') })
  const { observation } = await observe(secretStep({}), world)
  expect(observation).toMatchObject({
    state: 'unknown',
    reason: expect.stringContaining(
      'dev and stage differ only in what cannot be seen: dev ends in a line feed. Choose',
    ),
  })
})

test('values that also differ visibly, and an empty one, have no invisible difference', async () => {
  for (const value of ['old\n', '', '\n']) {
    const { world } = secrets({ ...ok, 'p-prod': one(value) })
    expect((await observe(secretStep({}), world)).note).toBeUndefined()
  }
})
