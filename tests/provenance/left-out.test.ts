import { readFileSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { parse, stringify } from 'yaml'
import { makeStage, withBody } from './stage.ts'

vi.setConfig({ testTimeout: 240_000 })

const there = `apiVersion: breakglass/v1
kind: Runbook
metadata: { name: there, title: Elsewhere, description: Reaches another environment., risk: high }
steps:
  - id: elsewhere
    title: something elsewhere is right
    observe: { gcloud: [projects, get-iam-policy, heron-other], select: { bound: "\${{ result.?bindings.orValue([]).exists(b, b.role == 'roles/viewer') }}" } }
    expect: { bound: true }
    apply: { gcloud: [projects, add-iam-policy-binding, heron-other, "--member=user:a@x.test", --role=roles/viewer] }
    undo: { gcloud: [projects, remove-iam-policy-binding, heron-other, "--member=user:a@x.test", --role=roles/viewer] }
`
const LOWERED = /PROTECTION LOWERED/

test('a protected environment that was left out of the inventory, and is still reached, is a lowered protection', async () => {
  const stage = await makeStage()
  stage.write('runbooks/there.yaml', there)
  const own = stage.read('runbooks/inventory.yaml')
  const argv = ['run', 'posture', '--env', 'other', '--incident', 'INC-1', '--reason', 'r', '--yes']
  expect((await stage.breakglass(...argv)).exit).toBe(0)
  const before = await stage.run('INC-2', ['there'])
  expect(before.stdout).not.toMatch(LOWERED)
  const { environments, ...inventory } = parse(own)
  const { other: _, ...left } = environments
  stage.write('runbooks/inventory.yaml', stringify({ ...inventory, environments: left }))
  const { stdout } = await stage.run('INC-3', ['there'])
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
    'its changes reach heron-other, which was protected at its last run (INC-1) and is no longer in the inventory',
  )
  expect(readFileSync(stage.at('logs/INC-3/record.md'), 'utf8')).toContain('is no longer in the inventory')
})

test('a log of a run that has not been yet hides no lowered protection', async () => {
  const stage = await makeStage()
  const argv = (incident: string) => [
    'run',
    'posture',
    '--env',
    'other',
    '--incident',
    incident,
    '--reason',
    'r',
    '--yes',
  ]
  await stage.breakglass(...argv('INC-1'))
  stage.write(
    'runbooks/inventory.yaml',
    stage.read('runbooks/inventory.yaml').replace('protected: true', 'protected: false'),
  )
  stage.forge('INC-1', 'INC-2', (entries) =>
    withBody(
      withBody(entries, 'run.opened', (body) => ({ ...body, protection: { ...body.protection, protected: false } })),
      'plan.made',
      (body) => ({ ...body, plan: { ...body.plan, environment: { ...body.plan.environment, protected: false } } }),
    ).map((entry) => ({ ...entry, time: '2999-01-01T00:00:00.000Z' })),
  )
  const { stdout } = await stage.breakglass(...argv('INC-3'))
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain('other is less protected than at its last run (INC-1, ')
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain('is no longer protected')
})
