import { describe, expect, test } from 'vitest'
import { Interrupted } from '../../engine/run/model/host.ts'
import { modelCloud, type Options, runModel } from '../samples/model-world.ts'

const drifted = async (options: Partial<Options>) => {
  const cloud = modelCloud({ a: {} })
  return { cloud, ...(await runModel(['a'], { cloud, ...options })) }
}

const byHand = { decide: () => ({ choice: 'by-hand' as const }) }

test('a protected environment whose project id was typed is entered before the first consent, and the log says so', async () => {
  const { events, end } = await drifted({ enter: 'typed' })
  expect(events[0]).toEqual({
    type: 'environment.entered',
    body: { environment: 'prod', project: 'p-prod', by: 'ada' },
  })
  expect(end?.ending).toBe('done')
})

test('a protected environment whose project id was not typed is left alone', async () => {
  const { cloud, events, end } = await drifted({ enter: 'refused' })
  expect(end).toEqual({ ending: 'declined', reason: 'prod is protected, and p-prod was not typed' })
  expect(events.map(({ type }) => type)).toEqual(['run.closed'])
  expect(cloud.performed).toEqual([])
})

test('every protected environment that the changes reach is entered by its own project id, or nothing is changed', async () => {
  const reaches = [
    { project: 'p-other', environment: 'other', protected: true },
    { project: 'p-dev', environment: 'dev', protected: false },
    { project: 'organizations/1', protected: false },
  ]
  const { events, end } = await drifted({ enter: 'typed', reaches })
  const entered = events.flatMap((event) => (event.type === 'environment.entered' ? [event.body.project] : []))
  expect(entered).toEqual(['p-prod', 'p-other'])
  expect(end?.ending).toBe('done')
  const refused = await drifted({ enter: (project) => (project === 'p-prod' ? 'typed' : 'refused'), reaches })
  expect(refused.end).toEqual({ ending: 'declined', reason: 'other is protected, and p-other was not typed' })
  expect(refused.cloud.performed).toEqual([])
})

test('a step done by hand has its intent before the waiting, runs no command, and is judged by its read-back', async () => {
  const seen: string[] = []
  const { cloud, events, end } = await drifted({
    ...byHand,
    byHand: async (hands) => {
      seen.push(...hands.trace)
      hands.set('a', 'right')
    },
  })
  expect(seen).toEqual(['intent a'])
  expect(cloud.performed).toEqual([])
  expect(events.find(({ type }) => type === 'step.outcome')).toMatchObject({
    body: { verdict: 'applied', evidence: { exitCode: null, byHand: true } },
  })
  expect(end?.ending).toBe('done')
})

test('a manual step that is claimed done, is not, and is then left is not a success', async () => {
  const { events, end } = await drifted(byHand)
  expect(events.find(({ type }) => type === 'step.outcome')).toMatchObject({ body: { verdict: 'not-applied' } })
  expect(end?.ending).toBe('declined')
})

test('a stop during manual work still reads the step back', async () => {
  const { events, end } = await drifted({
    ...byHand,
    byHand: async (hands) => {
      hands.set('a', 'right')
      throw new Interrupted()
    },
  })
  expect(events.find(({ type }) => type === 'step.outcome')).toMatchObject({ body: { verdict: 'applied' } })
  expect(end?.ending).toBe('interrupted')
})

describe('a step that could not be read', () => {
  const unreadable = async (passOver: Options['passOver']) => {
    const cloud = modelCloud({ a: { unreadable: 1 }, b: {} })
    return { cloud, ...(await runModel(['a', 'b'], { cloud, ...(passOver ? { passOver } : {}) })) }
  }

  test('blocks the run before anything is changed', async () => {
    const { cloud, events, end } = await unreadable(undefined)
    expect(end).toMatchObject({
      ending: 'failed',
      reason: expect.stringMatching(/^nothing was changed: a is right: could not be read/),
    })
    expect(events.map(({ type }) => type)).toEqual(['run.closed'])
    expect(cloud.performed).toEqual([])
  })

  test('is passed over by the operator with a reason, which the log keeps; it is never a success', async () => {
    const { cloud, events, end } = await unreadable(() => ({ reason: 'looked at it in the console' }))
    expect(events[0]).toMatchObject({
      type: 'step.decided',
      body: { decision: { choice: 'skip', reason: 'looked at it in the console' }, by: 'ada' },
    })
    expect(cloud.performed.map(({ name }) => name)).toEqual(['b'])
    expect(end).toEqual({ ending: 'failed', reason: '1 step could not be read and was skipped' })
  })
})
