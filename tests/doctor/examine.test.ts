import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Readiness, ReadinessName } from '../../engine/base/readiness.ts'
import type { Installed } from '../../engine/gcloud/find.ts'
import { type ExamineHost, examineLive, type Wanted } from '../../engine/gcloud/preflight/examine.ts'
import { needsOf } from '../../engine/gcloud/preflight/needs.ts'
import { readPermissions } from '../../engine/gcloud/preflight/resource-manager.ts'
import { readRunbook } from '../../engine/runbook/read-runbook.ts'
import type { Runbook } from '../../engine/runbook/types.ts'
import type { GcloudResult } from '../../engine/steps/world.ts'
import { failedWith, printed } from '../samples/samples.ts'

const TOKEN = 'ya29.not-a-real-token'
const NOW = new Date('2026-02-27T12:00:00Z')
const sdk: Installed = { path: '/sdk/bin/gcloud', root: '/sdk', version: '528.0.0', components: ['core', 'beta'] }

type Given = {
  installed?: Installed | undefined
  variables?: Record<string, string>
  config?: object | GcloudResult
  token?: GcloudResult
  date?: { date?: string } | { failed: string }
  granted?: (permissions: string[]) => string[]
  answer?: Awaited<ReturnType<ExamineHost['testPermissions']>>
}

const isResult = (given: object): given is GcloudResult => 'exitCode' in given

/** Checks a machine that is good except for what a test gives. */
async function examine(given: Given, wanted: Partial<Wanted> = {}) {
  const calls: string[] = []
  const asked: { project: string; permissions: string[]; token: string }[] = []
  const guarded: string[] = []
  const { config = { core: { account: 'on-call@example.com' } } } = given
  const host: ExamineHost = {
    variables: given.variables ?? {},
    installed: 'installed' in given ? given.installed : sdk,
    async gcloud({ argv, secretOutput }) {
      calls.push(argv.join(' '))
      if (argv[0] === 'config') return isResult(config) ? config : printed(config)
      expect(secretOutput).toBe(true)
      return given.token ?? printed({ token: TOKEN })
    },
    now: () => NOW,
    dateOf: async () => given.date ?? { date: NOW.toUTCString() },
    async testPermissions(token, project, permissions) {
      asked.push({ project, permissions, token: token.lend((bytes) => Buffer.from(bytes).toString()) })
      const granted = (given.granted ?? ((all) => all))(permissions)
      return given.answer ?? { status: 200, granted, message: '' }
    },
    guard: (secret) => void guarded.push(secret.lend((bytes) => Buffer.from(bytes).toString())),
  }
  const { found, account } = await examineLive(host, { strict: true, ...wanted })
  expect(JSON.stringify(found)).not.toContain(TOKEN)
  for (const { status, hint } of found) if (status === 'failed') expect(hint).toBeTruthy()
  const of = (name: ReadinessName): Readiness => found.find((each) => each.name === name)!
  return { found, account, calls, asked, guarded, of }
}

function runbook(name: string): Runbook {
  const file = new URL(`../../runbooks/${name}.yaml`, import.meta.url)
  const reading = readRunbook({ name, text: readFileSync(file, 'utf8') } as never)
  if (!reading.ok) throw new Error(JSON.stringify(reading.diagnostics))
  return reading.value
}

const needs = needsOf([runbook('access-posture'), runbook('secret-parity'), runbook('runtime-identity')], [])
const there = { project: 'p-prod', needs }

test('on a good machine all checks pass with two gcloud calls, and the token is guarded', async () => {
  const { found, calls, asked, guarded, account } = await examine({}, there)
  expect(found.map(({ name, status }) => `${name} ${status}`)).toEqual(
    'gcloud components environment configuration account network clock project permissions github'
      .split(' ')
      .map((name) => `${name} ok`),
  )
  expect(calls).toEqual(['config list', 'auth print-access-token'])
  expect(asked).toMatchObject([{ project: 'p-prod', token: TOKEN }])
  expect(guarded).toEqual([TOKEN])
  expect(account).toBe('on-call@example.com')
})

test('gcloud must be installed; an untested version or an unknown component list is a warning', async () => {
  const none = await examine({ installed: undefined }, there)
  expect(none.of('gcloud')).toMatchObject({ status: 'failed', hint: expect.stringContaining('Google Cloud SDK') })
  expect(none.calls).toEqual([])
  expect(none.of('permissions').status).toBe('skipped')
  for (const version of ['527.0.0', '600.1.0', 'unknown'])
    expect((await examine({ installed: { ...sdk, version } })).of('gcloud').status).toBe('warning')
  const bare = { ...sdk, components: ['core'] }
  expect((await examine({ installed: bare }, there)).of('components')).toMatchObject({
    status: 'failed',
    hint: expect.stringContaining('gcloud components install beta'),
  })
  expect((await examine({ installed: bare })).of('components').status).toBe('warning')
  const noBeta = { ...there, needs: { ...needs, components: [] } }
  expect((await examine({ installed: bare }, noBeta)).of('components').status).toBe('ok')
  expect((await examine({ installed: { ...sdk, components: undefined } }, there)).of('components').status).toBe(
    'warning',
  )
})

test.each([
  ['proxy/address', { proxy: { address: '127.0.0.1' } }],
  ['api_endpoint_overrides/run', { api_endpoint_overrides: { run: 'http://elsewhere/' } }],
  ['auth/impersonate_service_account', { auth: { impersonate_service_account: 'other@example.com' } }],
  ['auth/token_host', { auth: { token_host: 'https://elsewhere' } }],
  ['core/log_http', { core: { account: 'on-call@example.com', log_http: 'true' } }],
  ['auth/disable_ssl_validation', { auth: { disable_ssl_validation: 'True' } }],
])('the setting %s stops everything before a token is asked for', async (name, settings) => {
  const { of, calls, asked } = await examine(
    { config: { core: { account: 'on-call@example.com' }, ...settings } },
    there,
  )
  expect(of('configuration')).toMatchObject({
    status: 'failed',
    hint: expect.stringContaining(`gcloud config unset ${name}`),
  })
  expect(calls).toEqual(['config list'])
  expect(asked).toEqual([])
})

test('no account or no token is a failure; without a network the token is not checked', async () => {
  expect((await examine({ config: {} })).of('account')).toMatchObject({
    status: 'failed',
    message: expect.stringMatching(/not logged in/),
  })
  const expired = await examine({ token: failedWith('no-login', 'Reauthentication failed') }, there)
  expect(expired.of('account')).toMatchObject({
    status: 'failed',
    message: expect.stringMatching(/Reauthentication failed/),
  })
  expect(expired.of('permissions').status).toBe('skipped')
  expect((await examine({ token: failedWith('network', 'no route') })).of('account').status).toBe('skipped')
  expect((await examine({ token: printed({ token: 'two\nlines' }) })).of('account').status).toBe('failed')
  expect((await examine({ config: failedWith('other', 'a crash') })).of('configuration').status).toBe('failed')
  expect((await examine({ config: { auth: { access_token_file: '/t' } } })).account).toBe('the access token file')
})

test('an unreachable network is a failure, and a clock off by over a minute a warning', async () => {
  const away = await examine({ date: { failed: 'EAI_AGAIN' } }, there)
  expect(away.of('network')).toMatchObject({ status: 'failed', message: expect.stringContaining('EAI_AGAIN') })
  expect(away.asked).toEqual([])
  const at = async (seconds: number) =>
    (await examine({ date: { date: new Date(NOW.getTime() + seconds * 1000).toUTCString() } })).of('clock')
  expect((await at(60)).status).toBe('ok')
  expect((await at(-60)).status).toBe('ok')
  expect(await at(61)).toMatchObject({ status: 'warning', message: expect.stringContaining('61 s behind') })
  expect(await at(-600)).toMatchObject({ status: 'warning', message: expect.stringContaining('600 s ahead') })
  expect((await examine({ date: {} })).of('clock').status).toBe('skipped')
})

test('a project that is missing or forbidden fails; one that cannot be checked is a warning', async () => {
  const project = async (status: number, message = '') =>
    (await examine({ answer: { status, granted: [], message } }, there)).of('project').status
  expect(await project(403, 'The caller does not have permission')).toBe('failed')
  expect(await project(404)).toBe('failed')
  expect(await project(401)).toBe('failed')
  expect(await project(503)).toBe('warning')
  expect(await project(403, 'Cloud Resource Manager API has not been used in project 1 before')).toBe('warning')
  expect((await examine({})).of('project').status).toBe('skipped')
})

test('permissions of the project must be granted; others may be granted on a single resource', async () => {
  const without = async (name: string, more: Partial<Wanted> = {}) =>
    (await examine({ granted: (all) => all.filter((each) => each !== name) }, { ...there, ...more })).of('permissions')
  expect(await without('resourcemanager.projects.getIamPolicy')).toMatchObject({ status: 'failed' })
  expect(await without('resourcemanager.projects.getIamPolicy', { strict: false })).toMatchObject({ status: 'failed' })
  expect(await without('resourcemanager.projects.setIamPolicy')).toMatchObject({
    status: 'failed',
    message: expect.stringContaining('resourcemanager.projects.setIamPolicy (for changes)'),
  })
  expect(await without('resourcemanager.projects.setIamPolicy', { strict: false })).toMatchObject({ status: 'warning' })
  expect(await without('run.services.update')).toMatchObject({
    status: 'warning',
    message: expect.stringMatching(/single service/),
  })
  expect(needs.permissions.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['secretmanager.versions.add', 'iam.serviceAccounts.actAs', 'run.services.setIamPolicy']),
  )
})

test('a command with unknown permissions is a warning that names it', async () => {
  const strange = { ...needs, unknown: ['compute firewall-rules list'] }
  const { of } = await examine({}, { ...there, needs: strange })
  expect(of('permissions')).toMatchObject({
    status: 'warning',
    message: expect.stringContaining('compute firewall-rules list'),
  })
})

test('variables that would redirect gcloud are a warning, and so is a missing GitHub token', async () => {
  const { of } = await examine({ variables: { CLOUDSDK_CORE_PROJECT: 'other', HTTPS_PROXY: 'http://elsewhere' } })
  expect(of('environment')).toMatchObject({
    status: 'warning',
    message: expect.stringMatching(/CLOUDSDK_CORE_PROJECT, HTTPS_PROXY/),
  })
  expect((await examine({ variables: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } })).of('environment').status).toBe('failed')
  const github = needsOf([runbook('release-verification')], [])
  expect((await examine({}, { needs: github })).of('github').status).toBe('warning')
  expect((await examine({ variables: { GH_TOKEN: 'x' } }, { needs: github })).of('github').status).toBe('ok')
})

test('the permissions of all commands in the shipped runbooks are known', () => {
  for (const name of [
    'access-posture',
    'gcp-drift',
    'identity-key-drift',
    'release-verification',
    'run-parity',
    'runtime-identity',
    'secret-parity',
  ])
    expect({ name, unknown: needsOf([runbook(name)], []).unknown }).toEqual({ name, unknown: [] })
})

test('permissions for reads of other projects are not asked of this one', () => {
  const parity = needsOf([runbook('run-parity')], [])
  expect(parity.elsewhere).toBe(true)
})

test("Resource Manager's answers are read with unknown parts left out", () => {
  expect(readPermissions(200, {})).toEqual({ status: 200, granted: [], message: '' })
  expect(readPermissions(200, { permissions: ['a', 1] })).toMatchObject({ granted: ['a'] })
  expect(readPermissions(403, { error: { message: 'no' } })).toEqual({ status: 403, granted: [], message: 'no' })
  expect(readPermissions(502, null)).toEqual({ status: 502, granted: [], message: '' })
})

test.each<[name: ReadinessName, given: Given]>([
  ['account', { config: {} }],
  ['account', { token: failedWith('no-login', 'no token') }],
  ['network', { date: { failed: 'ENOTFOUND' } }],
  ['project', { answer: { status: 404, granted: [], message: 'no such project' } }],
  ['project', { answer: { status: 401, granted: [], message: '' } }],
  ['configuration', { config: failedWith('other', 'broken') }],
])('a failed %s check names the ignored variables', async (name, given) => {
  const variables = {
    CLOUDSDK_AUTH_ACCESS_TOKEN_FILE: '/token',
    HTTPS_PROXY: 'http://user:hunter2@proxy',
    HOME: '/home/x',
  }
  const plain = (await examine(given, there)).of(name)
  const { message, hint, status } = (await examine({ ...given, variables }, there)).of(name)
  expect(status).toBe('failed')
  expect(message).toBe(
    `${plain.message} (ignored, because they could redirect gcloud: CLOUDSDK_AUTH_ACCESS_TOKEN_FILE, HTTPS_PROXY (to use it, set --proxy or \`access.proxy\` in the inventory))`,
  )
  expect(hint).toBe(plain.hint)
  expect(JSON.stringify([message, hint])).not.toMatch(/hunter2|\/token/)
  expect(plain.message).not.toContain('ignored')
})

test('only the environment check names ignored variables if nothing fails', async () => {
  const { found } = await examine({ variables: { CLOUDSDK_CORE_PROJECT: 'x' } }, there)
  expect(found.filter(({ message }) => message.includes('CLOUDSDK_CORE_PROJECT')).map(({ name }) => name)).toEqual([
    'environment',
  ])
})
