import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import type { Scenario } from '../../engine/sandbox/model/scenario.ts'
import { makeWorkspace } from '../command-line/workspace.ts'
import { inOrder } from '../in-order.ts'

inOrder()

const workspace = makeWorkspace()
const limit = { timeout: 240_000 }
const shipped = (name: string) => workspace.lines(`runbooks/scenarios/${name}.yaml`).join('\n')
const gates = ['access-posture', 'runtime-identity', 'secret-parity', 'gcp-drift', 'run-parity', 'identity-key-drift']

/** Returns what a check observes of each step, without fingerprints, whose key differs in each run. */
async function seen(scenario: string) {
  const { stdout } = await workspace.breakglass('check', ...gates, '--env', 'prod', '--sandbox', scenario, '--json')
  const { exitCode, steps } = JSON.parse(stdout)
  type Step = { key: string; status: string; observation: object }
  return {
    exitCode,
    steps: steps.map(({ key, status, observation }: Step) => [
      key,
      status,
      JSON.stringify(observation).replaceAll(/hmac-sha256:[0-9a-f]+/g, 'hmac'),
    ]),
  }
}

const written = (name: string): string => readFileSync(join(workspace.folder, name), 'utf8')

/** A scenario with what the shipped ones lack: an IAP invoker, a user-managed key, a disabled account, its own answers, people. */
const unusual = (): string => {
  const scenario: Scenario = parse(shipped('conformant'))
  const prod = scenario.projects['jualuma-prod']
  if (!prod?.services || !prod.iamBindings) throw new Error('the scenario has another form')
  prod.serviceAccounts = { 'cr-backend': { disabled: true, keys: [{ type: 'user' }] }, another: {} }
  prod.iamBindings.push({
    role: 'roles/storage.admin',
    members: ['serviceAccount:another@jualuma-prod.iam.gserviceaccount.com', 'user:somebody@jualuma.example'],
  })
  Object.assign(prod.services['frontend-app'] ?? {}, { iap: true, invokers: ['allUsers'] })
  Object.assign(prod.services['jualuma-backend'] ?? {}, { responds: { '/': 500, '/api/health': 503 } })
  prod.apis = ['run', 'secretmanager', 'iam', 'cloudresourcemanager', 'serviceusage'].map(
    (api) => `${api}.googleapis.com`,
  )
  return stringify(scenario, { aliasDuplicateObjects: false })
}

test.each(['incident-2026-02-27', 'conformant', 'unusual'])(
  'a sandbox that starts from a snapshot of %s is checked the same',
  limit,
  async (name) => {
    if (name === 'unusual') workspace.write('runbooks/scenarios/unusual.yaml', unusual())
    const out = `runbooks/scenarios/of-${name}.yaml`
    const ended = await workspace.breakglass('snapshot', '--env', 'prod', '--sandbox', name, '--out', out)
    expect(ended, ended.stderr).toMatchObject({ exit: 0 })
    expect(await seen(`of-${name}`)).toEqual(await seen(name))
  },
)

test('a snapshot has no secret payloads, variable values or people', limit, () => {
  const text = written('runbooks/scenarios/of-unusual.yaml') + written('runbooks/scenarios/of-incident-2026-02-27.yaml')
  for (const scenario of ['incident-2026-02-27', 'conformant'])
    for (const [payload] of shipped(scenario).matchAll(/fake-plaid-secret[\w-]+/g)) expect(text).not.toContain(payload)
  expect(text).not.toContain('securetoken.google.com')
  expect(text).not.toMatch(/user:|group:/)
})

test('a rehearsal can start from a snapshot', limit, async () => {
  const argv = ['snapshot', 'access-posture', '--env', 'prod', '--sandbox', 'incident-2026-02-27']
  expect(await workspace.breakglass(...argv)).toMatchObject({ exit: 0 })
  const { exit, stdout } = await workspace.breakglass('rehearse', 'snapshot-prod', '--yes')
  expect({ exit, stdout }).toMatchObject({ exit: 0, stdout: expect.stringContaining('Done.') })
})

test('an existing file is kept', limit, async () => {
  const before = written('runbooks/scenarios/snapshot-prod.yaml')
  const { exit, stderr } = await workspace.breakglass('snapshot', '--env', 'prod', '--sandbox', 'conformant')
  expect({ exit, stderr }).toMatchObject({ exit: 2, stderr: expect.stringContaining('already exists') })
  expect(written('runbooks/scenarios/snapshot-prod.yaml')).toBe(before)
})

test('if something cannot be read, nothing is written', limit, async () => {
  const fault =
    'faults: [{ on: { service: secretmanager, method: versions.access, calls: every }, answer: { status: 403 } }]'
  workspace.write('runbooks/scenarios/denied.yaml', shipped('conformant').replace('faults: []', fault))
  const argv = ['snapshot', '--env', 'prod', '--sandbox', 'denied', '--out', 'runbooks/scenarios/half.yaml']
  const { exit, stderr } = await workspace.breakglass(...argv)
  expect({ exit, stderr }).toMatchObject({ exit: 1, stderr: expect.stringContaining('cannot read ') })
  expect(workspace.names('runbooks/scenarios')).not.toContain('half.yaml')
})
