import { describe, expect, test } from 'vitest'
import type { RunEvent } from '../../engine/run/model/events.ts'
import type { BoundStep } from '../../engine/steps/types.ts'
import { type Cloud, type Misbehaviour, modelCloud } from '../samples/model-world.ts'
import { record, run, types } from '../samples/persons.ts'
import { gcloudStep, waitStep } from '../samples/samples.ts'

describe('a wait step', () => {
  const consenting = { decide: () => ({ choice: 'apply' as const }) }
  const waited = (events: RunEvent[]) => events.flatMap((event) => (event.type === 'step.waited' ? [event.body] : []))

  test('for so long waits after a change, by the clock of the world', async () => {
    const { events, cloud, statuses } = await run(
      [gcloudStep('a'), waitStep(), gcloudStep('b')],
      { a: {}, b: {} },
      consenting,
    )
    expect(waited(events)).toMatchObject([{ status: 'unseen', durationMs: 60_000, reads: 0 }])
    expect(cloud.world.clock.now().getTime()).toBeGreaterThanOrEqual(60_000)
    expect(statuses).toEqual(['applied', 'waited', 'applied'])
  })

  test.each<[string, BoundStep[]]>([
    ['no earlier step changed anything', [gcloudStep('right'), waitStep(), gcloudStep('a')]],
    ["what was changed is another runbook's", [gcloudStep('a', { runbook: 'other' }), waitStep()]],
  ])('is passed by where %s', async (_, steps) => {
    const { events, statuses } = await run(steps, { a: {}, right: { start: 'right' } }, consenting)
    expect([waited(events), statuses[1]]).toEqual([[], 'not-needed'])
  })

  /** A cloud in which something happens at its so-manieth read. */
  const cloudWith = (
    resources: Record<string, Misbehaviour>,
    reads: number,
    happens: (cloud: Cloud) => void,
  ): Cloud => {
    const cloud = modelCloud(resources)
    const { gcloud } = cloud.world
    let seen = 0
    cloud.world.gcloud = async (call) => {
      if (++seen === reads) happens(cloud)
      return gcloud(call)
    }
    return cloud
  }

  test('until something holds reads until it does', async () => {
    const cloud = cloudWith({ slow: {} }, 5, ({ set }) => set('slow', 'right'))
    const { events, end, statuses } = await run([waitStep('slow')], cloud)
    expect(waited(events)).toMatchObject([{ status: 'conformant', reads: 4, durationMs: expect.closeTo(15_000, -3) }])
    expect([end?.ending, statuses]).toEqual(['done', ['waited']])
  })

  test('until a condition that never holds fails when its time is up, and says so', async () => {
    const { events, end, entries, statuses } = await run(
      [waitStep('slow'), gcloudStep('a')],
      { a: {}, slow: {} },
      consenting,
    )
    expect(waited(events)).toMatchObject([{ status: 'drift', reads: 12 }])
    expect(end).toMatchObject({
      ending: 'failed',
      reason: expect.stringMatching(/the condition does not hold after 55.* value is wrong, must be right/),
    })
    expect(statuses).toEqual(['overdue', undefined])
    expect(record(entries)).toContain('timed out: the condition did not hold')
  })

  test('whose condition held before a change is read again after it', async () => {
    const { events, statuses } = await run(
      [gcloudStep('a'), waitStep('b')],
      { a: {}, b: { start: 'right' } },
      consenting,
    )
    expect(waited(events)).toMatchObject([{ status: 'conformant', reads: 1 }])
    expect(statuses).toEqual(['applied', 'waited'])
  })

  test('that holds where nothing was changed is not read again', async () => {
    const { events, end } = await run([waitStep('b')], { b: { start: 'right' } })
    expect([types(events), end?.ending]).toEqual([['run.closed'], 'done'])
  })

  test('ends at once where the person wants to stop, with nothing in doubt', async () => {
    let stopped = false
    const cloud = cloudWith({ slow: {} }, 4, () => (stopped = true))
    const { events, end } = await run([waitStep('slow')], cloud, { stop: () => stopped })
    expect([end?.ending, waited(events), cloud.world.clock.now().getTime() < 20_000]).toEqual(['interrupted', [], true])
  })
})

describe('a wait for a time', () => {
  test('ends where the person wants to stop, with nothing in doubt', async () => {
    const cloud = modelCloud({ a: {} })
    const steps = [gcloudStep('a'), waitStep(), gcloudStep('b')]
    const stop = () => cloud.world.clock.now().getTime() > 30_000
    const { end, statuses } = await run(steps, cloud, {
      decide: () => ({ choice: 'apply' }),
      stop,
      passOver: () => ({ reason: 'x' }),
    })
    expect([end?.ending, statuses.slice(0, 2)]).toEqual(['interrupted', ['applied', undefined]])
  })
})
