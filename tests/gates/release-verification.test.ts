import { describe, expect, it } from 'vitest'
import type { Scenario } from '../../engine/sandbox/model/scenario.ts'
import { makeDesk, sectionOf } from '../incident/cli.ts'
import { plant } from './planted.ts'

const desk = makeDesk('fake')
const run = '22471945914'
const repository = 'jualuma/jualuma'

/** Only the workflow run and the backend's identity: the rest costs gcloud calls and is looked at elsewhere. */
const narrow = ['--input', 'gates=', '--input', 'services=']

const withRun = (workflowRun: object) => (scenario: Scenario) => {
  scenario.github = { [repository]: { workflowRuns: { [run]: { name: 'CD', ...workflowRun } as never } } }
}

const unreachable = (scenario: Scenario): void => {
  scenario.faults = [{ on: { service: 'github', method: 'runs.get', calls: 'every' }, answer: { drop: 'before' } }]
}

const refused = (scenario: Scenario): void => {
  scenario.faults = [{ on: { service: 'github', method: 'runs.get', calls: 'every' }, answer: { status: 401 } }]
}

describe('check release-verification says which workflow run it met', () => {
  it.each([
    {
      what: 'failed',
      change: withRun({ status: 'completed', conclusion: 'failure' }),
      exit: 3,
      says: 'conclusion is failure, must be success',
    },
    {
      what: 'cancelled',
      change: withRun({ status: 'completed', conclusion: 'cancelled' }),
      exit: 3,
      says: 'conclusion is cancelled, must be success',
    },
    {
      what: 'running',
      change: withRun({ status: 'in_progress' }),
      exit: 3,
      says: 'status is in_progress, must be completed',
    },
    {
      what: 'unknown',
      change: (scenario: Scenario) => {
        scenario.github = { [repository]: { workflowRuns: {} } }
      },
      exit: 3,
      says: 'absent',
    },
    { what: 'unreachable', change: unreachable, exit: 1, says: 'cannot reach GitHub' },
    { what: 'refused', change: refused, exit: 1, says: 'GitHub rejected the token' },
  ])('$what', { timeout: 240_000 }, async ({ what, change, exit, says }) => {
    const sandbox = plant(desk, what, change)
    const argv = [
      'check',
      'release-verification',
      '--env',
      'prod',
      '--sandbox',
      sandbox,
      '--input',
      `workflowRun=${run}`,
    ]
    const ended = await desk.breakglass([...argv, ...narrow])
    expect(ended.exit, ended.stdout + ended.stderr).toBe(exit)
    const line = ended.stdout
      .split('\n')
      .find((text) => /^(drift {4}|unknown {2})release-verification\/workflow-run/.test(text))
    expect(line).toContain(says)
  })
})

describe('run release-verification waits for a run that is still going on, but not for ever', () => {
  const runIt = (sandbox: string, incident: string) =>
    desk.breakglass([
      ...[
        'run',
        'release-verification',
        '--env',
        'prod',
        '--sandbox',
        sandbox,
        '--incident',
        incident,
        '--reason',
        'a test',
      ],
      ...['--yes', '--logs', desk.logs, '--input', `workflowRun=${run}`, ...narrow],
    ])

  it('one that completes in time passes', { timeout: 240_000 }, async () => {
    const sandbox = plant(
      desk,
      'completes',
      withRun({ status: 'completed', conclusion: 'success', completesAfter: '40s' }),
    )
    const ended = await runIt(sandbox, 'completes')
    expect(ended.exit, ended.stdout + ended.stderr).toBe(0)
    expect(sectionOf(desk.record('completes'), 'Verification')).toContain(
      `Check that workflow run \`${run}\` succeeded: PASS`,
    )
  })

  it('one that never does fails the run after its two minutes, and the record says so', {
    timeout: 240_000,
  }, async () => {
    const ended = await runIt(plant(desk, 'endless', withRun({ status: 'in_progress' })), 'endless')
    expect(ended.exit, ended.stdout + ended.stderr).toBe(1)
    expect(sectionOf(desk.record('endless'), 'Verification')).toContain('status is in_progress, expected completed')
  })
})
