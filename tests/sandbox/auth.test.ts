import { request } from 'node:http'
import { expect, test } from 'vitest'
import { type Box, project, scenarioWith, send, startBox } from './proxy-client.ts'

const secrets = 'http://secretmanager.sandbox/v1/projects'

test.each([
  ['none', {}],
  ['another', { authorization: 'Bearer ya29.somebody-elses' }],
  ['the right one with a space after it', { authorization: 'Bearer TOKEN ' }],
  ['the right one as Basic', { authorization: 'Basic TOKEN' }],
])('a caller with the token of %s is refused', async (label, headers: { authorization?: string }) => {
  const box = await startBox()
  const given = headers.authorization?.replace('TOKEN', label.includes('space') ? `${box.token}x` : box.token)
  const answer = await send(
    box.address,
    'GET',
    `${secrets}/acme-prod/secrets`,
    undefined,
    given ? { authorization: given } : {},
  )
  expect(answer.json.error).toMatchObject({ code: 401, status: 'UNAUTHENTICATED' })
})

test('a host that is not simulated is refused, and so is a tunnel', async () => {
  const box = await startBox()
  const answer = await box.ask('GET', 'http://run.example.com/v1/projects')
  expect(answer.json.error.message).toBe('run.example.com is outside the sandbox: nothing was sent there.')
  expect(await tunnel(box, 'run.googleapis.com:443')).toBe(403)
  expect(box.logged.map(({ method, service, resource, status }) => [method, service, resource, status])).toEqual([
    ['GET', 'outside', 'run.example.com', 403],
    ['CONNECT', 'outside', 'run.googleapis.com:443', 403],
  ])
})

test.each([
  ['http://cloudresourcemanager.sandbox/v1/projects/acme-dev', 'The caller does not have permission'],
  [
    `${secrets}/acme-dev/secrets/s`,
    "Permission 'secretmanager.secrets.get' denied on resource '//secretmanager.googleapis.com/projects/acme-dev' (or it may not exist).",
  ],
])('a project that does not exist is refused: %s', async (url, message) => {
  const box = await startBox()
  expect((await box.ask('GET', url)).json.error).toEqual({ code: 403, message, status: 'PERMISSION_DENIED' })
})

test('an API that is not enabled answers as Google does', async () => {
  const box = await startBox(scenarioWith({ apis: ['run.googleapis.com'] }))
  const { error } = (await box.ask('GET', `${secrets}/acme-prod/secrets`)).json
  expect(error).toMatchObject({ code: 403, status: 'PERMISSION_DENIED' })
  expect(error.message).toMatch(
    /^Secret Manager API has not been used in project 100000000001 before or it is disabled\./,
  )
  expect(error.details[0]).toMatchObject({
    reason: 'SERVICE_DISABLED',
    metadata: { service: 'secretmanager.googleapis.com', consumer: 'projects/100000000001' },
  })
})

test('every API accepts a project number', async () => {
  const box = await startBox()
  for (const url of [
    `${secrets}/${project.number}/secrets/api-key`,
    `http://us-central1-run.sandbox/apis/serving.knative.dev/v1/namespaces/${project.number}/services/shop`,
    `http://iam.sandbox/v1/projects/${project.number}/serviceAccounts`,
    `http://serviceusage.sandbox/v1/projects/${project.number}/services`,
  ])
    expect((await box.ask('GET', url)).status).toBe(200)
})

test.each(['{', '[]', '"text"'])('the body %s is refused', async (body) => {
  const box = await startBox()
  const answer = await box.ask('POST', `${secrets}/acme-prod/secrets/api-key:addVersion`, body)
  expect(answer.json.error.message).toContain('Invalid JSON payload received')
})

/** Returns the status that a CONNECT gets. */
function tunnel({ address }: Box, host: string): Promise<number | undefined> {
  const { hostname, port } = new URL(address)
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, method: 'CONNECT', path: host })
    outgoing.on('connect', (response, socket) => {
      socket.destroy()
      resolve(response.statusCode)
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
}
