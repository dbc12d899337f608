import { mkdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { makeDesk } from '../incident/cli.ts'

const desk = makeDesk()
for (const folder of ['runbooks', 'runbooks/scenarios']) mkdirSync(`${desk.folder}/${folder}`)
const common = (kind: string, name: string) => ({
  apiVersion: 'breakglass/v1',
  kind,
  metadata: {
    name,
    ...(kind !== 'Inventory' && { title: name }),
    ...(kind === 'Runbook' && { description: 'Nothing real.', risk: 'low' }),
  },
})
const write = (file: string, content: object) => desk.write(`runbooks/${file}`, stringify(content))

write('inventory.yaml', {
  ...common('Inventory', 'heron'),
  environments: { live: { project: 'heron-live', region: 'us-central1' } },
})
write('scenarios/empty.yaml', {
  ...common('Scenario', 'empty'),
  inventory: '../inventory.yaml',
  projects: { 'heron-live': { number: '271828182845', services: { web: { region: 'us-central1' } } } },
})

const observed = (id: string, gcloud: string[], expected: unknown) => ({
  id,
  title: id,
  observe: { gcloud, select: { it: `\${{ result.name }}` } },
  expect: expected,
})
const steps = [
  // Each would be a drift by absence, or right by absence, if "nobody knows" were read as "it isn't there".
  observed('ancestors', ['projects', 'get-ancestors', 'heron-live'], { it: 'x' }),
  observed('router', ['compute', 'routers', 'get-status', 'r', '--region', 'us-central1'], 'absent'),
  observed('nat', ['compute', 'routers', 'get-nat-mapping-info', 'r', '--region', 'us-central1'], 'absent'),
]
const pages = [
  { id: 'elsewhere', title: 'elsewhere', http: { url: 'https://heron.example.com/', status: 403 } },
  { id: 'page', title: 'page', http: { url: 'http://compute.sandbox/', status: 401 } },
]
write('unsimulated.yaml', { ...common('Runbook', 'unsimulated'), steps })
write('pages.yaml', { ...common('Runbook', 'pages'), verify: pages })
write('gated.yaml', {
  ...common('Runbook', 'gated'),
  verify: [{ id: 'gate', title: 'the gate holds', gate: { runbook: 'pages' } }],
})

const there = ['--env', 'live', '--sandbox', 'empty']
const breakglass = (...argv: string[]) => desk.breakglass(argv, { cwd: desk.folder })
const unwrapped = (text: string) => text.replace(/\s+/g, ' ')

test('what the sandbox does not simulate is unknown to check and plan, and they name it', {
  timeout: 900_000,
}, async () => {
  const both = ['check', 'plan'].map(async (command) => ({
    command,
    ...(await breakglass(command, 'unsimulated', ...there)),
  }))
  // gcloud tries again for half a minute what a server answers so.
  for (const { command, exit, stdout, stderr } of await Promise.all(both)) {
    const text = unwrapped(stdout)
    expect([command, exit], stdout + stderr).toEqual([command, 1])
    for (const method of [
      'cloudresourcemanager.projects.getAncestry',
      'compute.routers.getRouterStatus',
      'compute.routers.getNatMappingInfo',
    ])
      expect(text).toContain(`the sandbox does not simulate ${method}`)
    expect(text).not.toMatch(/\babsent\b/)
  }
})

test('a page outside the sandbox, and an API that it lacks, are unknown to an HTTP check and to its gate', {
  timeout: 300_000,
}, async () => {
  for (const runbook of ['pages', 'gated']) {
    const { exit, stdout } = await breakglass('check', runbook, ...there)
    const text = unwrapped(stdout)
    expect([runbook, exit], stdout).toEqual([runbook, 1])
    expect(text).toContain('heron.example.com is outside the sandbox')
    if (runbook === 'pages') expect(text).toContain('the sandbox does not simulate compute')
  }
})
