import { expect, test, vi } from 'vitest'
import { makeStage } from './stage.ts'

vi.setConfig({ testTimeout: 240_000 })

const runbook = (name: string, step: string) => `apiVersion: breakglass/v1
kind: Runbook
metadata: { name: ${name}, title: Elsewhere, description: Reaches another environment., risk: high }
steps:
  - id: elsewhere
    title: something elsewhere is right
${step}`
const binding = (verb: string, where: string) =>
  `[${where}, ${verb}-iam-policy-binding, ${where === 'projects' ? 'heron-other' : '"123"'}, --member=user:a@x.test, --role=roles/viewer]`
const policy = (
  where: string,
) => `    observe: { gcloud: [projects, get-iam-policy, heron-other], select: { bound: "\${{ result.?bindings.orValue([]).exists(b, b.role == 'roles/viewer') }}" } }
    expect: { bound: true }
    apply: { gcloud: ${binding('add', where)} }
    undo: { gcloud: ${binding('remove', where)} }
`
const account = `    observe: { gcloud: [iam, service-accounts, describe, "a@heron-other.iam.gserviceaccount.com"], select: { off: "\${{ result.disabled }}" } }
    expect: { off: true }
    apply: { gcloud: [iam, service-accounts, disable, "a@heron-other.iam.gserviceaccount.com"] }
    undo: { gcloud: [iam, service-accounts, enable, "a@heron-other.iam.gserviceaccount.com"] }
`

test('another, protected environment that a run reaches must be passed like its own, and is locked', async () => {
  const stage = await makeStage()
  stage.write('runbooks/policy-there.yaml', runbook('policy-there', policy('projects')))
  stage.write('runbooks/account-there.yaml', runbook('account-there', account))
  stage.write('runbooks/policy-of-all.yaml', runbook('policy-of-all', policy('organizations')))
  // A policy that asks nobody about these environments: what is protected is not changed unasked all the same.
  const asksNobody =
    'policy: { allowedSigners: signers, approvers: { x: [a@x.test] }, approvals: [{ environments: [trial], from: { x: 1 } }] }'
  stage.write('runbooks/inventory.yaml', `${asksNobody}\n${stage.read('runbooks/inventory.yaml')}`)
  for (const name of ['policy-there', 'account-there', 'policy-of-all']) {
    const refused = await stage.run('INC-1', [name], '--policy')
    expect(refused, refused.stdout).toMatchObject({ exit: 4, stderr: expect.stringContaining('other is protected') })
  }
  expect((await stage.requests()).filter(({ mutating }) => mutating)).toEqual([])

  const own = stage.read('runbooks/inventory.yaml')
  stage.write(
    'runbooks/inventory.yaml',
    `${own}  twin: { project: heron-live, region: us-central1, protected: true }\n`,
  )
  const twin = await stage.run('INC-1', ['posture'], '--policy')
  expect(twin, twin.stdout).toMatchObject({ exit: 4, stderr: expect.stringContaining('twin is protected') })
  stage.write('runbooks/inventory.yaml', own)

  const held = stage.holdLock('heron-other')
  const locked = await stage.run('INC-2', ['policy-there'])
  expect(locked).toMatchObject({ exit: 6, stderr: expect.stringContaining('Project heron-other is locked') })
  expect(stage.locks()).toEqual([held])
  stage.releaseLock(held)

  const shown = await stage.breakglass('plan', 'policy-there', '--env', 'live')
  expect(shown.stdout).toContain('The plan also changes other (heron-other), which is protected.')
  const done = await stage.run('INC-3', ['policy-there'])
  expect(done, done.stderr).toMatchObject({ exit: 0 })
  expect(stage.locks()).toEqual([])
  const reaches = stage
    .entries('INC-3')
    .flatMap((entry) => (entry.type === 'plan.made' ? [entry.body.plan.reaches] : []))
  expect(reaches).toEqual([[{ project: 'heron-other', environment: 'other', protected: true }]])
})
