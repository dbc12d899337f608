import { expect, test } from 'vitest'
import { remedyFor, triesFor, waitBefore } from '../../engine/run/retry.ts'
import type { Failure } from '../../engine/steps/world.ts'
import { type Misbehaviour, modelCloud, runModel } from '../samples/model-world.ts'

const failure = (cause: Failure['cause'], message = 'it failed'): Failure => ({ cause, message })
const evidence = (stderr = '', message = '') => ({
  exitCode: 1,
  stderr,
  durationMs: 1,
  failure: failure('unavailable', message),
})

test.each<[Failure['cause'], ReturnType<typeof remedyFor>, tries: number]>([
  ['unavailable', 'try-again', 4],
  ['network', 'try-again', 4],
  ['conflict', 'observe-again', 4],
  ['timeout', 'try-again', 1],
  ['other', 'try-again', 1],
  ['invalid', 'stop', 1],
  ['denied', 'stop', 1],
  ['no-login', 'stop', 1],
  ['disabled-api', 'stop', 1],
])('a command that failed as %s calls for: %s, %i tries where the runbook asks for one', (cause, remedy, tries) => {
  expect(remedyFor(failure(cause))).toBe(remedy)
  expect(triesFor(failure(cause), 1)).toBe(tries)
  expect(triesFor(failure(cause), 9)).toBe(9)
})

test('a new resource that is not known everywhere yet is retried, although the error is invalid argument', () => {
  const unknown = failure('invalid', 'INVALID_ARGUMENT: Service account a@b does not exist.')
  expect(remedyFor(unknown)).toBe('try-again')
  expect(triesFor(unknown, 1)).toBe(4)
})

test('waits grow, are spread, and have a bound', () => {
  const waits = (random: number) => [1, 2, 3, 9].map((attempt) => waitBefore(attempt, 2000, evidence(), random))
  expect(waits(0.5)).toEqual([2000, 4000, 8000, 60_000])
  expect(waits(0)).toEqual([1500, 3000, 6000, 45_000])
  expect(waitBefore(3, 90_000, evidence(), 0.5)).toBe(90_000)
})

test.each([
  ['HTTPError 429: Retry-After: 30', 30_000],
  ["- '@type': type.googleapis.com/google.rpc.RetryInfo\n  retryDelay: 17.5s", 17_500],
  ['RESOURCE_EXHAUSTED: Quota exceeded. Please retry in 45s.', 45_000],
  ['Retry-After: 999999', 600_000],
])('a wait that the service asked for is kept: %s', (text, ms) => {
  expect(waitBefore(1, 1000, evidence(text), 0.5)).toBe(ms)
  expect(waitBefore(1, 1000, evidence('', text), 0.5)).toBe(ms)
})

const one = async (how: Misbehaviour, moved?: string) => {
  const cloud = modelCloud({ a: how })
  const asked: boolean[] = []
  const decide = (_: string, again: boolean) => {
    asked.push(again)
    return { choice: 'apply' as const }
  }
  const perform = cloud.world.gcloud
  if (moved !== undefined)
    cloud.world.gcloud = async (call) => {
      const result = await perform(call)
      if (call.argv[1] === 'set' && cloud.performed.length === 1) cloud.set('a', moved)
      return result
    }
  return { cloud, asked, ...(await runModel(['a'], { cloud, decide })) }
}

test('a passing failure is tried again, a refusal is not', async () => {
  const passing = await one({ lost: 2, exit: 1, cause: 'unavailable' })
  expect([passing.cloud.performed.length, passing.end?.ending]).toEqual([3, 'done'])
  const refused = await one({ lost: 2, exit: 1, cause: 'invalid' })
  expect([refused.cloud.performed.length, refused.end?.ending]).toEqual([1, 'failed'])
})

test('a conflict over an unchanged value is tried again unasked', async () => {
  const { cloud, asked, end } = await one({ lost: 1, exit: 1, cause: 'conflict' })
  expect([cloud.performed.length, asked, end?.ending]).toEqual([2, [false], 'done'])
})

test('a conflict with somebody who has changed the value is shown and asked about before anything else is done', async () => {
  const { cloud, asked, end, events } = await one({ lost: 1, exit: 1, cause: 'conflict' }, 'odd')
  expect([cloud.performed.length, asked, end?.ending]).toEqual([2, [false, true], 'done'])
  expect(events.findLast(({ type }) => type === 'step.intent')).toMatchObject({
    body: { before: { value: { value: 'odd' } } },
  })
  // Theirs doesn't become ours by waiting.
  expect(events.find(({ type }) => type === 'step.outcome')).toMatchObject({ body: { verdict: 'ambiguous', reads: 2 } })
})
