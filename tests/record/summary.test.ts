import { expect, test } from 'vitest'
import { modelOf } from '../../engine/record/model.ts'
import { type IncidentStatus, summaryOf } from '../../engine/record/summary.ts'
import type { Decision } from '../../engine/run/model/events.ts'
import type { Recorded } from '../../engine/run/model/recorded.ts'
import { type Misbehaviour, modelCloud, runModel } from '../samples/model-world.ts'

const summarized = (entries: Recorded[]) => {
  const { status, lines } = summaryOf(modelOf(entries))
  return { status, lines: Object.fromEntries(lines.map(({ label, text }) => [label, text])) }
}
const entriesOf = async (behaviours: Record<string, Misbehaviour>, decision: Decision = { choice: 'apply' }) =>
  (await runModel(Object.keys(behaviours), { cloud: modelCloud(behaviours), decide: () => decision })).entries

test.each<[IncidentStatus, string, Misbehaviour, Decision]>([
  ['done', 'Done: 2 changed.', {}, { choice: 'apply' }],
  ['failed', 'Failed: 1 failed (web is right), 1 not reached.', { lost: 9 }, { choice: 'apply' }],
  ['failed', 'Failed: 1 failed (web is right), 1 not reached.', { sets: 'odd' }, { choice: 'apply' }],
  ['in-doubt', 'In doubt: 1 in doubt (web is right), 1 not reached.', { blind: 99 }, { choice: 'apply' }],
  [
    'incomplete',
    'Incomplete: 2 skipped or left as found (web is right and 1 more).',
    {},
    { choice: 'skip', reason: 'r' },
  ],
  ['incomplete', 'Incomplete: 2 not reached.', {}, { choice: 'abort', reason: 'r' }],
])('an incident that is %s: "%s"', async (status, text, web, decision) => {
  const summary = summarized(await entriesOf({ web, api: {} }, decision))
  expect(summary.status).toBe(status)
  expect(summary.lines.Status).toBe(text)
})

test('a run that was cut off is in doubt after an intent, and in progress before it', async () => {
  const entries = await entriesOf({ web: {} })
  const intent = entries.findIndex(({ type }) => type === 'step.intent')
  expect(summarized(entries.slice(0, intent)).status).toBe('in-progress')
  expect(summarized(entries.slice(0, intent + 1)).status).toBe('in-doubt')
})

test('a failed run stays failed until a later run completes its steps', async () => {
  const failed = await entriesOf({ web: { lost: 9 } })
  const later = async (name: string) =>
    (await entriesOf({ [name]: {} })).map((entry) => ({ ...entry, run: 'run-2' })) as Recorded[]
  expect(summarized([...failed, ...(await later('api'))]).status).toBe('failed')
  expect(summarized([...failed, ...(await later('web'))]).status).toBe('done')
})

test('the summary names the project, the reason, the times and what is owed by whom', async () => {
  expect(summarized(await entriesOf({ web: {}, api: { lost: 9 } })).lines).toMatchObject({
    Impact: '`p-prod` (simulated): 1 change (Sample remediation).',
    Cause: '"It was broken." (stated by ada)',
    Duration: '10 s, 1970-01-01 00:00:00 to 00:00:10 UTC.',
    Owed: '1 open step by ada; repo backfill not known: no run got as far as checking the repository.',
  })
})
