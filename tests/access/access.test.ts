import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { UserError } from '../../engine/base/problem.ts'
import { renderDiagnostic } from '../../engine/base/render-diagnostic.ts'
import { readAccess } from '../../engine/disk/access-files.ts'
import { describeIgnored, ignoredVariables } from '../../engine/gcloud/environment.ts'
import { checkConfiguration } from '../../engine/gcloud/preflight/configuration.ts'
import { intentsIn } from '../../engine/reconcile/intents.ts'
import {
  type Access,
  accessConflict,
  accessFlaw,
  actingAs,
  describeAccess,
  gcloudVariables,
  scriptVariables,
  withFlags,
} from '../../engine/runbook/access.ts'
import { readInventory } from '../../engine/runbook/read-inventory.ts'
import { atTheEnd } from '../at-the-end.ts'

const folder = mkdtempSync(join(tmpdir(), 'breakglass-access-'))
atTheEnd(() => rmSync(folder, { recursive: true, force: true }))
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

test.each<[keyof Access, string | string[]]>([
  ['proxy', 'http://proxy.corp.example:3128'],
  ['proxy', 'http://10.1.2.3:80/'],
  ['proxy', 'http://[fd00::1]:3128'],
  ['proxy', 'socks5://127.0.0.1:1080'],
  ['noProxy', ['.corp.example', 'intranet', '10.0.0.1']],
  ['account', 'on-call@acme.example'],
  ['account', 'principal://iam.googleapis.com/locations/global/workforcePools/p/subject/ada'],
  ['configuration', 'prod-2'],
  ['impersonateServiceAccount', 'fix@p.iam.gserviceaccount.com'],
  ['impersonateServiceAccount', 'one@p.iam.gserviceaccount.com,1-compute@developer.gserviceaccount.com'],
])('%s may be %j', (name, value) => expect(accessFlaw(name, value)).toBeUndefined())

test.each<[keyof Access, string | string[]]>([
  ['proxy', 'proxy.corp.example:3128'],
  ['proxy', 'http://proxy.corp.example'],
  ['proxy', 'http://proxy.corp.example:0'],
  ['proxy', 'http://proxy.corp.example:70000'],
  ['proxy', 'http://proxy.corp.example:3128/path'],
  ['proxy', 'https://proxy.corp.example:3128'],
  ['proxy', 'socks4://proxy.corp.example:1080'],
  ['proxy', 'http://proxy.corp.example:3128\nx'],
  ['proxy', 'http://-x:3128'],
  ['noProxy', ['*']],
  ['noProxy', ['a,b']],
  ['caFile', ' '],
  ['account', '--project=x'],
  ['account', 'nobody'],
  ['configuration', '../other'],
  ['impersonateServiceAccount', 'ada@acme.example'],
  ['impersonateServiceAccount', 'a@p.iam.gserviceaccount.com, b@p.iam.gserviceaccount.com'],
  ['impersonateServiceAccount', 'a@p.iam.gserviceaccount.com.evil.example'],
])('%s may not be %j, and what to write is said', (name, value) =>
  expect(accessFlaw(name, value)).toMatchObject({ message: expect.any(String), hint: expect.any(String) }),
)

const SECRET = 'hunter2-not-a-real-one'
test.each([
  `http://ada:${SECRET}@proxy.corp.example:3128`,
  `http://${SECRET}@proxy.corp.example:3128`,
  `socks5://ada:${SECRET}@proxy.corp.example:1080`,
  `ada:${SECRET}@proxy.corp.example:3128`,
])('a login in a proxy address is refused without being quoted, in the inventory too: %#', (proxy) => {
  const flaw = accessFlaw('proxy', proxy)
  expect(flaw?.message).toMatch(/user name or a password/)
  expect(flaw?.hint).toMatch(/relay/)
  const text = `apiVersion: breakglass/v1
kind: Inventory
metadata: { name: a }
environments:
  prod:
    project: acme-prod
    region: us-central1
    access: { proxy: "${proxy}" }
`
  const reading = readInventory({ name: 'inventory.yaml', text })
  expect(reading.ok).toBe(false)
  if (reading.ok) return
  for (const diagnostic of reading.diagnostics) {
    const shown = renderDiagnostic(diagnostic, { name: 'inventory.yaml', text }, { colour: false })
    expect(shown).toMatch(/proxy: ".*\*@proxy\.corp\.example/)
    expect(shown).not.toContain(SECRET)
  }
})

test('an access becomes the variables of gcloud and of scripts, each once and no others', () => {
  const access: Access = {
    proxy: 'http://[fd00::1]:3128/',
    noProxy: ['.corp.example'],
    caFile: '/etc/corp.pem',
    credentialsFile: '/etc/workload.json',
    configuration: 'prod',
    impersonateServiceAccount: 'a@p.iam.gserviceaccount.com,b@p.iam.gserviceaccount.com',
  }
  expect(gcloudVariables(access)).toEqual({
    CLOUDSDK_PROXY_TYPE: 'http',
    CLOUDSDK_PROXY_ADDRESS: '[fd00::1]',
    CLOUDSDK_PROXY_PORT: '3128',
    CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE: '/etc/corp.pem',
    CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE: '/etc/workload.json',
    CLOUDSDK_AUTH_IMPERSONATE_SERVICE_ACCOUNT: 'a@p.iam.gserviceaccount.com,b@p.iam.gserviceaccount.com',
    CLOUDSDK_ACTIVE_CONFIG_NAME: 'prod',
  })
  expect(scriptVariables(access)).toMatchObject({
    HTTPS_PROXY: 'http://[fd00::1]:3128',
    https_proxy: 'http://[fd00::1]:3128',
    NO_PROXY: 'localhost,127.0.0.1,::1,.corp.example',
    SSL_CERT_FILE: '/etc/corp.pem',
    GOOGLE_APPLICATION_CREDENTIALS: '/etc/workload.json',
  })
  expect(gcloudVariables({ account: 'a@b.example' })).toEqual({ CLOUDSDK_CORE_ACCOUNT: 'a@b.example' })
  expect([gcloudVariables({}), scriptVariables({})]).toEqual([{}, {}])
  expect(scriptVariables({ proxy: 'socks5://127.0.0.1:1080' })).toMatchObject({ ALL_PROXY: 'socks5h://127.0.0.1:1080' })
  expect(actingAs('ada@acme.example', access as never)).toBe('b@p.iam.gserviceaccount.com')
})

test('a flag goes before the inventory, `none` takes out, and one login replaces the other', () => {
  const inventory: Access = { proxy: 'http://a:1', noProxy: ['.x'], account: 'a@b.example', configuration: 'prod' }
  expect(withFlags(inventory, { proxy: 'http://b:2' })).toEqual({ ...inventory, proxy: 'http://b:2' })
  expect(withFlags(inventory, { proxy: 'none' })).toEqual({ account: 'a@b.example', configuration: 'prod' })
  expect(withFlags(inventory, { credentialsFile: '/w.json' })).toEqual({
    ...{ proxy: 'http://a:1', noProxy: ['.x'], configuration: 'prod' },
    credentialsFile: '/w.json',
  })
  expect(accessConflict({ account: 'a@b.example', credentialsFile: '/w.json' })).toBeDefined()
  expect(accessConflict({ noProxy: ['.x'] })).toBeDefined()
  expect(describeAccess(undefined)).toMatch(/^directly/)
})

const workload = {
  type: 'external_account',
  audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q',
  subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
  token_url: 'https://sts.googleapis.com/v1/token',
  credential_source: { file: '/var/run/token' },
}
const impersonating = {
  ...workload,
  service_account_impersonation_url:
    'https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/fix@p.iam.gserviceaccount.com:generateAccessToken',
}

test('a workload identity configuration is known by its bytes, and whom it impersonates is read from it', () => {
  const { used } = readAccess({ credentialsFile: file('workload.json', JSON.stringify(impersonating)) })
  expect(used).toEqual({
    credentialsFile: {
      name: 'workload.json',
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      serviceAccount: 'fix@p.iam.gserviceaccount.com',
    },
  })
  expect(actingAs('x', used)).toBe('fix@p.iam.gserviceaccount.com')
})

test.each<[string, object | string, RegExp]>([
  ['a service account key', { type: 'service_account', private_key: SECRET }, /private key/],
  ["a user's login", { type: 'authorized_user', refresh_token: SECRET }, /refresh token/],
  ['a key deep inside', { ...workload, source_credentials: [{ private_key: SECRET }] }, /private key/],
  ['an impersonation of another tool', { type: 'impersonated_service_account' }, /not a workload identity/],
  [
    'one that starts a program',
    { ...workload, credential_source: { executable: { command: 'x' } } },
    /starts a program/,
  ],
  [
    'one that sends tokens elsewhere',
    { ...workload, token_url: 'https://sts.googleapis.com.evil.example/' },
    /token_url/,
  ],
  ['one that sends them in the clear', { ...workload, token_url: 'http://sts.googleapis.com/v1/token' }, /token_url/],
  ['one of another universe', { ...workload, universe_domain: 'evil.example' }, /universe_domain/],
  ['no JSON', 'x', /not a JSON object/],
])('a credentials file that is %s is refused, and nothing of it is quoted', (name, content, why) => {
  const path = file(`${name}.json`, typeof content === 'string' ? content : JSON.stringify(content))
  const read = () => readAccess({ credentialsFile: path })
  expect(read).toThrow(UserError)
  expect(read).toThrow(why)
  expect(read).not.toThrow(SECRET)
})

test('a CA file holds certificates that can be read, and no key; it is a regular file that not everybody may change', () => {
  const openssl = (...argv: string[]) => execFileSync('openssl', argv, { cwd: folder, stdio: 'pipe' })
  openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=a', '-keyout', 'ca.key', '-out', 'ca.pem')
  const ca = join(folder, 'ca.pem')
  expect(readAccess({ caFile: ca })).toMatchObject({ used: { caFile: { name: 'ca.pem' } }, ca: /BEGIN CERT/ })
  expect(() => readAccess({ caFile: join(folder, 'ca.key') })).toThrow(/private key/)
  expect(() => readAccess({ caFile: file('text.pem', 'hello') })).toThrow(/no certificate/)
  const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
  expect(() => readAccess({ caFile: file('broken.pem', broken) })).toThrow(/cannot be read/)
  expect(() => readAccess({ caFile: join(folder, 'gone.pem') })).toThrow(/no such file/)
  expect(() => readAccess({ caFile: folder })).toThrow(/folder/)
  execFileSync('mkfifo', [join(folder, 'pipe')])
  expect(() => readAccess({ caFile: join(folder, 'pipe') })).toThrow(/named pipe/)
  chmodSync(ca, 0o666)
  expect(() => readAccess({ caFile: ca })).toThrow(/everybody on this machine can change it/)
})

test("what of the caller's variables is dropped is named with how to name it on purpose, never with its value", () => {
  const variables = {
    https_proxy: `http://ada:${SECRET}@p:1`,
    ALL_PROXY: 'socks5://p:1',
    NO_PROXY: '*',
    SSL_CERT_FILE: `/${SECRET}`,
    NODE_EXTRA_CA_CERTS: '/x',
    GOOGLE_APPLICATION_CREDENTIALS: '/x',
    CLOUDSDK_ACTIVE_CONFIG_NAME: 'x',
    CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN: 'http://x',
    GOOGLE_CLOUD_UNIVERSE_DOMAIN: 'x',
    HTTP_PROXY: '',
    PATH: '/bin',
  }
  const said = describeIgnored(variables)
  expect(said).not.toContain(SECRET)
  expect(said).toMatch(/ALL_PROXY, https_proxy \(to use it, set --proxy or `access\.proxy` in the inventory\)/)
  expect(said).toMatch(/NODE_EXTRA_CA_CERTS, SSL_CERT_FILE \(to use it, set --ca-file/)
  expect(said).toMatch(/NO_PROXY \(to use it, set `access\.noProxy` in the inventory\)/)
  expect(said).toMatch(/GOOGLE_APPLICATION_CREDENTIALS \(to use it, set --credentials-file/)
  expect(said).toMatch(/CLOUDSDK_ACTIVE_CONFIG_NAME \(to use it, set --configuration/)
  expect(said).toMatch(/CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN, GOOGLE_CLOUD_UNIVERSE_DOMAIN(,|$)/)
  expect(ignoredVariables(variables)).not.toContain('HTTP_PROXY')
  expect(describeIgnored(variables, { proxy: 'http://p:1' })).not.toMatch(/--proxy/)
})

test.each<[string, object, Access, 'ok' | 'warning' | 'failed']>([
  ['a proxy that nobody named', { proxy: { type: 'http', address: 'p', port: '1' } }, {}, 'failed'],
  ['the proxy that was named', { proxy: { type: 'http', address: 'p', port: '1' } }, { proxy: 'http://p:1' }, 'ok'],
  ['another port', { proxy: { type: 'http', address: 'p', port: '2' } }, { proxy: 'http://p:1' }, 'failed'],
  [
    'a login at the proxy',
    { proxy: { type: 'http', address: 'p', port: '1', password: SECRET } },
    { proxy: 'http://p:1' },
    'failed',
  ],
  ['a CA file that nobody named', { core: { custom_ca_certs_file: '/x' } }, {}, 'failed'],
  ['the CA file that was named', { core: { custom_ca_certs_file: '/x' } }, { caFile: '/x' }, 'ok'],
  ['an impersonation that nobody named', { auth: { impersonate_service_account: 'a' } }, {}, 'failed'],
  ['another universe', { core: { universe_domain: 'x' } }, {}, 'failed'],
  ['a token in a file', { auth: { access_token_file: '/x' } }, {}, 'ok'],
  [
    'a token in a file, before a named login',
    { auth: { access_token_file: '/x' } },
    { account: 'a@b.example' },
    'failed',
  ],
  ['a client certificate', { context_aware: { use_client_certificate: 'true' } }, {}, 'warning'],
])("gcloud's own settings: %s", (_, configuration, access, status) => {
  const found = checkConfiguration(configuration as never, access)
  expect(found.status).toBe(status)
  expect(JSON.stringify(found)).not.toContain(SECRET)
  if (status === 'failed' && !/universe|token/.test(_)) expect(found.hint).toMatch(/to use it, set --|unset proxy/)
})

test('what an impersonated account did is looked for under its name in Cloud Audit Logs', () => {
  const at = { time: '2026-01-01T00:00:00.000Z', run: 'r' }
  const gcloud = { kind: 'gcloud', version: '1', account: 'ada@acme.example' }
  const access = { impersonateServiceAccount: 'one@p.iam.gserviceaccount.com,two@p.iam.gserviceaccount.com' }
  const action = { kind: 'gcloud', command: { argv: ['run', 'services', 'update', 'web'], project: 'p' } }
  const intent = { type: 'step.intent', body: { step: 's', attempt: 1, action, before: { state: 'absent' } } }
  const accounts = (means: object) =>
    intentsIn(
      [
        { seq: 1, ...at, type: 'run.opened', body: { gcloud, ...means } },
        { seq: 2, ...at, ...intent },
      ] as never,
      [],
    ).map(({ account }) => account)
  expect(accounts({ access })).toEqual(['two@p.iam.gserviceaccount.com'])
  expect(accounts({})).toEqual(['ada@acme.example'])
})
