import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { PendingStep } from '../../engine/run/model/progress.ts'
import { type Batch, nextAfter, nextOf, oneAtATime, parallel } from '../../engine/run/schedule/dependencies.ts'
import type { BoundGcloudStep, BoundStep } from '../../engine/steps/types.ts'
import { gcloudStep, manualStep, secretStep } from '../samples/samples.ts'

/** A step `id[name]` that reads what is named, by default a thing of its own. */
const step = (id: string, name: string, over: Partial<BoundGcloudStep> = {}, reads = `${id} ${name}`): BoundStep => ({
  ...gcloudStep(reads, over),
  key: `sample/${id}[${name}]`,
  id,
})

const openOf = (steps: BoundStep[]): PendingStep[] =>
  steps.map(({ key, runbook, id, dependsOn, parallel: together, ...of }) => {
    const apply = of.kind === 'gcloud' ? of.apply : of.kind === 'secret' ? copyTo(of.secret) : byHand
    return {
      planned: { key, runbook, id, dependsOn, parallel: together, apply },
      seen: 'as-planned',
      tried: 0,
    } as never
  })

const byHand = { kind: 'by-hand', instructions: 'Do it.' }
const copyTo = (secret: string) => ({ kind: 'copy-secret', to: { project: 'p-prod', secret } })

const nameOf = (key: string) => /\[(.*)\]/.exec(key)?.[1] ?? key

/** Stretches as `c after a`, in the order of the plan. */
const told = (steps: BoundStep[], open = openOf(steps)) =>
  parallel(open, steps).map((batch) =>
    batch.map(({ item, after }) =>
      [nameOf(item.planned.key), ...(after.length > 0 ? ['after', ...after.map(nameOf)] : [])].join(' '),
    ),
  )

test('parallel repetitions run together, except two that read the same resource', () => {
  const together = { parallel: true } as const
  const steps = [
    step('thing', 'a', together),
    step('thing', 'b', together),
    step('thing', 'c', together, 'policy'),
    step('thing', 'd', together, 'policy'),
    step('other', 'e', together),
  ]
  expect(told(steps)).toEqual([['a', 'b', 'c', 'd after c'], ['e']])
})

test('steps that all have dependsOn are one batch, in which each waits only for its dependencies', () => {
  const steps = [
    step('secret', 'a', { dependsOn: [] }),
    step('account', 'b', { dependsOn: [] }),
    step('role', 'c', { dependsOn: ['account'] }),
    step('role', 'd', { dependsOn: ['account'] }),
    step('service', 'e', { dependsOn: [], parallel: true }),
    step('service', 'f', { dependsOn: [], parallel: true }),
  ]
  expect(told(steps)).toEqual([['a', 'b', 'c after b', 'd after b c', 'e', 'f']])
})

test.each([
  ['says nothing of what it needs', step('plain', 'b')],
  ['is done by a person', { ...manualStep('b'), key: 'sample/manual[b]', id: 'manual' } as BoundStep],
])('a step that %s comes after all before it and before all after it', (_, between) => {
  const steps = [step('one', 'a', { dependsOn: [] }), between, step('two', 'c', { dependsOn: [] })]
  expect(told(steps)).toEqual([['a'], ['b'], ['c']])
})

test.each([
  [
    'that gcloud lists by another verb',
    ['sql', 'instances', 'describe', 'web'],
    ['sql', 'instances', 'get-status', 'web', '--format=x'],
  ],
  [
    'whose flags are written otherwise',
    ['run', 'jobs', 'describe', 'web', '--region=r'],
    ['beta', 'run', 'jobs', 'describe', '--region', 'r', 'web'],
  ],
  [
    'of which another command speaks',
    ['run', 'services', 'describe', 'web'],
    ['run', 'services', 'get-iam-policy', 'web', '--region', 'r'],
  ],
])('two steps that read the same resource %s never run in parallel', (_, one, other) => {
  const reading = (argv: string[]) => ({ dependsOn: [], reads: [{ command: { argv, project: 'p-prod' } }] })
  expect(told([step('one', 'a', reading(one)), step('two', 'b', reading(other))])).toEqual([['a', 'b after a']])
  const elsewhere = one.map((word) => (word === 'web' ? 'app' : word))
  expect(told([step('one', 'a', reading(one)), step('two', 'b', reading(elsewhere))])).toEqual([['a', 'b']])
})

test.each([
  ['a deployment and an update of one service', 'run deploy web', 'run services update --no-cpu-throttling web', true],
  [
    'a policy by the id and by the number of its project',
    'projects get-iam-policy p',
    'projects get-iam-policy 12',
    true,
  ],
  [
    'the keys of an account, and the account',
    'iam service-accounts keys list --iam-account a@p-prod.iam.gserviceaccount.com',
    'iam service-accounts disable a',
    true,
  ],
  ['one job by two verbs', 'run jobs describe j --region=r', 'run jobs execute j', true],
  ['two services of one region', 'run services describe web --region r', 'run services describe app --region r', false],
  ['a topic and a subscription of one name', 'pubsub topics describe t', 'pubsub subscriptions describe t', false],
])('%s: whether that is one thing', (_, one, other, same) => {
  const reading = (text: string) => ({
    dependsOn: [],
    reads: [{ command: { argv: text.split(' '), project: 'p-prod' } }],
  })
  const after = told([step('one', 'a', reading(one)), step('two', 'b', reading(other))])
  expect(after).toEqual([['a', same ? 'b after a' : 'b']])
})

test('two steps that change the same resource never run in parallel, even if they read different ones', () => {
  const setting = (name: string) => ({
    dependsOn: [],
    apply: {
      kind: 'gcloud' as const,
      command: { argv: ['run', 'services', 'update', name, '--ingress=all'], project: 'p-prod' },
    },
  })
  expect(
    told([step('one', 'a', setting('web')), step('two', 'b', setting('web')), step('three', 'c', setting('app'))]),
  ).toEqual([['a', 'b after a', 'c']])
})

test('different secrets are copied in parallel, two copies to one secret are not', () => {
  const copy = (name: string, secret: string): BoundStep => ({
    ...secretStep({ secret, dependsOn: [] }),
    key: `sample/${name}[${name}]`,
    id: name,
  })
  expect(told([copy('a', 'KEY'), copy('b', 'TOKEN'), copy('c', 'KEY')])).toEqual([['a', 'b', 'c after a']])
})

test('a dependency is a step of the own runbook, even if another has a step of that name', () => {
  const other = { ...step('account', 'b', { dependsOn: [] }), runbook: 'other' }
  expect(told([other, step('role', 'c', { dependsOn: ['account'] })])).toEqual([['b', 'c']])
})

test('of all steps that can start, the one with the longest chain starts first', () => {
  const steps = [
    step('short', 'a', { dependsOn: [] }),
    step('long', 'b', { dependsOn: [] }),
    step('longer', 'c', { dependsOn: ['long'] }),
  ]
  const [batch = []] = parallel(openOf(steps), steps)
  const next = (begun: string[], ended: string[] = []) => {
    const keys = (names: string[]) =>
      new Set(batch.map(({ item }) => item.planned.key).filter((key) => names.includes(nameOf(key))))
    return nameOf(nextOf(batch, { begun: keys(begun), ended: keys(ended) })?.item.planned.key ?? 'none')
  }
  expect([next([]), next(['b']), next(['a', 'b']), next(['a', 'b'], ['b'])]).toEqual(['b', 'a', 'none', 'c'])
})

/** Plans of up to nine steps, some of which say what they need, read the same thing, or go side by side. */
const plans = fc
  .array(
    fc.record({
      id: fc.integer({ min: 0, max: 4 }),
      reads: fc.integer({ min: 0, max: 5 }),
      dependsOn: fc.option(fc.array(fc.integer({ min: 0, max: 3 })), { nil: undefined }),
      parallel: fc.boolean(),
    }),
    { maxLength: 9 },
  )
  .map((drawn) => {
    const templates = new Map(drawn.map((one) => [one.id, one]))
    return drawn
      .toSorted((one, other) => one.id - other.id)
      .map(({ id, reads }, place) => {
        const { dependsOn, parallel: together } = templates.get(id) ?? {}
        const before = dependsOn?.filter((need) => need < id).map(String)
        return step(
          String(id),
          String(place),
          { ...(before ? { dependsOn: before } : {}), ...(together ? { parallel: true } : {}) },
          `thing ${reads}`,
        )
      })
  })

/** Takes all turns, ending one of those under way at a time as drawn; answers what was under way beside what, and the order of the ends. */
function takeAll(batches: Batch[], draws: number[]) {
  const [begun, ended] = [new Set<string>(), new Set<string>()]
  const beside: [string, string][] = []
  let drawn = 0
  for (const batch of batches) {
    for (;;) {
      for (let due = nextOf(batch, { begun, ended }); due; due = nextOf(batch, { begun, ended })) {
        const { key } = due.item.planned
        for (const other of begun) if (!ended.has(other)) beside.push([other, key])
        begun.add(key)
      }
      const running = [...begun].filter((key) => !ended.has(key))
      if (running.length === 0) break
      ended.add(running[(draws[drawn++ % draws.length] ?? 0) % running.length]!)
    }
  }
  return { beside, ended: [...ended] }
}

test('whatever ends first, every step runs, and none in parallel with a dependency or a step on the same resource', () => {
  fc.assert(
    fc.property(plans, fc.array(fc.nat(8), { minLength: 1 }), (steps, draws) => {
      const { beside, ended } = takeAll(parallel(openOf(steps), steps), draws)
      expect(ended.toSorted()).toEqual(steps.map(({ key }) => key).toSorted())
      const of = new Map(steps.map((one) => [one.key, one as BoundGcloudStep]))
      for (const [one, other] of beside.map(
        (keys) => keys.map((key) => of.get(key)!) as [BoundGcloudStep, BoundGcloudStep],
      )) {
        expect(one.reads).not.toEqual(other.reads)
        if (one.id === other.id) expect(one.parallel).toBe(true)
        else expect([one.dependsOn, other.dependsOn]).not.toContain(undefined)
        expect(
          [...(one.dependsOn ?? []), ...(other.dependsOn ?? [])].filter((id) => id === one.id || id === other.id),
        ).toEqual([])
      }
    }),
    { numRuns: 500 },
  )
})

test('the step that follows is known before a step ends, across batches too', () => {
  const steps = ['a', 'b'].map((name) => step('thing', name))
  const batches = oneAtATime(openOf(steps))
  const turns = { begun: new Set(['sample/thing[a]']), ended: new Set<string>() }
  expect(nextAfter('sample/thing[a]', batches, turns)?.item.planned.key).toBe('sample/thing[b]')
  expect(nextAfter('sample/thing[b]', batches, turns)).toBeUndefined()
})
