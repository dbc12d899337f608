import { expect, test } from 'vitest'
import { observeAll, onePass, withObservation } from '../../engine/plan/observe.ts'
import type { BoundGcloudStep } from '../../engine/steps/types.ts'
import type { GcloudResult, World } from '../../engine/steps/world.ts'

const command = (verb: string) => ({ argv: ['run', 'services', verb, 'web', '--region', 'r'], project: 'p' })

/** A step whose change needs traffic that follows the newest revision; `when` is over what was observed. */
const step = (when = '${{ before.pinned.size() > 0 }}'): BoundGcloudStep => ({
  ...{ kind: 'gcloud', key: 'a/b', runbook: 'a', id: 'b', title: 'web runs as app', subject: 'web', risk: 'low' },
  ...{
    timeoutMs: 1000,
    retry: { attempts: 1, everyMs: 1 },
    settle: { reads: 1, everyMs: 1, withinMs: 1 },
    project: 'p',
  },
  reads: [{ command: command('describe') }],
  select: { account: '${{ result.account }}', pinned: '${{ result.pinned }}' },
  expect: { account: 'app' },
  variables: {},
  apply: { kind: 'gcloud', command: command('update') },
  cannotApply: { when, reason: "Traffic is pinned to ${{ before.pinned.join(', ') }}." },
  undo: { cannotBeUndone: 'it is a test' },
})

const printing = (json: object): World => ({
  gcloud: async (): Promise<GcloudResult> => ({
    ...{ way: 'cold', exitCode: 0, stderr: '', durationMs: 0 },
    output: new TextEncoder().encode(JSON.stringify(json)),
  }),
  ...({} as Omit<World, 'gcloud'>),
  mask: (text) => text,
})

const plan = async (json: object, when?: string) => {
  const [planned] = await observeAll([step(when)], onePass(printing(json), 1))
  if (planned === undefined) throw new Error('nothing was planned')
  return planned
}

test('a change that would not set it right is not made: the step is only shown, with the reason', async () => {
  const planned = await plan({ account: 'old', pinned: ['web-1', 'web-2'] })
  expect(planned).toMatchObject({ status: 'drift', note: 'Traffic is pinned to web-1, web-2.' })
  expect(planned).not.toHaveProperty('apply')
  expect(planned).not.toHaveProperty('undo')
})

test('where it would, the change is made', async () => {
  expect(await plan({ account: 'old', pinned: [] })).toMatchObject({ status: 'drift', apply: { kind: 'gcloud' } })
})

test('a correct step needs no reason', async () => {
  const planned = await plan({ account: 'app', pinned: ['web-1'] })
  expect(planned.status).toBe('conformant')
  expect(planned).not.toHaveProperty('note')
})

test('an expression that fails prevents the change, and the note explains why', async () => {
  const planned = await plan({ account: 'old', pinned: null })
  expect(planned.note).toMatch(/^cannot tell whether its change would fix it: /)
  expect(planned).not.toHaveProperty('apply')
  expect((await plan({ account: 'old', pinned: [] }, '${{ before.account }}')).note).toMatch(
    /"old" is neither true nor false/,
  )
})

test('a condition that becomes true after the plan prevents the change too', async () => {
  const planned = await plan({ account: 'old', pinned: [] })
  const later = withObservation(step(), planned, { state: 'value', value: { account: 'old', pinned: ['web-9'] } })
  expect(later).toMatchObject({ status: 'drift', note: 'Traffic is pinned to web-9.' })
  expect(later).not.toHaveProperty('apply')
})
