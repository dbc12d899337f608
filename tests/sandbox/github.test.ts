import { expect, test } from 'vitest'
import { sandboxEnvironment } from '../../engine/sandbox/client/environment.ts'
import type { Fault, FaultTarget } from '../../engine/sandbox/model/fault.ts'
import type { Scenario } from '../../engine/sandbox/model/scenario.ts'
import type { RunConclusion, ScenarioWorkflowRun } from '../../engine/sandbox/model/scenario-github.ts'
import { type Box, scenarioWith, send, startBox } from './proxy-client.ts'

const runs = 'http://github.sandbox/repos/acme/Shop/actions/runs'
const deploy: ScenarioWorkflowRun = { name: 'CD - Deploy', status: 'completed', conclusion: 'success' }

const scenario = (more: Record<string, ScenarioWorkflowRun> = {}): Scenario => ({
  ...scenarioWith(),
  github: { 'acme/Shop': { workflowRuns: { '22471945914': deploy, ...more } }, 'acme/empty': {} },
})
const get = async (box: Box, run: string) => (await box.ask('GET', `${runs}/${run}`)).json

test("a workflow run has the form of GitHub's", async () => {
  const box = await startBox(scenario())
  const answer = await box.ask('GET', `${runs}/22471945914?exclude_pull_requests=true`)
  expect(answer.status).toBe(200)
  expect(answer.json).toEqual({
    id: 22471945914,
    name: 'CD - Deploy',
    display_title: 'CD - Deploy',
    head_branch: 'main',
    head_sha: expect.stringMatching(/^[0-9a-f]{40}$/),
    event: 'workflow_dispatch',
    status: 'completed',
    conclusion: 'success',
    url: 'https://api.github.com/repos/acme/Shop/actions/runs/22471945914',
    html_url: 'https://github.com/acme/Shop/actions/runs/22471945914',
    run_number: 1,
    run_attempt: 1,
    created_at: '2026-03-01T11:50:00Z',
    run_started_at: '2026-03-01T11:50:00Z',
    updated_at: '2026-03-01T12:00:00Z',
    workflow_id: expect.any(Number),
    repository: { name: 'Shop', full_name: 'acme/Shop' },
  })
  expect(box.logged[0]).toMatchObject({
    service: 'github',
    rpc: 'runs.get',
    resource: '22471945914',
    mutating: false,
    status: 200,
  })
  expect(box.logged[0]).not.toHaveProperty('project')
})

test.each<[ScenarioWorkflowRun['status'], RunConclusion | undefined]>([
  ['queued', undefined],
  ['in_progress', undefined],
  ['waiting', undefined],
  ['completed', 'failure'],
  ['completed', 'cancelled'],
])('a run that is %s has the conclusion %s', async (status, conclusion) => {
  const box = await startBox(scenario({ '7': { name: 'CI', status, attempt: 3, ...(conclusion && { conclusion }) } }))
  expect(await get(box, '7')).toMatchObject({ status, conclusion: conclusion ?? null, run_number: 1, run_attempt: 3 })
})

test("a run completes by the sandbox's clock", async () => {
  const box = await startBox(scenario({ '7': { ...deploy, completesAfter: '30s' } }))
  expect(await get(box, '7')).toMatchObject({ status: 'in_progress', conclusion: null })
  await box.advance(29_999)
  expect(await get(box, '7')).toMatchObject({ status: 'in_progress', updated_at: '2026-03-01T12:00:00Z' })
  await box.advance(1)
  expect(await get(box, '7')).toMatchObject({
    status: 'completed',
    conclusion: 'success',
    updated_at: '2026-03-01T12:00:30Z',
  })
})

test('owner and repository names ignore case', async () => {
  const box = await startBox(scenario())
  const { json } = await box.ask('GET', runs.replace('acme/Shop', 'ACME/shop').concat('/22471945914'))
  expect(json).toMatchObject({ repository: { full_name: 'acme/Shop' } })
})

test.each([
  ['an unknown run', `${runs}/1`],
  ['a run that is no number', `${runs}/latest`],
  ['a repository without that run', runs.replace('Shop', 'empty').concat('/22471945914')],
  ['an unknown repository', runs.replace('Shop', 'none').concat('/22471945914')],
])('%s is not found', async (_, url) => {
  const box = await startBox(scenario())
  expect(await box.ask('GET', url)).toMatchObject({
    status: 404,
    json: {
      message: 'Not Found',
      documentation_url: 'https://docs.github.com/rest/actions/workflow-runs#get-a-workflow-run',
      status: '404',
    },
  })
})

test.each([
  ['Bearer TOKEN', 200],
  ['bearer TOKEN', 200],
  ['token TOKEN', 200],
  ['Basic TOKEN', 401],
  ['Bearer TOKENx', 401],
  ['token ghp_somebody', 401],
  ['TOKEN', 401],
  [undefined, 401],
])('a caller with the authorization %s gets %i', async (form, status) => {
  const box = await startBox(scenario())
  const authorization = form?.replace('TOKEN', box.token)
  const headers = authorization === undefined ? {} : { authorization }
  for (const url of [`${runs}/22471945914`, ...(status === 401 ? [`${runs}/1`, 'http://github.sandbox/user'] : [])]) {
    const answer = await send(box.address, 'GET', url, undefined, headers)
    expect(answer.status).toBe(status)
    if (status === 401)
      expect(answer.json).toEqual({
        message: 'Bad credentials',
        documentation_url: 'https://docs.github.com/rest',
        status: '401',
      })
  }
})

test.each([
  ['GET', 'http://github.sandbox/user'],
  ['GET', runs],
  ['DELETE', `${runs}/22471945914`],
])("%s %s is refused as not simulated, in GitHub's form", async (method, url) => {
  const box = await startBox(scenario())
  expect(await box.ask(method, url)).toMatchObject({
    status: 501,
    json: { message: expect.stringContaining('The sandbox does not simulate'), status: '501' },
  })
})

test("a region before GitHub's host is not GitHub, and api.github.com is outside the sandbox", async () => {
  const box = await startBox(scenario())
  const region = await box.ask('GET', `${runs.replace('github.', 'us-central1-github.')}/22471945914`)
  expect(region).toMatchObject({ status: 501, json: { status: '501' } })
  const real = await box.ask('GET', 'https://api.github.com/repos/acme/Shop/actions/runs/22471945914')
  expect(real.status).toBe(403)
  expect(box.logged.at(-1)).toMatchObject({ service: 'outside', resource: 'api.github.com' })
})

const on: FaultTarget = { service: 'github', method: 'runs.get' }
const faulty = (answer: Fault, more: Partial<FaultTarget> = {}) =>
  startBox({ ...scenario({ '7': deploy }), faults: [{ on: { ...on, ...more }, answer }] })

test('a fault answers in GitHub’s form for the run it names', async () => {
  const box = await faulty({ status: 403, message: 'Slow down.', retryAfter: '60s' }, { resource: '7', calls: 'every' })
  expect(await get(box, '22471945914')).toMatchObject({ conclusion: 'success' })
  const answer = await box.ask('GET', `${runs}/7`)
  expect(answer).toMatchObject({ status: 403, headers: { 'retry-after': '60' } })
  expect(answer.json).toMatchObject({ message: 'Slow down.', status: '403' })
  expect(box.logged.at(-1)).toMatchObject({ resource: '7', fault: expect.stringContaining('status 403') })
})

test('GitHub can answer with a page, or not at all', async () => {
  const page = await faulty({ html: 200 })
  expect((await page.ask('GET', `${runs}/7`)).body).toContain('<html>')
  for (const answer of [{ drop: 'before' }, { truncate: true }] as const)
    await expect((await faulty(answer)).ask('GET', `${runs}/7`)).rejects.toThrow(/hang up|aborted|ECONNRESET/)
})

test('the state has the current progress of the runs', async () => {
  const box = await startBox(scenario({ '7': { ...deploy, completesAfter: '1m' } }))
  const state = async () => JSON.parse((await box.control('GET', '/sandbox/state')).body).github
  const done = { name: 'CD - Deploy', attempt: 1, status: 'completed', conclusion: 'success' }
  expect(await state()).toEqual({
    'acme/Shop': {
      workflowRuns: { '7': { ...done, status: 'in_progress', conclusion: null }, '22471945914': done },
    },
    'acme/empty': { workflowRuns: {} },
  })
  await box.advance(60_000)
  expect((await state())['acme/Shop'].workflowRuns['7']).toEqual(done)
})

test("the environment names GitHub's API and token as GitHub does", () => {
  const environment = sandboxEnvironment({ address: 'http://127.0.0.1:1234', token: 'sandbox-t', configDir: '/tmp/c' })
  expect(environment).toMatchObject({ GITHUB_API_URL: 'http://github.sandbox', GH_TOKEN: 'sandbox-t' })
})
