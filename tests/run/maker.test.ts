import { expect, test } from 'vitest'
import type { Entry } from '../../engine/audit/entry.ts'
import { makeStory } from '../../engine/audit/verify-story.ts'
import type { Maker, Verdict } from '../../engine/run/model/events.ts'
import { judgeMaker } from '../../engine/run/model/maker.ts'
import type { Failure } from '../../engine/steps/world.ts'

const call = { id: 'i', at: 't', project: 'p', service: 's', method: 'm', resource: 'r', principal: 'bo@example.com' }
const us: Maker = { by: 'us', call }
const other: Maker = { by: 'somebody-else', call }
const unknown: Maker = { by: 'not-known', why: 'denied' }
const conflict: Failure = { cause: 'conflict', message: 'ABORTED' }
const network: Failure = { cause: 'network', message: 'reset' }
const action = { kind: 'by-hand', instructions: 'x' } as const

test.each<[string, Failure | undefined, Maker | undefined, Verdict]>([
  ['a conflict, and the call is ours', conflict, us, 'applied'],
  ['a conflict, and the call is theirs', conflict, other, 'made-by-another'],
  ['a conflict, and nothing tells', conflict, unknown, 'made-by-unknown'],
  ['a conflict, and nobody can be asked', conflict, undefined, 'made-by-unknown'],
  ['a lost reply, and the call is theirs', network, other, 'made-by-another'],
  ['a lost reply, and nothing tells', network, unknown, 'applied'],
  ['a crash, and the call is theirs', undefined, other, 'made-by-another'],
  ['a crash, and nothing tells', undefined, unknown, 'applied'],
])('%s', async (_, failure, maker, verdict) => {
  const whoMade = maker && (async () => maker)
  const judged = await judgeMaker('applied', { step: 's', action, failure }, whoMade ? { whoMade } : {})
  expect(judged.verdict).toBe(verdict)
  const asked: string[] = []
  const never = async () => {
    asked.push('asked')
    return us
  }
  expect(await judgeMaker('not-applied', { step: 's', action, failure }, { whoMade: never })).toEqual({
    verdict: 'not-applied',
  })
  expect(asked).toEqual([])
})

test.each<[Verdict, Maker | undefined, boolean]>([
  ['applied', undefined, true],
  ['applied', us, true],
  ['applied', other, false],
  ['applied', unknown, false],
  ['made-by-another', other, true],
  ['made-by-another', us, false],
  ['made-by-another', undefined, false],
  ['made-by-unknown', unknown, true],
  ['made-by-unknown', other, false],
  ['not-applied', us, false],
])('a log with the verdict %s must agree with its maker', (verdict, maker, fits) => {
  const story = makeStory()
  const run = (type: string, body: object) =>
    ({ seq: 1, prev: '', time: 't', run: 'r', type, body }) as unknown as Entry
  story.take(run('run.opened', { incident: 'INC-1' }), 1)
  story.take(run('plan.made', { plan: { steps: [{ key: 's' }], checks: [] }, digest: '' }), 2)
  expect(story.take(run('step.intent', { step: 's', attempt: 1 }), 3)).toBeUndefined()
  const wrong = story.take(run('step.outcome', { step: 's', attempt: 1, verdict, ...(maker ? { maker } : {}) }), 4)
  expect(wrong === undefined, wrong).toBe(fits)
})
