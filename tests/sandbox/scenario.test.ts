import { readdirSync, readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { isJsonObject, type Json } from '../../engine/base/json.ts'
import { methods } from '../../engine/sandbox/model/methods.ts'
import { durationMs, type Scenario } from '../../engine/sandbox/model/scenario.ts'
import type { ScenarioWorkflowRun } from '../../engine/sandbox/model/scenario-github.ts'
import { checkScenario } from '../../engine/sandbox/scenario/check.ts'
import { routes } from '../../engine/sandbox/services/apis.ts'
import { project, scenarioWith, startBox } from './proxy-client.ts'

const schema = JSON.parse(readFileSync(new URL('../../schemas/scenario.schema.json', import.meta.url), 'utf8'))
const validate = new Ajv2020({ strict: true, allErrors: true }).compile(schema)
const folder = new URL('../../runbooks/scenarios/', import.meta.url)
const shipped = readdirSync(folder).filter((name) => name.endsWith('.yaml'))
const load = (name: string): Scenario => parse(readFileSync(new URL(name, folder), 'utf8'))

test.each(shipped)('%s is valid, and starts', async (name) => {
  const scenario = load(name)
  validate(scenario)
  expect(validate.errors).toBeNull()
  expect(checkScenario(scenario)).toEqual([])
  expect(`${scenario.metadata.name}.yaml`).toBe(name)
  const box = await startBox(scenario)
  expect(Object.keys((await box.control('GET', '/sandbox/state')).json.projects)).toEqual(
    Object.keys(scenario.projects).sort(),
  )
})

const publicServices = ['frontend-app', 'support-portal', 'marketing-site', 'jualuma-backend']

test.each([
  ['incident-2026-02-27.yaml', 'jualuma-prod', [404, 404, 404, 403]],
  ['incident-2026-02-27.yaml', 'jualuma-stage', [200, 200, 200, 200]],
  ['incident-2026-02-27.yaml', 'jualuma-dev', [200, 200, 200, 200]],
  ['conformant.yaml', 'jualuma-prod', [200, 200, 200, 200]],
])("in %s, %s's public services answer %j", async (name, id, statuses) => {
  const scenario = load(name)
  const box = await startBox(scenario)
  const number = scenario.projects[id]?.number
  const visits = publicServices.map((service) => box.ask('GET', `http://${service}-${number}.us-central1.run.app/`))
  expect((await Promise.all(visits)).map(({ status }) => status)).toEqual(statuses)
})

test('every key of the schema has a description', () => {
  expect(undescribed(schema)).toEqual([])
})

test('the schema, the routes and the list of methods agree', () => {
  const { service, method } = schema.$defs.fault.properties.on.properties
  for (const name of Object.keys(methods)) expect(name).toMatch(new RegExp(service.pattern))
  for (const name of Object.values(methods).flat()) expect(name).toMatch(new RegExp(method.pattern))
  for (const [name, list] of Object.entries(methods)) {
    const routed = routes.filter((route) => route.service === name).map((route) => route.method)
    expect([...new Set(routed)].toSorted()).toEqual(name === 'web' ? [] : list.toSorted())
  }
})

const deploy: ScenarioWorkflowRun = { name: 'CD', status: 'completed', conclusion: 'success' }
const withRuns = (workflowRuns: Record<string, ScenarioWorkflowRun>, repository = 'acme/shop'): Scenario => ({
  ...scenarioWith(),
  github: { [repository]: { workflowRuns } },
})

test.each([
  ['a misspelt key', { ...scenarioWith(), projcts: {} }],
  ['a number that is no text', scenarioWith({ number: 1 as unknown as string })],
  ['a duration without a unit', scenarioWith({ newServiceAccounts: { visibleAfter: '8' } })],
  ['an unknown ingress', scenarioWith({ services: { s: { region: 'us-central1', ingress: 'none' as 'all' } } })],
  [
    'an answer with two forms',
    scenarioWith({}, [{ on: { service: 'web', method: 'get' }, answer: { status: 500, hang: true } as never }]),
  ],
  ['a repository without an owner', withRuns({ '7': deploy }, 'shop')],
  ['a run id that is no number', withRuns({ latest: deploy })],
  ['an unknown run status', withRuns({ '7': { ...deploy, status: 'done' as 'queued' } })],
  ['an unknown conclusion', withRuns({ '7': { ...deploy, conclusion: 'failed' as 'failure' } })],
])('%s is refused by the schema', (_, scenario) => {
  expect(validate(scenario)).toBe(false)
})

const runner = 'runner@acme-prod.iam.gserviceaccount.com'
const nobody = 'nobody@acme-prod.iam.gserviceaccount.com'
const service = { region: 'us-central1' }

test.each<[Scenario, (string | number)[], string]>([
  [
    { ...scenarioWith(), projects: { 'acme-prod': project, 'acme-dev': { number: project.number } } },
    ['projects', 'acme-dev', 'number'],
    "already belongs to 'acme-prod'",
  ],
  [
    scenarioWith({ services: { shop: { ...service, serviceAccount: nobody } } }),
    ['projects', 'acme-prod', 'services', 'shop', 'serviceAccount'],
    `Service account ${nobody} is not in the scenario.`,
  ],
  [
    scenarioWith({ services: { shop: { ...service, secretEnv: { A: { secret: 'none', version: '1' } } } } }),
    ['projects', 'acme-prod', 'services', 'shop', 'secretEnv', 'A', 'secret'],
    "Secret 'none' is not in project",
  ],
  [
    scenarioWith({ services: { shop: { ...service, secretEnv: { A: { secret: 'api-key', version: '3' } } } } }),
    ['projects', 'acme-prod', 'services', 'shop', 'secretEnv', 'A', 'version'],
    "no version '3'",
  ],
  [
    scenarioWith({ secrets: { 'api-key': { versions: [{ text: 'a' }, { text: 'a', base64: 'YQ==' }] } } }),
    ['projects', 'acme-prod', 'secrets', 'api-key', 'versions', 1],
    'either text or base64',
  ],
  [
    scenarioWith({ secrets: { 'api-key': { versions: [{}] } } }),
    ['projects', 'acme-prod', 'secrets', 'api-key', 'versions', 0],
    'needs a payload',
  ],
  [
    scenarioWith({ secrets: { 'api-key': { versions: [{ base64: 'a b' }] } } }),
    ['projects', 'acme-prod', 'secrets', 'api-key', 'versions', 0],
    'not standard base64',
  ],
  [
    scenarioWith({ secrets: { 'api-key': { versions: [{ text: 'x'.repeat(65_537) }] } } }),
    ['projects', 'acme-prod', 'secrets', 'api-key', 'versions', 0],
    'at most 65536 bytes',
  ],
  [
    scenarioWith({
      iamBindings: [{ role: 'roles/viewer', members: [`serviceAccount:${runner}`, `serviceAccount:${nobody}`] }],
    }),
    ['projects', 'acme-prod', 'iamBindings', 0, 'members', 1],
    'is not in the scenario',
  ],
  [
    scenarioWith({}, [{ on: { service: 'iam', method: 'versions.add' }, answer: { hang: true } }]),
    ['faults', 0, 'on', 'method'],
    "Service 'iam' has no method 'versions.add'.",
  ],
  [
    scenarioWith({}, [{ on: { service: 'web', method: 'get', project: 'nowhere' }, answer: { hang: true } }]),
    ['faults', 0, 'on', 'project'],
    "Project 'nowhere' is not in the scenario.",
  ],
  [
    scenarioWith({}, [{ on: { service: 'web', method: 'get' }, answer: { readyUnknown: true } }]),
    ['faults', 0, 'answer', 'readyUnknown'],
    "'readyUnknown' doesn't apply to get, only to services.replace.",
  ],
  [
    scenarioWith({}, [{ on: { service: 'web', method: 'get' }, answer: { concurrentWriter: true } }]),
    ['faults', 0, 'answer', 'concurrentWriter'],
    'only to serviceAccounts.create, projects.setIamPolicy',
  ],
  [
    scenarioWith({}, [{ on: { service: 'iam', method: 'serviceAccounts.get' }, answer: { newAccount: {} } }]),
    ['faults', 0, 'answer', 'newAccount'],
    'only to serviceAccounts.create.',
  ],
  [
    scenarioWith({}, [
      {
        on: { service: 'cloudresourcemanager', method: 'projects.setIamPolicy' },
        answer: { concurrentWriter: { ingress: 'all' } },
      },
    ]),
    ['faults', 0, 'answer', 'concurrentWriter', 'ingress'],
    "can't write 'ingress', only bind, unbind.",
  ],
  [
    scenarioWith({}, [{ on: { service: 'web', method: 'get', calls: { from: 3, to: 2 } }, answer: { hang: true } }]),
    ['faults', 0, 'on', 'calls', 'to'],
    'The range ends before its first call, 3.',
  ],
  [
    scenarioWith({}, [{ on: { service: 'github', method: 'runs.get', project: 'acme-prod' }, answer: { hang: true } }]),
    ['faults', 0, 'on', 'project'],
    "GitHub calls don't belong to a project.",
  ],
  [
    withRuns({ '7': { name: 'CD', status: 'completed' } }),
    ['github', 'acme/shop', 'workflowRuns', '7', 'status'],
    'A completed run needs a conclusion.',
  ],
  [
    withRuns({ '7': { ...deploy, status: 'queued' } }),
    ['github', 'acme/shop', 'workflowRuns', '7', 'conclusion'],
    'this one is queued',
  ],
  [
    withRuns({ '7': { name: 'CD', status: 'waiting', completesAfter: '1s' } }),
    ['github', 'acme/shop', 'workflowRuns', '7', 'completesAfter'],
    'this one stays waiting',
  ],
  [
    { ...scenarioWith(), github: { 'acme/shop': {}, 'Acme/Shop': {} } },
    ['github', 'Acme/Shop'],
    "GitHub ignores case: this is the same repository as 'acme/shop'",
  ],
])('a scenario that makes no sense is refused at its path (%#)', (scenario, path, message) => {
  expect(checkScenario(scenario)).toContainEqual({ path, message: expect.stringContaining(message) })
})

test('durations are milliseconds', () => {
  expect(['250ms', '8s', '7m', '1h'].map((duration) => durationMs(duration))).toEqual([250, 8000, 420_000, 3_600_000])
  expect(durationMs(undefined, 5)).toBe(5)
  expect(() => durationMs('8 s')).toThrow("'8 s' is not a duration")
})

/** Returns the paths of properties without a title or a description, following references once. */
function undescribed(value: Json, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((each, i) => undescribed(each, `${path}/${i}`))
  if (!isJsonObject(value)) return []
  return Object.entries(value).flatMap(([key, each]) => {
    const here = `${path}/${key}`
    if (!path.endsWith('/properties') || !isJsonObject(each)) return undescribed(each, here)
    const target = typeof each.$ref === 'string' ? schema.$defs[each.$ref.replace('#/$defs/', '')] : each
    const lacks = !(each.title ?? target.title) || !(each.description ?? target.description)
    return [...(lacks ? [here] : []), ...undescribed(each, here)]
  })
}
