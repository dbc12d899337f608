import { expect, test } from 'vitest'
import { reachOf, undoFor } from '../../engine/steps/index.ts'
import { join, outsideOf, reachOfAction } from '../../engine/steps/target-projects.ts'
import { gcloudStep, manualStep, secretStep } from '../samples/samples.ts'

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

test.each([
  ['a full name', [`${OTHER}/services/web`]],
  ['a flag', ['web', '--project=p-other']],
  ['a service account', ['x', '--iam-account=a@p-other.iam.gserviceaccount.com']],
  ['an organization', ['x', '--organization=1']],
])('an undo that would reach further than its change, by %s, is none, and the plan says so', (_, more) => {
  const before = { state: 'value' as const, value: { value: 'wrong' } }
  const words = ['run', 'services', 'update', ...more]
  expect(undoFor(gcloudStep('a', { undo: { words } }), before)).toMatchObject({
    kind: 'none',
    reason: expect.stringMatching(
      /^the undo would change (p-other|organizations\/1), which the change itself does not$/,
    ),
  })
  const apply = { kind: 'gcloud' as const, command: { argv: words, project: 'p-prod' } }
  expect(undoFor(gcloudStep('a', { undo: { words }, apply }), before)).toMatchObject({ kind: 'gcloud' })
})
