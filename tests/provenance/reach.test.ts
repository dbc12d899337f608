import { expect, test, vi } from 'vitest'
import { join, outsideOf, reachOf, reachOfAction } from '../../engine/steps/reach.ts'
import { gcloudStep, manualStep, secretStep } from '../engine/samples.ts'
import { makeStage } from './stage.ts'

vi.setConfig({ testTimeout: 240_000 })

const OTHER = 'projects/p-other/locations/us-central1'

test.each<[string, string[], string[], string[]]>([
  ['its own project, where it names none', ['run', 'services', 'update', 'web', '--ingress=all'], [], []],
  ['a full name', ['secrets', 'versions', 'disable', '1', '--secret=projects/p-other/secrets/KEY'], ['p-other'], []],
  ['a full name as a word of its own', ['run', 'services', 'delete', `${OTHER}/services/web`], ['p-other'], []],
  [
    'an address',
    ['compute', 'disks', 'delete', 'https://compute.googleapis.com/compute/v1/projects/p-other/zones/z/disks/d'],
    ['p-other'],
    [],
  ],
  [
    'a name with its service',
    ['asset', 'feeds', 'delete', '//cloudresourcemanager.googleapis.com/projects/p-other'],
    ['p-other'],
    [],
  ],
  ['a namespace of Cloud Run', ['run', 'services', 'delete', 'namespaces/p-other/services/web'], ['p-other'], []],
  ['a later item of a list', ['x', 'y', `--topics=a,${OTHER}/topics/t`], ['p-other'], []],
  ['--project=', ['run', 'services', 'delete', 'web', '--project=p-other'], ['p-other'], []],
  ['--project and a word', ['run', 'services', 'delete', 'web', '--project', 'p-other'], ['p-other'], []],
  [
    'the project of a policy',
    ['projects', 'add-iam-policy-binding', 'p-other', '--member=user:a@x.test', '--role=roles/viewer'],
    ['p-other'],
    [],
  ],
  [
    'the project of a policy, under a release',
    ['beta', 'projects', 'add-iam-policy-binding', 'p-other', '--role=roles/viewer'],
    ['p-other'],
    [],
  ],
  [
    'a service account that is changed',
    ['iam', 'service-accounts', 'disable', 'runner@p-other.iam.gserviceaccount.com'],
    ['p-other'],
    [],
  ],
  [
    'a service account whose keys are changed',
    ['iam', 'service-accounts', 'keys', 'delete', 'k', '--iam-account=runner@p-other.iam.gserviceaccount.com'],
    ['p-other'],
    [],
  ],
  [
    'the same with the flag in two words',
    ['iam', 'service-accounts', 'keys', 'delete', 'k', '--iam-account', 'runner@p-other.iam.gserviceaccount.com'],
    ['p-other'],
    [],
  ],
  [
    'no project of a member',
    [
      'projects',
      'add-iam-policy-binding',
      'p-prod',
      '--member=serviceAccount:a@p-other.iam.gserviceaccount.com',
      '--role=projects/p-other/roles/r',
    ],
    [],
    [],
  ],
  [
    'no project of a member in two words',
    ['projects', 'remove-iam-policy-binding', 'p-prod', '--member', 'serviceAccount:a@p-other.iam.gserviceaccount.com'],
    [],
    [],
  ],
  [
    'no project of whom a service runs as',
    ['run', 'services', 'update', 'web', '--service-account=a@p-other.iam.gserviceaccount.com'],
    [],
    [],
  ],
  ['no project of an image', ['run', 'services', 'update', 'web', '--image=us-docker.pkg.dev/p-other/r/i'], [], []],
  [
    'an organization',
    ['organizations', 'add-iam-policy-binding', '123', '--member=user:a@x.test'],
    [],
    ['organizations/123'],
  ],
  [
    'an organization by a flag',
    ['resource-manager', 'org-policies', 'delete', 'c', '--organization=123'],
    [],
    ['organizations/123'],
  ],
  [
    'a folder by a flag in two words',
    ['resource-manager', 'org-policies', 'delete', 'c', '--folder', '45'],
    [],
    ['folders/45'],
  ],
  ['a folder by its full name', ['scc', 'findings', 'update', 'folders/45/sources/1/findings/2'], [], ['folders/45']],
  [
    'a project by its number, which could be any',
    ['secrets', 'delete', 'projects/314159265358/secrets/KEY'],
    [],
    ['projects/314159265358'],
  ],
])('a command reaches %s', (_, argv, projects, beyond) => {
  const reach = reachOfAction({ kind: 'gcloud', command: { argv, project: 'p-prod' } }, 'p-prod')
  expect(reach).toEqual({ projects: ['p-prod', ...projects].sort(), beyond })
})

test('a step reaches what its change and its undo name, and one that only observes nothing', () => {
  const undo = { words: ['run', 'services', 'update', `${OTHER}/services/web`, '--x=${{ before.value }}'] }
  expect(reachOf(gcloudStep('a', { undo }))).toEqual({ projects: ['p-other', 'p-prod'], beyond: [] })
  const { apply: _, ...only } = gcloudStep('a')
  expect(reachOf(only)).toEqual({ projects: [], beyond: [] })
  expect(reachOf(manualStep('a'))).toEqual({ projects: ['p-prod'], beyond: [] })
  expect(reachOf(secretStep())).toEqual({ projects: [secretStep().project], beyond: [] })
})

test('what is reached beyond another reach is named', () => {
  const own = { projects: ['a'], beyond: [] }
  expect(outsideOf(join(own, { projects: ['b'], beyond: ['folders/1'] }), own)).toEqual(['b', 'folders/1'])
})

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
  for (const name of ['policy-there', 'account-there', 'policy-of-all']) {
    const refused = await stage.run('INC-1', [name], '--policy')
    expect(refused, refused.stdout).toMatchObject({ exit: 4, stderr: expect.stringContaining('Other is protected') })
  }
  expect((await stage.requests()).filter(({ mutating }) => mutating)).toEqual([])

  const held = stage.holdLock('heron-other')
  const locked = await stage.run('INC-2', ['policy-there'])
  expect(locked).toMatchObject({ exit: 6, stderr: expect.stringContaining('Project heron-other is locked') })
  expect(stage.locks()).toEqual([held])
  stage.releaseLock(held)

  const shown = await stage.breakglass('plan', 'policy-there', '--env', 'live')
  expect(shown.stdout).toContain('Its changes also reach other (heron-other), which is protected.')
  const done = await stage.run('INC-3', ['policy-there'])
  expect(done, done.stderr).toMatchObject({ exit: 0 })
  expect(stage.locks()).toEqual([])
  const reaches = stage
    .entries('INC-3')
    .flatMap((entry) => (entry.type === 'plan.made' ? [entry.body.plan.reaches] : []))
  expect(reaches).toEqual([[{ project: 'heron-other', environment: 'other', protected: true }]])
})
