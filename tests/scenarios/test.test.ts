import { describe, expect, it, test } from 'vitest'
import { otherThanExpected } from '../../engine/report/expected.ts'
import { makeWorkspace } from '../command-line/workspace.ts'
import { junitProblems } from '../gates/published-schemas.ts'

const ended = {
  exitCode: 0,
  drifted: ['a/x[web]', 'a/y'],
  changed: ['a/x[web]'],
  record: 'Opened `web`. <!-- log 3 -->\nAnd\n  more.',
}

describe('a rehearsal ended as expected', () => {
  it.each([
    [
      'in every part',
      { exitCode: 0, drifted: ['a/x[web]', 'a/y'], changed: ['a/x[*]'], record: ['Opened `web`.', 'And more.'] },
    ],
    ['where nothing but exiting 0 is expected', {}],
  ])('%s', (_, expected) => {
    expect(otherThanExpected(expected, ended)).toEqual([])
  })
})

describe('a rehearsal that ended otherwise is reported', () => {
  it.each([
    ['it exits with another code', { exitCode: 3 }, 'it exited 0, expected 3'],
    ['a step drifted beside those', { drifted: ['a/x[*]'] }, 'a/y drifted unexpectedly'],
    ['a step did not drift', { drifted: ['a/*', 'b/z'] }, 'no step that matches b/z drifted'],
    ['nothing was to change', { changed: [] }, 'a/x[web] was changed unexpectedly'],
    ['the record lacks a sentence', { record: ['Closed `web`.'] }, 'the record does not say: Closed `web`.'],
  ])('%s', (_, expected, says) => {
    expect(otherThanExpected(expected, ended)).toEqual([says])
  })
})

const limit = { timeout: 240_000 }

test('the shipped scenarios end as they expect, and leave nothing in the workspace', limit, async () => {
  const workspace = makeWorkspace()
  const { exit, stdout } = await workspace.breakglass('test')
  expect({ exit, stdout }).toMatchObject({ exit: 0, stdout: expect.stringContaining('2 passed, 0 failed.') })
  expect(workspace.names('.')).not.toContain('logs')
})

test('a scenario that ends otherwise fails by name, in text and in JUnit', limit, async () => {
  const workspace = makeWorkspace()
  workspace.edit('runbooks/scenarios/conformant.yaml', 'changed: []', 'changed: [access-posture/*]')
  const { exit, stdout } = await workspace.breakglass('test', 'conformant')
  expect(exit).toBe(1)
  expect(stdout).toContain('✖ conformant')
  expect(stdout).toContain('no step that matches access-posture/* was changed')
  const junit = await workspace.breakglass('test', '--format', 'junit')
  expect(junit.exit).toBe(1)
  expect(await junitProblems(junit.stdout)).toEqual([])
  expect(junit.stdout).toMatch(/tests="2" failures="1" errors="0"/)
})

test('an unexpected drift fails', limit, async () => {
  const workspace = makeWorkspace()
  workspace.edit('runbooks/scenarios/incident-2026-02-27.yaml', '    - access-posture/iap-off[*]\n', '')
  const { exit, stdout } = await workspace.breakglass('test', 'incident-2026-02-27')
  expect({ exit, stdout }).toMatchObject({
    exit: 1,
    stdout: expect.stringContaining('access-posture/iap-off[frontend-app] drifted unexpectedly'),
  })
})

test('without expectations in any scenario, the test fails', limit, async () => {
  const workspace = makeWorkspace()
  workspace.edit('runbooks/scenarios/conformant.yaml', 'expected:\n  exitCode: 0\n  drifted: []\n  changed: []\n', '')
  const { exit, stderr } = await workspace.breakglass('test', 'conformant')
  expect({ exit, stderr }).toMatchObject({
    exit: 2,
    stderr: expect.stringContaining('no scenario here has `expected`'),
  })
})

test('a rehearsal ends with a list of the faults that were never injected', limit, async () => {
  const workspace = makeWorkspace()
  const faults = ['legder', 'frontend-app'].map(
    (resource) =>
      `  - { on: { service: run, method: services.get, resource: ${resource} }, answer: { status: 503 } }\n`,
  )
  workspace.edit('runbooks/scenarios/conformant.yaml', 'faults: []\n', `faults:\n${faults.join('')}`)
  const { stdout, stderr } = await workspace.breakglass('rehearse', 'conformant', '--yes')
  expect(stderr).toBe('')
  expect(stdout.replace(/\s+/g, ' ')).toContain(
    'A fault was never injected: run services.get on legder, call 1: status 503.',
  )
  expect(stdout).not.toContain('services.get on frontend-app')
})
