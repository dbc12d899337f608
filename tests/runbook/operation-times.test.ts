import { expect, test } from 'vitest'
import { longestMs } from '../../engine/gcloud-grammar/operation-times.ts'
import { bindRunbook } from '../../engine/plan/bind.ts'
import { lintTimes } from '../../engine/runbook/lint/timeouts.ts'
import type { GcloudStepTemplate } from '../../engine/runbook/types.ts'
import { changed, inventoryOf, runbookOf, runbookText } from '../samples/samples.ts'

const MINUTE = 60_000
const inventory = inventoryOf()
const applying = (command: string, more = '') =>
  changed(
    changed(runbookText, '[run, services, update, "${{ service }}", --ingress=all]', `[${command}]`),
    'record: Opened',
    `${more}record: Opened`,
  )
const bound = (text: string) => bindRunbook(runbookOf(text), inventory, inventory.environments.prod!, {}, new Map())
const stepOf = (text: string) => runbookOf(text).steps[0] as GcloudStepTemplate

test.each([
  ['sql, instances, restart, db', 10],
  ['container, clusters, resize, c, --num-nodes=3', 20],
  ['beta, compute, instances, stop, vm', 5],
  ['redis, instances, update, r', 15],
])('a change gets the time that its API needs, but its reads do not: %s', (command, minutes) => {
  const [step] = bound(applying(command)).steps
  expect(step?.timeoutMs).toBeGreaterThanOrEqual(minutes * MINUTE)
  expect(step?.readTimeoutMs).toBe(3 * MINUTE)
  expect(step?.settle.withinMs).toBeGreaterThanOrEqual(3 * MINUTE)
})

test('a timeout in the runbook applies unchanged, also to reads', () => {
  const [step] = bound(applying('sql, instances, restart, db', 'timeout: 5m\n    settle: { within: 1m }\n    ')).steps
  expect(step).toMatchObject({ timeoutMs: 5 * MINUTE, settle: { withinMs: MINUTE } })
  expect(step?.readTimeoutMs).toBeUndefined()
})

test.each([
  ['sql, instances, restart, db', /`gcloud sql instances restart` can take 12 min, but `timeout` stops it after 1m/],
  ['container, clusters, resize, c', /`gcloud container clusters resize` can take 25 min/],
  ['alpha, functions, deploy, f', /`gcloud functions deploy` can take 15 min/],
])('timeouts that are too short get a warning: %s', (command, says) => {
  const text = applying(command, 'timeout: 1m\n    settle: { within: 10s }\n    ')
  const found = lintTimes(['steps', 0], stepOf(text))
  expect(found).toMatchObject([
    { severity: 'warning', path: ['steps', 0, 'timeout'], message: expect.stringMatching(says) },
    {
      severity: 'warning',
      path: ['steps', 0, 'settle', 'within'],
      message: expect.stringMatching(/read-back ends after 10s/),
    },
  ])
})

test('timeouts that are long enough, or for a synchronous API, get none', () => {
  for (const [command, timeout] of [
    ['sql, instances, restart, db', '12m'],
    ['run, services, update, s', '30s'],
  ])
    expect(lintTimes(['steps', 0], stepOf(applying(command ?? '', `timeout: ${timeout}\n    `)))).toEqual([])
})

test('every change can take effect for at least ten minutes', () => {
  for (const command of ['secrets versions add k', 'iam service-accounts create a', 'sql instances patch i'])
    expect(longestMs(command.split(' '))).toBeGreaterThan(10 * MINUTE)
})
