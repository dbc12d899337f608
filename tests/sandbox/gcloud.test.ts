import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sandboxEnvironment } from '../../engine/sandbox/client/environment.ts'
import type { FaultRule } from '../../engine/sandbox/model/fault.ts'
import type { ScenarioService } from '../../engine/sandbox/model/scenario.ts'
import { type Sandbox, startSandbox } from '../../engine/sandbox/server.ts'
import { fixedRandom, project, scenarioWith, send } from './proxy-client.ts'

/** The result of one gcloud command. */
type Outcome = { exit: number; stdout: string; stderr: string }

const runner = 'runner@acme-prod.iam.gserviceaccount.com'
const fresh = 'cr-fresh@acme-prod.iam.gserviceaccount.com'
const drifted: ScenarioService = { region: 'us-central1', ingress: 'internal', iap: true }
const faults: FaultRule[] = [
  { on: { service: 'run', method: 'services.setIamPolicy', resource: 'denied' }, answer: { status: 403 } },
  { on: { service: 'run', method: 'services.replace', resource: 'raced' }, answer: { concurrentWriter: true } },
  { on: { service: 'run', method: 'services.replace', resource: 'broken' }, answer: { readyFalse: 'Bad container.' } },
]
const services = { ...project.services, web: drifted, denied: drifted, raced: drifted, broken: drifted }

let sandbox: Sandbox
let configDir: string

beforeAll(async () => {
  try {
    execFileSync('which', ['gcloud'])
  } catch {
    throw new Error('There is no gcloud on PATH: these tests prove that the real one works against the sandbox.')
  }
  configDir = mkdtempSync(join(tmpdir(), 'gcloud-'))
  sandbox = await startSandbox(scenarioWith({ services }, faults), {
    scenarioName: 'gcloud',
    now: Date.now,
    random: fixedRandom(),
  })
})

afterAll(async () => {
  await sandbox?.close()
  if (configDir) rmSync(configDir, { recursive: true })
})

/** Runs the real gcloud against the sandbox, in the default project unless the command names one. */
function gcloud(command: string, input = ''): Promise<Outcome> {
  const inProject = command.startsWith('projects') ? [] : ['--project=acme-prod']
  const argv = [...command.split(' '), ...inProject, '--format=json', '--quiet']
  const env = { PATH: process.env.PATH, ...sandboxEnvironment({ ...sandbox, configDir }) }
  return new Promise((resolve) => {
    const child = execFile('gcloud', argv, { env }, (error, stdout, stderr) =>
      resolve({ exit: error ? Number(error.code) : 0, stdout, stderr }),
    )
    child.stdin?.end(input)
  })
}

/** Returns the JSON that a command printed; if it failed, fails with its stderr. */
async function json(command: string, input?: string) {
  const { exit, stdout, stderr } = await gcloud(command, input)
  expect({ exit, stderr }).toMatchObject({ exit: 0 })
  return JSON.parse(stdout)
}

const annotationsOf = async (service: string) =>
  (await json(`run services describe ${service} --region=us-central1`)).metadata.annotations

const limit = { timeout: 240_000 }

test('services are listed, read and updated', limit, async () => {
  const names = (list: { metadata: { name: string } }[]) => list.map(({ metadata }) => metadata.name)
  expect(names(await json('run services list'))).toEqual(['broken', 'denied', 'raced', 'shop', 'web'])
  expect(names(await json('run services list --region=us-central1'))).toHaveLength(5)
  expect(await annotationsOf('web')).toMatchObject({
    'run.googleapis.com/ingress': 'internal',
    'run.googleapis.com/iap-enabled': 'true',
  })
  await json('run services update web --region=us-central1 --ingress=all --no-invoker-iam-check')
  expect(await annotationsOf('web')).toMatchObject({
    'run.googleapis.com/ingress': 'all',
    'run.googleapis.com/invoker-iam-disabled': 'True',
  })
})

test('IAP is turned off and on, with its binding', limit, async () => {
  const policy = () => json('run services get-iam-policy web --region=us-central1')
  const invoker = [
    {
      role: 'roles/run.invoker',
      members: ['serviceAccount:service-100000000001@gcp-sa-iap.iam.gserviceaccount.com'],
    },
  ]
  expect((await policy()).bindings).toEqual(invoker)
  const off = await json('beta run services update web --region=us-central1 --no-iap')
  expect(off.metadata.annotations).not.toHaveProperty('run.googleapis.com/iap-enabled')
  expect(await policy()).not.toHaveProperty('bindings')
  const on = await json('beta run services update web --region=us-central1 --iap')
  expect(on.metadata.annotations['run.googleapis.com/iap-enabled']).toBe('true')
  expect((await policy()).bindings).toEqual(invoker)
})

test('a service gets another identity with a new revision', limit, async () => {
  const updated = await json(`run services update shop --region=us-central1 --service-account=${runner}`)
  expect(updated.spec.template.spec.serviceAccountName).toBe(runner)
  expect(updated.status.latestReadyRevisionName).toMatch(/^shop-00002-/)
})

test('updates fail as in Cloud Run', limit, async () => {
  const update = (service: string, flags = '--ingress=all') =>
    gcloud(`run services update ${service} --region=us-central1 ${flags}`)
  expect(await update('raced')).toMatchObject({
    exit: 1,
    stderr: expect.stringContaining(
      "ERROR: (gcloud.run.services.update) ABORTED: Conflict for resource 'raced': version '",
    ),
  })
  expect(await update('broken')).toMatchObject({ exit: 1, stderr: expect.stringContaining('Bad container.') })
  expect(await update('shop', '--service-account=nobody@acme-prod.iam.gserviceaccount.com')).toMatchObject({
    exit: 1,
    stderr: expect.stringContaining("PERMISSION_DENIED: Permission 'iam.serviceaccounts.actAs' denied"),
  })
  expect(await gcloud('beta run services update denied --region=us-central1 --no-iap')).toMatchObject({
    exit: 0,
    stderr: expect.stringContaining('Setting IAM policy failed'),
  })
  expect(await gcloud('run services describe nothing --region=us-central1')).toMatchObject({
    exit: 1,
    stderr: expect.stringContaining('Cannot find service [nothing]'),
  })
})

test('a secret is read and written byte for byte, and its versions are managed', limit, async () => {
  expect((await json('secrets describe api-key')).name).toBe('projects/100000000001/secrets/api-key')
  expect(await json('secrets list')).toHaveLength(1)
  const added = await json('secrets versions add api-key --data-file=-', 'thrée\n')
  expect(added.name).toBe('projects/100000000001/secrets/api-key/versions/3')
  const read = await json('secrets versions access 3 --secret=api-key')
  expect(Buffer.from(read.payload.data, 'base64url').toString()).toBe('thrée\n')
  expect((await json('secrets versions disable 3 --secret=api-key')).state).toBe('DISABLED')
  expect(await gcloud('secrets versions access latest --secret=api-key')).toMatchObject({
    exit: 1,
    stderr: expect.stringContaining(
      'FAILED_PRECONDITION: Secret Version [projects/100000000001/secrets/api-key/versions/3] is in DISABLED state.',
    ),
  })
  await json('secrets versions destroy 1 --secret=api-key')
  expect((await json('secrets versions describe 1 --secret=api-key')).state).toBe('DESTROYED')
  const states = (await json('secrets versions list api-key')).map(({ state }: { state: string }) => state)
  expect(states).toEqual(['DISABLED', 'ENABLED', 'DESTROYED'])
})

test('an account is created, granted a role, revoked it and deleted', limit, async () => {
  expect((await json('iam service-accounts create cr-fresh --display-name=Fresh')).email).toBe(fresh)
  expect((await json(`iam service-accounts describe ${fresh}`)).displayName).toBe('Fresh')
  expect(await json('iam service-accounts list')).toHaveLength(3)
  expect(await json(`iam service-accounts keys list --iam-account=${runner}`)).toHaveLength(2)
  const binding = `acme-prod --member=serviceAccount:${fresh} --role=roles/viewer --condition=None`
  expect((await json(`projects add-iam-policy-binding ${binding}`)).bindings).toContainEqual({
    role: 'roles/viewer',
    members: [`serviceAccount:${fresh}`],
  })
  await json(`projects remove-iam-policy-binding ${binding}`)
  expect((await json('projects get-iam-policy acme-prod')).bindings).toHaveLength(1)
  expect((await gcloud(`iam service-accounts delete ${fresh}`)).exit).toBe(0)
  expect(await gcloud(`iam service-accounts describe ${fresh}`)).toMatchObject({
    exit: 1,
    stderr: expect.stringContaining('NOT_FOUND: Unknown service account'),
  })
})

test('a project and its APIs are read, and another project is denied', limit, async () => {
  expect((await json('projects describe acme-prod')).projectNumber).toBe('100000000001')
  expect(await json('services list --enabled')).toHaveLength(6)
  expect(await gcloud('projects describe acme-dev')).toMatchObject({
    exit: 1,
    stderr: expect.stringContaining('The caller does not have permission'),
  })
})

test('no request left the sandbox, and it simulated every one', async () => {
  const requests = (await send(sandbox.address, 'GET', '/sandbox/requests', undefined, {})).json as unknown
  const strange = (requests as { rpc: string; url: string }[]).filter(
    ({ rpc }) => rpc === 'unknown' || rpc === 'refused',
  )
  expect(strange).toEqual([])
})
