import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Json } from '../../engine/base/json.ts'
import { redactAnswer, redactedFieldIn } from '../../engine/runbook/expressions/redacted.ts'
import { observe } from '../../engine/steps/index.ts'
import { gcloudStep, printed, worldOf } from '../samples/samples.ts'

const SECRET = 'hunter2-is-plain'

/** Output that can contain a secret, and a command that prints it. */
const answers: [what: string, argv: string, printed: Json, kept: string][] = [
  [
    'an environment variable of a service',
    'run services describe web',
    { spec: { template: { spec: { containers: [{ image: 'kept', env: [{ name: 'A', value: SECRET }] }] } } } },
    'kept',
  ],
  [
    'an argument of a container',
    'run jobs describe job',
    { template: { containers: [{ image: 'kept', args: [`--password=${SECRET}`], command: [SECRET] }] } },
    'kept',
  ],
  [
    "a function's variables",
    'functions describe f',
    {
      serviceConfig: { uri: 'kept', environmentVariables: { A: SECRET } },
      buildConfig: { environmentVariables: { B: SECRET } },
    },
    'kept',
  ],
  ["an App Engine version's variables", 'app versions describe v', { id: 'kept', envVariables: { A: SECRET } }, 'kept'],
  [
    "an instance's metadata",
    'compute instances describe vm',
    { name: 'kept', metadata: { items: [{ key: 'startup-script', value: SECRET }] } },
    'kept',
  ],
  [
    "a project's metadata",
    'compute project-info describe',
    { name: 'kept', commonInstanceMetadata: { items: [{ key: 'token', value: SECRET }] } },
    'kept',
  ],
  [
    "a notebook's metadata",
    'workbench instances describe n',
    { gceSetup: { metadata: { a: SECRET } }, name: 'kept' },
    'kept',
  ],
  [
    "a cluster's client key and password",
    'container clusters describe c',
    { name: 'kept', masterAuth: { username: 'admin', password: SECRET, clientKey: SECRET } },
    'kept',
  ],
  [
    "a build's substitutions and variables",
    'builds describe b',
    {
      id: 'kept',
      substitutions: { _KEY: SECRET },
      steps: [{ name: 'kept', args: ['-c', SECRET], env: [`A=${SECRET}`] }],
    },
    'kept',
  ],
  [
    "a job's HTTP headers and body",
    'scheduler jobs describe j',
    { name: 'kept', httpTarget: { uri: 'kept', headers: { Authorization: SECRET }, body: SECRET } },
    'kept',
  ],
  ['a message', 'scheduler jobs describe j', { name: 'kept', pubsubTarget: { topicName: 't', data: SECRET } }, 'kept'],
  [
    'headers that a load balancer adds',
    'compute backend-services describe b',
    { name: 'kept', customRequestHeaders: [`X-Key: ${SECRET}`], iap: { oauth2ClientSecret: SECRET } },
    'kept',
  ],
  ["a tunnel's shared secret", 'compute vpn-tunnels list', [{ name: 'kept', sharedSecret: SECRET }], 'kept'],
  ["a channel's token", 'eventarc channels describe c', { name: 'kept', activationToken: SECRET }, 'kept'],
  [
    'keys of another cloud',
    'transfer jobs describe j',
    {
      name: 'kept',
      transferSpec: { awsS3DataSource: { awsAccessKey: { accessKeyId: 'AK', secretAccessKey: SECRET } } },
    },
    'kept',
  ],
  [
    'credentials of an application',
    'asset list',
    [{ name: 'kept', resource: { data: { credentials: [{ consumerKey: 'k', consumerSecret: SECRET }] } } }],
    'kept',
  ],
  [
    'inputs and outputs of Terraform',
    'infra-manager deployments describe d',
    {
      name: 'kept',
      terraformBlueprint: { inputValues: { p: { inputValue: 1, value: SECRET } } },
      outputs: { db: { sensitive: false, value: SECRET } },
    },
    'kept',
  ],
  [
    "a Spark property's password",
    'dataproc clusters describe c',
    {
      clusterName: 'kept',
      config: { softwareConfig: { properties: { 'core:javax.jdo.option.ConnectionPassword': SECRET } } },
    },
    'kept',
  ],
  [
    "a batch job's variables",
    'batch jobs describe j',
    { name: 'kept', environment: { variables: { A: SECRET } } },
    'kept',
  ],
  ['the password of a proxy', 'config list', { core: { account: 'kept' }, proxy: { password: SECRET } }, 'kept'],
]

/** A step that selects from the output of a command. */
async function select(argv: string, json: Json, expression: string) {
  const reads = [{ command: { argv: argv.split(' '), project: 'p' } }]
  const step = gcloudStep('a', { reads, select: { it: `\${{ ${expression} }}` } })
  return (
    await observe(
      step,
      worldOf(async () => printed(json)),
    )
  ).observation
}

test.each(answers)('%s is redacted (%s)', async (_, argv, json, kept) => {
  const whole = JSON.stringify(redactAnswer(argv.split(' '), json))
  expect(whole).not.toContain(SECRET)
  expect(whole).toContain(kept)
  const observation = await select(argv, json, 'result')
  expect(observation).toMatchObject({ state: 'unknown', reason: expect.stringContaining('is redacted') })
  expect(JSON.stringify(observation)).not.toContain(SECRET)
})

const service = answers[0]![2]
const env = 'result.spec.template.spec.containers[0].env'

test.each([
  `${env}[0].value`,
  `${env}[0]['value']`,
  `${env}[0].?value.orValue('')`,
  `${env}[?0].?value.orValue('none')`,
  `${env}.filter(e, e.name == 'A').map(e, e.value)`,
  `${env}.exists(e, e.value == '${SECRET}')`,
  `${env}.all(e, e.value != '')`,
  `${env}[0].value.startsWith('h')`,
  `${env}[0].value.size()`,
  `string(${env}[0].value)`,
  `${env}[0] == {'name': 'A', 'value': '${SECRET}'}`,
  `{'name': 'A', 'value': 'another'} == ${env}[0]`,
  `{'name': 'A', 'value': 'another'} in ${env}`,
  `['another'] == ${env}.map(e, e.value)`,
  `${env}[0] != {'name': 'A', 'value': 'another'}`,
])('no expression can read it, with or without a default: %s', async (expression) => {
  const observation = await select('run services describe web', service, expression)
  expect(observation).toMatchObject({ state: 'unknown', reason: expect.stringContaining('is redacted') })
  // The expression itself is not a value that was read.
  expect(JSON.stringify(observation).replaceAll(expression, '')).not.toContain(SECRET)
})

test('a redacted list is not reported to lack an item', async () => {
  const job = { args: [SECRET], name: 'kept' }
  for (const expression of [
    "'another' in result.args",
    "['another'] == result.args",
    "result.args.exists(a, a == 'x')",
  ])
    expect(await select('run jobs describe job', job, expression)).toMatchObject({ state: 'unknown' })
  expect(await select('run services describe web', service, `'value' in ${env}[0]`)).toMatchObject({
    value: { it: true },
  })
})

test('names, references to secrets and images are not redacted', async () => {
  const json = {
    env: [
      { name: 'A', value: SECRET },
      { name: 'B', valueFrom: { secretKeyRef: { name: 'KEY', key: '3' } } },
    ],
    volumes: [{ secret: { secretName: 'KEY', items: [{ key: '3', path: 'p' }] } }],
    secretEnvironmentVariables: [{ key: 'K', projectId: 'p', secret: 'KEY', version: '3' }],
    availableSecrets: { secretManager: [{ versionName: 'v', secret: 'projects/p/secrets/KEY' }] },
    nextPageToken: 'more',
    metadata: { name: 'web', annotations: { 'run.googleapis.com/secrets': 'x:projects/p/secrets/y' } },
    empty: { password: '', token: null, enableToken: true },
  }
  const withoutValue = { ...json, env: [{ name: 'A' }, json.env[1]] }
  expect(redactAnswer(['run', 'services', 'describe', 'web'], withoutValue as Json)).toEqual(withoutValue)
  const names = await select('run services describe web', json as Json, 'result.env.map(e, e.name)')
  expect(names).toEqual({ state: 'value', value: { it: ['A', 'B'] } })
})

test('a credential is redacted at any depth', () => {
  const names = ['password', 'db_password', 'clientSecret', 'sharedSecret', 'private_key', 'authToken', 'API-KEY']
  const tree = fc.letrec<{ json: Json }>((tie) => ({
    json: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom<Json>('plain', 1, null),
      fc.array(tie('json'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('a', 'items', 'metadata', 'value', 'secret'), tie('json'), { maxKeys: 3 }),
      fc.constantFrom(...names).map((name): Json => ({ [name]: SECRET })),
      fc.constantFrom('env', 'variables', 'args').map((name): Json => ({ [name]: [SECRET] })),
    ),
  })).json
  fc.assert(
    fc.property(tree, (json) => !JSON.stringify(redactAnswer(['run'], json)).includes(SECRET)),
    { numRuns: 500 },
  )
})

test.each([
  [`${env}[0].value`, 'value'],
  [`${env}.filter(e, e.name == 'A').map(e, e.value)`, 'value'],
  ["result.serviceConfig.environmentVariables['A']", 'A'],
  ['result.masterAuth.clientKey', 'clientKey'],
  ["result.?masterAuth[?'password'].orValue('')", 'password'],
])('validate warns about %s', (expression, name) => expect(redactedFieldIn(expression)).toBe(name))

test.each([
  `${env}.map(e, e.name)`,
  "result.bindings.filter(b, b.role == 'r').map(b, b.members)",
  'result.metadata.annotations[?"run.googleapis.com/ingress"].orValue("all")',
  'result.spec.template.spec.containers[0].image',
  'result.secret',
])('and not about %s', (expression) => expect(redactedFieldIn(expression)).toBeUndefined())
