import { expect, test } from 'vitest'
import type { Writer } from '../../engine/audit/writer.ts'
import type { BoundStep } from '../../engine/steps/types.ts'
import type { GcloudCall } from '../../engine/steps/world.ts'
import { yesOperator } from '../../engine/terminal/operator.ts'
import { type Cloud, type Misbehaviour, modelCloud, type Options, runModel } from '../samples/model-world.ts'
import { gcloudStep } from '../samples/samples.ts'

const unasked = yesOperator('ada')

/** A call that is about to be made: what was read and written before it, and the cloud that it goes to. */
type Calling = { call: GcloudCall; ofB: boolean; trace: string[]; cloud: Cloud }

/** Runs steps one after the other; answers also what was read and written in which order: `look a`, `set a`, `outcome a`. */
const run = async (
  behaviours: Record<string, Misbehaviour>,
  { onCall = async () => {}, ...options }: Partial<Options> & { onCall?: (calling: Calling) => Promise<void> } = {},
) => {
  const cloud = modelCloud(behaviours)
  const trace: string[] = []
  const { gcloud } = cloud.world
  cloud.world.gcloud = async (call) => {
    const [, verb, name = ''] = call.argv
    const ofB = call.step === 'sample/thing[b]' && verb === 'describe'
    await onCall({ call, ofB, trace, cloud })
    trace.push(`${verb === 'describe' ? 'look' : verb} ${name}`)
    return gcloud(call)
  }
  const append: Writer['append'] = async ({ type, body }) => {
    if (type === 'step.outcome') trace.push(`outcome ${body.step.slice('sample/thing['.length, -1)}`)
  }
  const names = Object.keys(behaviours)
  const told = await runModel(names, { cloud, operator: unasked, writer: { append } as Writer, ...options })
  return { ...told, cloud, trace, since: trace.slice(trace.findIndex((text) => text.startsWith('set'))) }
}

/** Two steps that read the same thing, and each something else of it. */
const ofOnePolicy: BoundStep[] = [
  { name: 'a', select: "${{ result.value != 'wrong' }}", set: 'right' },
  { name: 'b', select: "${{ result.value == 'both' }}", set: 'both' },
].map(({ name, select, set }) =>
  gcloudStep(name, {
    reads: gcloudStep('policy').reads,
    select: { value: select },
    expect: { value: true },
    apply: { kind: 'gcloud', command: { argv: ['thing', 'set', 'policy', set], project: 'p-prod' } },
  }),
)

test('the next step is prefetched during the last read-back, and not read again', async () => {
  const { since, end, events } = await run({ a: {}, b: {} })
  expect(since).toEqual(['set a', 'look a', 'look b', 'outcome a', 'set b', 'look b', 'outcome b'])
  expect(end?.ending).toBe('done')
  const observed = events.flatMap(({ type, body }) => (type === 'step.observed' ? [body.ahead ?? false] : []))
  expect(observed).toEqual([false, true])
})

test('a read that both steps need is made once, as the read-back of the first', async () => {
  const readers: unknown[] = []
  const { since, cloud } = await run(
    { policy: {} },
    {
      steps: ofOnePolicy,
      onCall: async ({ call, trace }) => void (trace.includes('set policy') && readers.push(call.step)),
    },
  )
  expect(since).toEqual(['set policy', 'look policy', 'outcome a', 'set policy', 'look policy', 'outcome b'])
  expect(readers).toEqual(['sample/thing[a]', 'sample/thing[b]', 'sample/thing[b]'])
  expect(cloud.held('policy')).toBe('both')
})

test('if a person is asked, a step is observed after they answer', async () => {
  const { since } = await run({ a: {}, b: {} }, { operator: { ...unasked, asks: true } })
  expect(since.slice(0, 4)).toEqual(['set a', 'look a', 'outcome a', 'look b'])
})

test('parallel steps are not prefetched', async () => {
  const { since } = await run({ a: {}, b: {} }, { over: { parallel: true } })
  expect(since.filter((text) => text === 'look b')).toHaveLength(1)
})

test('a slow change is waited for alone, and the next step is observed after it', async () => {
  const { since, end } = await run({ a: { late: 2 }, b: {} })
  expect(since.slice(0, 8)).toEqual(['set a', 'look a', 'look b', 'look a', 'look a', 'outcome a', 'look b', 'set b'])
  expect(end?.ending).toBe('done')
})

test('if several reads in a row are required, the prefetch runs with the last one', async () => {
  const { since } = await run({ a: {}, b: {} }, { reads: 3 })
  expect(since.slice(0, 7)).toEqual(['set a', 'look a', 'look a', 'look a', 'look b', 'outcome a', 'set b'])
})

test.each([
  ['could not be had', async () => Promise.reject(new Error('the line is down'))],
  ['shows something else than the plan', async (cloud: Cloud) => cloud.set('b', 'odd')],
])('a prefetch that %s is not used: the step is observed again', async (_, disturb) => {
  let looks = 0
  const { since, end } = await run(
    { a: {}, b: {} },
    {
      onCall: async ({ ofB, cloud }) => {
        if (!ofB) return
        looks++
        if (looks === 1) await disturb(cloud)
        else if (cloud.held('b') === 'odd') cloud.set('b', 'wrong')
      },
    },
  )
  expect(end?.ending).toBe('done')
  expect(since.filter((text) => text.startsWith('set'))).toEqual(['set a', 'set b'])
  expect(looks).toBe(3)
})

test('a run that ends before the next step waits for the look that it has begun', async () => {
  let over = false
  const { end, trace } = await run(
    { a: { lost: 9, exit: 1, cause: 'denied' }, b: {} },
    {
      onCall: async ({ ofB }) => {
        if (!ofB) return
        await new Promise((resolve) => setTimeout(resolve, 50))
        over = true
      },
    },
  )
  expect(end?.ending).toBe('failed')
  expect(over).toBe(true)
  expect(trace).not.toContain('set b')
})

test('a look that is too old by the end of a slow read is taken again', async () => {
  const { since, end } = await run(
    { a: {}, b: {} },
    {
      onCall: async ({ call, trace, cloud }) => {
        if (call.argv[1] === 'describe' && call.step === 'sample/thing[a]' && trace.includes('set a')) {
          await new Promise((resolve) => setTimeout(resolve, 20))
          await cloud.world.clock.sleep(2500)
        }
      },
    },
  )
  expect(since.filter((text) => text === 'look b')).toHaveLength(3)
  expect(end?.ending).toBe('done')
})

test('a look that was forgotten is over before the next change, and before the run', async () => {
  let looking = 0
  const { trace } = await run(
    { a: { late: 1 }, b: { lost: 9, exit: 1, cause: 'denied' }, c: {} },
    {
      onCall: async ({ call, ofB, trace }) => {
        if (call.argv[1] === 'set') expect(looking).toBe(0)
        if (!ofB || looking > 0 || trace.includes('outcome a')) return
        looking++
        await new Promise((resolve) => setTimeout(resolve, 50))
        looking--
      },
    },
  )
  expect(looking).toBe(0)
  expect(trace).toContain('set b')
  expect(trace).not.toContain('set c')
})

test('a step that only observes is not prefetched', async () => {
  const { apply: _, undo: __, ...only } = gcloudStep('b')
  const { since } = await run({ a: {}, b: {} }, { steps: [gcloudStep('a'), only as BoundStep] })
  expect(since).toEqual(['set a', 'look a', 'outcome a', 'look b'])
})

test('once a parallel step has ended the run, nothing is prefetched any more', async () => {
  const needing = (name: string, dependsOn: string[]) => gcloudStep(name, { id: name, dependsOn })
  const slow = { ...needing('b', []), settle: { reads: 6, everyMs: 100, withinMs: 1000 } }
  const steps = [needing('a', []), slow, needing('c', ['b'])]
  const { since, end } = await run({ a: { lost: 9, exit: 1, cause: 'denied' }, b: {}, c: {} }, { steps })
  expect(end?.ending).toBe('failed')
  expect(since).toContain('outcome b')
  expect(since).not.toContain('look c')
})

test('the step after a change in a batch is prefetched during its read-back too', async () => {
  const needing = (name: string, dependsOn: string[]) => gcloudStep(name, { id: name, dependsOn })
  const steps = [needing('a', []), needing('b', []), needing('c', ['b'])]
  const { since } = await run({ a: { late: 6 }, b: {}, c: {} }, { steps })
  expect(since.filter((text) => text === 'look c')).toHaveLength(2)
  expect(since.indexOf('look c')).toBeLessThan(since.indexOf('outcome b'))
})
