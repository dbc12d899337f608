import { expect, test } from 'vitest'
import { type Box, scenarioWith, send, startBox } from './proxy-client.ts'

const secrets = 'http://secretmanager.sandbox/v1/projects/acme-prod/secrets'
const crm = 'http://cloudresourcemanager.sandbox/v1/projects/acme-prod'
const iam = 'http://iam.sandbox/v1/projects/acme-prod/serviceAccounts'
const run = 'http://us-central1-run.sandbox'
const knative = `${run}/apis/serving.knative.dev/v1/namespaces/acme-prod/services`
const policyOf = `${run}/v1/projects/acme-prod/locations/us-central1/services/shop:setIamPolicy`
const enable = 'http://serviceusage.sandbox/v1/projects/acme-prod/services/pubsub.googleapis.com:enable'
const template = { spec: { containers: [{ image: 'gcr.io/a/b' }] } }
const made = (more: object = {}) => ({ metadata: { name: 'made' }, spec: { template }, ...more })
const replication = { automatic: {} }

const state = async (box: Box) => (await box.control('GET', '/sandbox/state')).body
const unknown = (name: string, at = '') => `Unknown name "${name}"${at && ` at '${at}'`}: Cannot find field.`

test.each<[string, verb: string, url: string, body: unknown, says: string]>([
  ['a policy without its wrapper', 'POST', `${crm}:setIamPolicy`, { bindings: [] }, unknown('bindings')],
  [
    'a policy with a misspelt list',
    'POST',
    `${crm}:setIamPolicy`,
    { policy: { binding: [] } },
    unknown('binding', 'policy'),
  ],
  [
    'a binding with a misspelt list',
    'POST',
    policyOf,
    { policy: { bindings: [{ role: 'roles/run.invoker', member: ['allUsers'] }] } },
    unknown('member', 'policy.bindings[0]'),
  ],
  ['no policy', 'POST', `${crm}:setIamPolicy`, {}, 'Policy is required.'],
  ['a policy that is null', 'POST', policyOf, { policy: null }, 'Policy is required.'],
  [
    'a policy that is a text',
    'POST',
    `${crm}:setIamPolicy`,
    { policy: 'x' },
    "Invalid value at 'policy' (TYPE_MESSAGE)",
  ],
  ['a policy that is a list', 'POST', policyOf, { policy: [] }, "Invalid value at 'policy' (TYPE_MESSAGE)"],
  ['bindings that are an object', 'POST', `${crm}:setIamPolicy`, { policy: { bindings: {} } }, "at 'policy.bindings'"],
  [
    'a policy of an unknown version',
    'POST',
    `${crm}:setIamPolicy`,
    { policy: { version: 5 } },
    'Invalid policy version 5',
  ],
  [
    'a mask of an unknown field',
    'POST',
    `${crm}:setIamPolicy`,
    { policy: { bindings: [] }, updateMask: 'binding' },
    'has no field binding',
  ],
  ['a secret with nonsense', 'POST', `${secrets}?secretId=N`, { nonsense: 1 }, unknown('nonsense', 'secret')],
  [
    'nonsense deep inside',
    'POST',
    `${secrets}?secretId=N`,
    { replication: { userManaged: { replicas: [{}, { nonsense: {} }] } } },
    unknown('nonsense', 'secret.replication.user_managed.replicas[1]'),
  ],
  [
    'labels that are a list',
    'POST',
    `${secrets}?secretId=N`,
    { replication, labels: [1] },
    "Invalid value at 'secret.labels'",
  ],
  [
    'a label that is no text',
    'POST',
    `${secrets}?secretId=N`,
    { replication, labels: { a: 1 } },
    "'secret.labels[0].value' (TYPE_STRING)",
  ],
  [
    'a label in capitals',
    'POST',
    `${secrets}?secretId=N`,
    { replication, labels: { Team: 'web' } },
    'The label "Team" is not valid',
  ],
  [
    'a payload of another name',
    'POST',
    `${secrets}/api-key:addVersion`,
    { payload: { text: 'x' } },
    unknown('text', 'payload'),
  ],
  [
    'a version with what belongs to its secret',
    'POST',
    `${secrets}/api-key/versions/1:disable`,
    { state: 'DISABLED' },
    unknown('state'),
  ],
  [
    'an account with a misspelt name',
    'POST',
    iam,
    { accountId: 'fresh-one', serviceAccount: { displayname: 'x' } },
    unknown('displayname', 'service_account'),
  ],
  [
    'an account id that is a number',
    'POST',
    iam,
    { accountId: 123456 },
    "Invalid value at 'account_id' (TYPE_STRING), 123456",
  ],
  [
    'an account that is switched with a body',
    'POST',
    `${iam}/runner@acme-prod.iam.gserviceaccount.com:disable`,
    { force: true },
    unknown('force'),
  ],
  ['an API that is enabled with a body', 'POST', enable, { services: ['a'] }, unknown('services')],
  ['a service with a misspelt spec', 'POST', knative, made({ specs: {} }), unknown('specs', 'service')],
  [
    'a container with a misspelt environment',
    'POST',
    knative,
    made({ spec: { template: { spec: { containers: [{ image: 'a', envs: [] }] } } } }),
    unknown('envs', 'service.spec.template.spec.containers[0]'),
  ],
  ['a service of another version', 'POST', knative, made({ apiVersion: 'v9' }), "apiVersion: Invalid value: 'v9'"],
  ['a service of another kind', 'PUT', `${knative}/shop`, made({ kind: 'Nope' }), "kind: Invalid value: 'Nope'"],
  [
    'a share that is half a number',
    'PUT',
    `${knative}/shop`,
    made({ spec: { template, traffic: [{ percent: 99.5 }] } }),
    "Invalid value at 'service.spec.traffic[0].percent' (TYPE_INT32), 99.5",
  ],
  ['a dry run of an unknown kind', 'POST', `${knative}?dryRun=some`, made(), "dry_run: Unsupported value 'some'"],
  [
    'a parameter that the method lacks',
    'DELETE',
    `${secrets}/api-key?force=true`,
    undefined,
    `Unknown name "force": Cannot bind query parameter. Field 'force' could not be found in request message.`,
  ],
  [
    'a validation that the method lacks',
    'POST',
    `${secrets}?secretId=N&validateOnly=true`,
    { replication },
    'Cannot bind query parameter',
  ],
  ['a parameter of a read', 'GET', `${secrets}?unknownParam=1`, undefined, 'Unknown name "unknownParam"'],
  [
    'a page size that is no number',
    'GET',
    `${secrets}?pageSize=abc`,
    undefined,
    `Invalid value at 'pageSize' (TYPE_INT32)`,
  ],
  ['a parameter that is there twice', 'POST', `${secrets}?secretId=A&secretId=B`, { replication }, 'duplicate field'],
  [
    'the same parameter in two spellings',
    'POST',
    `${secrets}?secretId=A&secret_id=B`,
    { replication },
    'duplicate field',
  ],
  [
    'a name that is there twice',
    'POST',
    `${crm}:setIamPolicy`,
    '{"policy":{"bindings":[]},"policy":{"etag":"BwA="}}',
    'Duplicate name "policy".',
  ],
  [
    'a name that is there twice, once escaped',
    'POST',
    `${crm}:setIamPolicy`,
    '{"policy":{},"p\\u006flicy":{}}',
    'Duplicate name',
  ],
  [
    'a field in both spellings',
    'POST',
    iam,
    { accountId: 'fresh-one', serviceAccount: {}, service_account: {} },
    'duplicate field',
  ],
  ['a name of every object', 'POST', `${crm}:setIamPolicy`, '{"__proto__":{"policy":{}}}', unknown('__proto__')],
  ['a name that every object inherits', 'POST', `${crm}:setIamPolicy`, { constructor: {} }, unknown('constructor')],
  [
    'a label that is a name of every object',
    'POST',
    `${secrets}?secretId=N`,
    '{"replication":{"automatic":{}},"labels":{"__proto__":"x"}}',
    unknown('__proto__', 'secret.labels'),
  ],
  ['a list', 'POST', `${crm}:setIamPolicy`, '[]', 'An object was expected'],
  ['text after the JSON', 'POST', `${secrets}/api-key:addVersion`, '{} x', 'not JSON'],
  ['a byte order mark', 'POST', `${secrets}/api-key:addVersion`, '\ufeff{}', 'not JSON'],
  ['a form', 'POST', `${secrets}/api-key:addVersion`, 'payload=x', 'not JSON'],
  ['a body of a read', 'GET', `${secrets}/api-key`, {}, 'takes no body'],
  ['a body of a deletion', 'DELETE', `${secrets}/api-key`, { etag: 'x' }, 'takes no body'],
])("%s is refused in Google's form and changes nothing", async (_, verb, url, body, says) => {
  const box = await startBox()
  const before = await state(box)
  const length = {
    'content-length': String(Buffer.byteLength(typeof body === 'string' ? body : JSON.stringify(body ?? ''))),
  }
  const { status, json } = await box.ask(verb, url, body, body === undefined ? {} : length)
  expect(json.error).toMatchObject({ code: 400, status: 'INVALID_ARGUMENT', message: expect.stringContaining(says) })
  expect(status).toBe(400)
  if (says.startsWith('Unknown name'))
    expect(json.error.details).toMatchObject([
      {
        '@type': 'type.googleapis.com/google.rpc.BadRequest',
        fieldViolations: [{ description: expect.stringContaining(`Invalid JSON payload received. ${says}`) }],
      },
    ])
  expect(await state(box)).toBe(before)
})

test('one error lists all violations, without secret values', async () => {
  const box = await startBox()
  const { error } = (await box.ask('POST', `${secrets}/api-key:addVersion`, { payload: 'hunter2', extra: 1 })).json
  expect(error.message.split('\n')).toEqual([
    "Invalid value at 'payload' (TYPE_MESSAGE)",
    'Invalid JSON payload received. Unknown name "extra": Cannot find field.',
  ])
  expect(JSON.stringify(box.logged)).not.toContain('hunter2')
})

test("other spellings of the API are accepted: the message's names, numbers as strings, null for absent", async () => {
  const box = await startBox()
  const account = { account_id: 'fresh-one', service_account: { display_name: 'Fresh', description: null } }
  expect((await box.ask('POST', iam, account)).json).toMatchObject({ displayName: 'Fresh' })
  const service = made({ spec: { template, traffic: [{ percent: '100', latestRevision: 'true' }] } })
  expect((await box.ask('POST', knative, service)).json.spec).toMatchObject({
    traffic: [{ percent: 100, latestRevision: true }],
  })
  const url = `${secrets}?secret_id=N&alt=json&prettyPrint=true&fields=name&%24.xgafv=2&quotaUser=me`
  expect((await box.ask('POST', url, { replication, labels: { team: 'web' } })).status).toBe(200)
})

test.each(['application/json', 'application/json; charset=UTF-8', 'application/x-www-form-urlencoded', undefined])(
  'JSON that is called %s is read',
  async (type) => {
    const box = await startBox()
    const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type }
    expect((await box.ask('POST', `${secrets}?secretId=N`, { replication }, headers)).status).toBe(200)
  },
)

test.each([
  'text/plain',
  'application/xml',
  'application/x-protobuf',
  'multipart/mixed; boundary=x',
  'application/json; charset=latin1',
])('a body of type %s is refused', async (type) => {
  const box = await startBox()
  const answer = await box.ask('POST', `${secrets}?secretId=N`, { replication }, { 'content-type': type })
  expect(answer.json.error).toMatchObject({ code: 400, message: expect.stringContaining('Invalid Content-Type') })
})

test.each([
  ['lists', '{"replication":', '['.repeat(20_000), ']'.repeat(20_000), '}'],
  ['objects', '{"replication":', '{"a":'.repeat(20_000), '1', `${'}'.repeat(20_000)}}`],
  ['what is not even closed', '{"replication":', '['.repeat(2_000_000), '', ''],
  ['just more than a message may be', '', '{"a":'.repeat(101), '1', '}'.repeat(101)],
])('a body of deep %s is refused, and the logs stay readable', async (_, ...parts) => {
  const box = await startBox()
  const { status, json } = await box.ask('POST', `${secrets}?secretId=D`, parts.join(''))
  expect(json.error).toMatchObject({ code: 400, message: expect.stringContaining('Message too deep') })
  expect(status).toBe(400)
  expect((await box.control('GET', '/sandbox/requests')).json).toMatchObject([
    { body: expect.stringMatching(/^\(left out, \d+ bytes\)$/) },
  ])
  const filter = { resourceNames: ['projects/acme-prod'], filter: '' }
  expect(await box.ask('POST', 'http://logging.sandbox/v2/entries:list', filter)).toMatchObject({
    status: 200,
    json: {},
  })
  expect((await box.ask('GET', `${secrets}/D`)).status).toBe(404)
  expect(box.logged.map((entry) => JSON.stringify(entry).length < 1000)).toEqual([true, true, true])
})

test('a body that is not UTF-8 is refused', async () => {
  const box = await startBox()
  const answer = await send(box.address, 'POST', `${secrets}/api-key:addVersion`, 'x', {
    authorization: `Bearer ${box.token}`,
  })
  expect(answer.status).toBe(400)
  const bytes = await new Promise<number | undefined>((resolve, reject) => {
    import('node:http').then(({ request }) => {
      const { hostname, port } = new URL(box.address)
      const headers = { authorization: `Bearer ${box.token}` }
      const outgoing = request(
        { hostname, port, method: 'POST', path: `${crm}:setIamPolicy`, headers, agent: false },
        (response) => resolve(response.resume().statusCode),
      )
      outgoing.on('error', reject)
      outgoing.end(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]))
    })
  })
  expect(bytes).toBe(400)
})

test('a refused body gets no audit log entry and no fault', async () => {
  const box = await startBox(
    scenarioWith({}, [{ on: { service: 'secretmanager', method: 'secrets.create' }, answer: { status: 503 } }]),
  )
  expect((await box.ask('POST', `${secrets}?secretId=N`, { nonsense: 1 })).status).toBe(400)
  expect((await box.ask('POST', `${secrets}?secretId=N`, { replication })).status).toBe(503)
  expect((await box.ask('POST', `${secrets}?secretId=N`, { replication })).status).toBe(200)
})

test('a policy keeps the bindings that its mask leaves out', async () => {
  const box = await startBox()
  const read = async () => (await box.ask('POST', `${crm}:getIamPolicy`, {})).json.bindings
  const before = await read()
  const body = { policy: { auditConfigs: [] }, updateMask: 'auditConfigs,etag' }
  expect((await box.ask('POST', `${crm}:setIamPolicy`, body)).status).toBe(200)
  expect(await read()).toEqual(before)
})

test('a service as returned can be sent back unchanged', async () => {
  const box = await startBox()
  for (const part of ['labels', 'annotations'] as const) {
    const service = (await box.ask('GET', `${knative}/shop`)).json
    Object.assign(service.metadata, { [part]: { ...((service.metadata as never)[part] as object), changed: 'yes' } })
    expect((await box.ask('PUT', `${knative}/shop`, service)).status).toBe(200)
  }
})
