import { describe, expect, test } from 'vitest'
import { makeWorkspace } from '../command-line/workspace.ts'

const workspace = makeWorkspace()

/** A runbook with one step about the front end's ingress, which the incident has closed, and more at its end. */
const runbook = (name: string, step: string, more = '') => `apiVersion: breakglass/v1
kind: Runbook
metadata: { name: ${name}, title: A runbook of one step, description: The front end is open., risk: low }
steps:
  - id: open
    title: frontend-app is open
${step}${more}`
const look = `    observe:
      gcloud: [run, services, describe, frontend-app, --region, "\${{ env.region }}"]
      select: { ingress: "\${{ result.metadata.annotations['run.googleapis.com/ingress'] }}" }
    expect: { ingress: all }
`

/** Runbooks by what they make of drift in the incident's world; `changes` says whether a plan of them has something to change. */
const RUNBOOKS: [what: string, name: string, text: string | undefined, changes: boolean][] = [
  ['that applies', 'access-posture', undefined, true],
  ['that adds a version to a secret', 'secret-parity', undefined, true],
  ['of checks only', 'gcp-drift', undefined, false],
  ['of gates', 'release-verification', undefined, false],
  ['whose step only shows', 'only-shown', runbook('only-shown', look), false],
  ['whose step waits', 'waits', runbook('waits', `    wait: { every: 1s, within: 2s }\n${look}`), false],
  [
    'whose step a person does by hand',
    'by-person',
    runbook('by-person', `    manual: { instructions: Open it. }\n${look}`),
    true,
  ],
  [
    'whose step holds a gate',
    'with-gate',
    runbook(
      'with-gate',
      look.replace('frontend-app', 'marketing-site'),
      'verify:\n  - id: gate\n    title: the drift gate holds\n    gate: { runbook: run-parity }\n',
    ),
    false,
  ],
  [
    'that could not read what it would change',
    'unreadable',
    runbook(
      'unreadable',
      `${look.replace('result.metadata.annotations', 'result.nowhere')}    apply: { gcloud: [run, services, update, frontend-app, --region, "\${{ env.region }}", --ingress=all] }\n    undo: { cannotBeUndone: "it is only tried here" }\n`,
    ),
    false,
  ],
]

const there = ['--env', 'prod', '--sandbox', 'incident-2026-02-27']
const next = (stdout: string) => /Next: `breakglass (plan[^`]*)`/.exec(stdout)?.[1]
const somethingToChange = (stdout: string) => /^ +(do|by hand): /m.test(stdout)

describe.each(RUNBOOKS)('of a runbook %s', (_, name, text, changes) => {
  test(`check ${changes ? 'proposes a plan, which has something to change' : 'proposes no plan, which would have nothing to change'}`, {
    timeout: 240_000,
  }, async () => {
    if (text !== undefined) workspace.write(`runbooks/${name}.yaml`, text)
    const { exit, stdout, stderr } = await workspace.breakglass('check', name, ...there)
    expect([1, 3], stderr).toContain(exit)
    const proposed = next(stdout)
    expect(proposed !== undefined, stdout).toBe(changes)
    const plan = await workspace.breakglass(...(proposed ?? ['plan', name, ...there].join(' ')).split(' '), '--verbose')
    expect(somethingToChange(plan.stdout), plan.stdout).toBe(changes)
  })
})

test('of several runbooks, the plan of those that would change something is proposed, with the same inputs', {
  timeout: 240_000,
}, async () => {
  const { stdout } = await workspace.breakglass(
    'check',
    'gcp-drift',
    'access-posture',
    ...there,
    '--input',
    'services=frontend-app',
  )
  expect(next(stdout)).toBe(
    'plan access-posture --env prod --sandbox incident-2026-02-27 --input services=frontend-app',
  )
  const plan = await workspace.breakglass(...(next(stdout) ?? '').split(' '), '--verbose')
  expect(plan).toMatchObject({
    exit: 0,
    stdout: expect.stringContaining('do:   gcloud run services update frontend-app'),
  })
})

test('drift that the team knows of needs no plan', { timeout: 240_000 }, async () => {
  const known =
    "knownDifferences: [{ step: 'access-posture/*', environment: prod, reason: rebuilding, expires: '9999-12-31' }]"
  workspace.write('runbooks/inventory.yaml', `${workspace.lines('runbooks/inventory.yaml').join('\n')}\n${known}`)
  for (const more of [[], ['gcp-drift']]) {
    const { stdout } = await workspace.breakglass(
      'check',
      'access-posture',
      ...more,
      ...there,
      '--input',
      'services=frontend-app',
    )
    expect(stdout).toContain('known until 9999-12-31: rebuilding')
    expect(next(stdout)).toBeUndefined()
  }
})
