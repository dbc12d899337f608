import { describe, expect, test } from 'vitest'
import { classifyFailure } from '../../engine/gcloud/failure.ts'
import { remedyFor } from '../../engine/run/retry.ts'
import { notSimulated as answerOf } from '../../engine/sandbox/not-simulated.ts'
import { observe } from '../../engine/steps/index.ts'
import type { BoundWorkflowRunStep } from '../../engine/steps/types.ts'
import type { GcloudResult, GithubAnswer } from '../../engine/steps/world.ts'
import { failedWith, gcloudStep, printed, secretStep, worldOf } from '../samples/samples.ts'

/** A gcloud that fails with exit code 1 and this on stderr. */
const says = (stderr: string): GcloudResult => ({ ...failedWith('other'), stderr, failure: classifyFailure(1, stderr) })
const html = '<html><head><title>404 Page not found</title></head><body>The requested URL was not found.</body></html>'

/** The body of the sandbox's answer to a method that it doesn't have. */
const notSimulated = (service: string, method: string) => JSON.parse(answerOf(service, method).body)

const githubNotFound = (documentation_url: string): GithubAnswer => ({
  status: 404,
  json: { message: 'Not Found', documentation_url, status: '404' },
})

const seen = async (argv: string[], answer: GcloudResult) => {
  const step = gcloudStep('a', { reads: [{ command: { argv, project: 'p' } }] })
  return (
    await observe(
      step,
      worldOf(async () => answer),
    )
  ).observation.state
}

test.each<[argv: string, stderr: string, state: 'absent' | 'unknown']>([
  [
    'secrets describe S',
    'ERROR: (gcloud.secrets.describe) NOT_FOUND: Secret [projects/1/secrets/S] not found.',
    'absent',
  ],
  [
    'pubsub topics describe t',
    'ERROR: (gcloud.pubsub.topics.describe) NOT_FOUND: Resource not found (resource=t).',
    'absent',
  ],
  [
    'iam service-accounts describe a@p.iam.gserviceaccount.com',
    'ERROR: (gcloud.iam.service-accounts.describe) NOT_FOUND: Unknown service account. This command is authenticated with x@y which is the active account',
    'absent',
  ],
  ['secrets describe S', 'ERROR: (gcloud.secrets.describe) NOT_FOUND: Project [p] not found.', 'unknown'],
  [
    'secrets describe S',
    'ERROR: (gcloud.secrets.describe) NOT_FOUND: Secret [projects/1/secrets/S-2] not found.',
    'unknown',
  ],
  ['secrets describe S', `ERROR: (gcloud.secrets.describe) NOT_FOUND: ${html}`, 'unknown'],
  ['secrets describe S', `ERROR: (gcloud.secrets.describe) HTTPError 404: ${html}`, 'unknown'],
  ['projects describe S', `ERROR: (gcloud.projects.describe) Projects instance [S] not found: ${html}`, 'unknown'],
  ['secrets list', 'ERROR: (gcloud.secrets.list) NOT_FOUND: Project list not found.', 'unknown'],
  [
    'run services list',
    'ERROR: (gcloud.run.services.list) Namespaces instance [p] not found: nothing here.',
    'unknown',
  ],
  [
    'secrets versions list S',
    'ERROR: (gcloud.secrets.versions.list) NOT_FOUND: Secret [projects/1/secrets/S] not found.',
    'unknown',
  ],
  ['projects get-iam-policy p', 'ERROR: (gcloud.projects.get-iam-policy) NOT_FOUND: Project [p] not found.', 'unknown'],
  [
    'run services get-iam-policy s',
    'ERROR: (gcloud.run.services.get-iam-policy) NOT_FOUND: Resource s not found.',
    'unknown',
  ],
  ...[
    ['iam roles describe r', 'The role named projects/p/roles/r was not found.', 'absent'],
    ['compute instances describe vm', "The resource 'projects/p/zones/z/instances/vm' was not found", 'absent'],
    ['secrets versions describe 3', 'Secret Version [projects/1/secrets/S/versions/3] not found.', 'absent'],
    ['projects describe p', 'Project [p] not found.', 'absent'],
    // Names that are words of the sentence, parents, other paths, and what asks and isn't a resource.
    ['secrets describe found', 'Requested entity was not found.', 'unknown'],
    ['secrets describe Method', 'Method not found.', 'unknown'],
    ['secrets describe p', 'Project [p] not found.', 'unknown'],
    ['secrets describe p', "Resource 'projects/p' was not found", 'unknown'],
    [
      'secrets describe us-east1',
      'Location us-east1 is not found or access is unauthorized: projects/p/locations/us-east1.',
      'unknown',
    ],
    ['secrets describe S', 'Secret [projects/1/secrets/S/versions/latest] not found.', 'unknown'],
    ['secrets describe S', "Not found: '/v1/projects/p/secrets/S'", 'unknown'],
    ['secrets describe S', 'The host has no [GET /v1/projects/p/secrets/S].', 'unknown'],
    ['secrets describe S', 'Nothing is at [http://elsewhere.example/v1/projects/p/secrets/S].', 'unknown'],
  ].map(([argv, said, state]): [string, string, 'absent' | 'unknown'] => [
    argv!,
    `ERROR: (gcloud.x.describe) NOT_FOUND: ${said}`,
    state as 'absent' | 'unknown',
  ]),
  ['run jobs describe nope', 'ERROR: (gcloud.run.jobs.describe) Cannot find job [nope].', 'unknown'],
  ['run revisions describe r', 'ERROR: (gcloud.run.revisions.describe) Revision [r] could not be found.', 'unknown'],
])('%s that ends with %s is %s', async (argv, stderr, state) =>
  expect(await seen(argv.split(' '), says(stderr))).toBe(state),
)

describe('"Cannot find service", which gcloud prints for every 404, means absence only if a list lacks the service', () => {
  const service = (name: string) => ({ metadata: { name } })
  const look = async (list: GcloudResult, argv = ['run', 'services', 'describe', 'web', '--region', 'r']) => {
    const asked: string[] = []
    const world = worldOf(async (call) => {
      asked.push(`${call.argv.join(' ')} ${call.project}`)
      return call.argv.includes('list') ? list : says('ERROR: (gcloud.run.services.describe) Cannot find service [web]')
    })
    const { observation } = await observe(gcloudStep('a', { reads: [{ command: { argv, project: 'p' } }] }), world)
    return { observation, asked }
  }

  test('in the same region and project', async () => {
    const { observation, asked } = await look(printed([service('web-2'), service('api')]))
    expect(observation).toEqual({ state: 'absent' })
    expect(asked).toEqual(['run services describe web --region r p', 'run services list --region r p'])
    expect((await look(printed([]))).observation).toEqual({ state: 'absent' })
    const beta = ['beta', 'run', 'services', 'describe', 'web', '--region=r']
    expect((await look(printed([]), beta)).asked[1]).toBe('beta run services list --region r p')
  })

  test.each<[string, GcloudResult, object]>([
    [
      'has it',
      printed([service('web')]),
      { cause: 'other', reason: expect.stringContaining('the list of services contains it') },
    ],
    [
      'is denied',
      failedWith('denied', 'no'),
      { cause: 'denied', reason: expect.stringContaining('could not be read either: no') },
    ],
    ['is a 404 too', says(`ERROR: (gcloud.run.services.list) HTTPError 404: ${html}`), { cause: 'other' }],
    ['has another form', printed([{ name: 'api' }]), { cause: 'other' }],
    ['is no list', printed({}), { cause: 'other' }],
  ])('a list that %s leaves it unknown', async (_, list, observation) =>
    expect((await look(list)).observation).toMatchObject({ state: 'unknown', ...observation }),
  )

  test.each([
    'run services describe web',
    'run services describe web --region r --platform=gke',
    'run jobs describe web --region r',
  ])('%s is not compared with a list that might be another', async (argv) => {
    const { observation, asked } = await look(printed([]), argv.split(' '))
    expect(observation.state).toBe('unknown')
    expect(asked).toHaveLength(1)
  })
})

test.each<[string, string, 'absent' | 'unknown']>([
  ['is not there', 'ERROR: (gcloud.secrets.describe) NOT_FOUND: Secret [projects/1/secrets/KEY] not found.', 'absent'],
  ['is a page', `ERROR: (gcloud.secrets.describe) HTTPError 404: ${html}`, 'unknown'],
])('a secret whose versions are not found and that itself %s', async (_, described, state) => {
  const world = worldOf(async ({ argv, project }) => {
    if (project !== 'p-prod')
      return argv[2] === 'list'
        ? printed([{ name: 'a/versions/1', state: 'ENABLED' }])
        : printed({ payload: { data: 'YQ' } })
    return says(argv[1] === 'describe' ? described : `ERROR: (gcloud.secrets.versions.list) HTTPError 404: ${html}`)
  })
  expect((await observe(secretStep(), world)).observation.state).toBe(state)
})

/** What gcloud writes of a 501, after five tries. */
const unsimulated = (command: string, method: string) =>
  `ERROR: (gcloud.${command}) HttpError accessing <http://x.sandbox/v1/y?alt=json>: response: <{'content-type': 'application/json; charset=UTF-8', 'status': 501}>, content <${JSON.stringify(
    notSimulated('x', method),
  )}>\nThis may be due to network connectivity issues. Please check your network settings, and the status of the service you are trying to reach.\n`

test.each([
  ['run worker-pools list', 'run.projects.locations.workerPools.list'],
  ['secrets describe S', 'secretmanager.projects.locations.secrets.get'],
  ['iam roles describe r', 'iam.projects.roles.get of v9'],
  ['org-policies describe c', 'PATCH /v1/projects/p/x.y/c of orgpolicy'],
])('%s that a sandbox does not simulate is unknown, and the reason says so', async (argv, method) => {
  const answer = says(unsimulated(argv.replaceAll(' ', '.'), method))
  const step = gcloudStep('a', { reads: [{ command: { argv: argv.split(' '), project: 'p' } }] })
  const { observation } = await observe(
    step,
    worldOf(async () => answer),
  )
  expect(observation).toEqual({ state: 'unknown', cause: 'other', reason: `the sandbox does not simulate ${method}` })
  expect(remedyFor(answer.failure)).toBe('stop')
})

test.each<[string, GithubAnswer, 'absent' | 'unknown']>([
  ['its own', githubNotFound('https://docs.github.com/rest/actions/workflow-runs#get-a-workflow-run'), 'absent'],
  [
    'its own on a server of the company',
    githubNotFound('https://docs.github.com/enterprise-server@3.14/rest/actions/workflow-runs#get-a-workflow-run'),
    'absent',
  ],
  ['of another path', githubNotFound('https://docs.github.com/rest'), 'unknown'],
  ['of a page', { status: 404, json: null }, 'unknown'],
  ['of another server', { status: 404, json: { error: 'Not Found' } }, 'unknown'],
  ['a sandbox has nothing to answer with', { failed: 'the sandbox does not simulate x', cause: 'other' }, 'unknown'],
])('a workflow run whose 404 %s is judged by that', async (_, answer, state) => {
  const step: BoundWorkflowRunStep = { ...gcloudStep('a'), kind: 'workflowRun', repository: 'a/b', runId: '1' } as never
  const world = { ...worldOf(async () => printed({})), github: async () => answer }
  expect((await observe(step, world)).observation.state).toBe(state)
})
