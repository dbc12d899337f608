import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { findGcloud } from '../../engine/gcloud/find.ts'
import { atTheEnd } from '../at-the-end.ts'
import { compiled } from '../compiled.ts'
import type { Done } from './company.ts'
import { type Network, startNetwork, whyNoNetwork } from './network.ts'

vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 })

const why = whyNoNetwork()
const whyNoReal = why ?? (findGcloud(process.env.PATH) ? undefined : 'gcloud is not installed')
if (whyNoReal !== undefined)
  process.stderr.write(`NOT TRIED: that the real gcloud goes the way that is named: ${whyNoReal}.\n`)

const main = fileURLToPath(new URL('../../engine/main.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'breakglass-access-'))
atTheEnd(() => rmSync(folder, { recursive: true, force: true }))
const at = (name: string) => join(folder, name)
const team = at('team')
const FIXER = 'breakglass@example-prod.iam.gserviceaccount.com'
const DELEGATE = 'delegate@example-prod.iam.gserviceaccount.com'
const plain = { HOME: at('home'), TMPDIR: folder, BREAKGLASS_LOCKS: at('locks'), NODE_COMPILE_CACHE: compiled }
const real = { PATH: process.env.PATH ?? '' }

describe.skipIf(why !== undefined)('in a company network, whose proxies are the only way to Google', () => {
  let network: Network
  let ca = ''
  let workload = ''

  const breakglass = (argv: string[], env: Record<string, string> = real, cwd = team): Promise<Done> =>
    network.run({ argv: [process.execPath, main, ...argv], env: { ...plain, ...env }, cwd })
  const named = () => ['--proxy', network.addresses.proxy, '--ca-file', ca, '--credentials-file', workload]
  const run = (incident: string, runbook = 'small') => [
    'run',
    runbook,
    '--env',
    'prod',
    '--incident',
    incident,
    '--reason',
    'a test',
    '--yes',
  ]
  const logged = (incident: string) =>
    readFileSync(join(team, 'logs', incident, 'audit.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; body: Record<string, unknown> })
  const record = (incident: string) => readFileSync(join(team, 'logs', incident, 'record.md'), 'utf8')

  beforeAll(async () => {
    mkdirSync(plain.HOME)
    execFileSync(process.execPath, [main, 'init', team], { env: { ...plain, ...real } })
    const inventory = join(team, 'runbooks', 'inventory.yaml')
    writeFileSync(inventory, readFileSync(inventory, 'utf8').replace('protected: true', 'protected: false'))
    // Its check gives up soon, where the starter's waits for a real service to serve.
    writeFileSync(
      join(team, 'runbooks', 'small.yaml'),
      `apiVersion: breakglass/v1
kind: Runbook
metadata: { name: small, title: A small one, description: One change and one check., risk: high }
steps:
  - id: ingress
    title: web takes public traffic
    subject: web
    observe:
      gcloud: [run, services, describe, web, --region, us-central1]
      select: { ingress: "\${{ result.metadata.?annotations[?'run.googleapis.com/ingress'].orValue('all') }}" }
    expect: { ingress: all }
    settle: { every: 1s, within: 2s }
    apply: { gcloud: [run, services, update, web, --region, us-central1, --ingress=all] }
    undo: { gcloud: [run, services, update, web, --region, us-central1, "--ingress=\${{ before.ingress }}"] }
verify:
  - id: root
    title: web answers
    subject: web
    settle: { every: 1s, within: 2s }
    http:
      from: [run, services, describe, web, --region, us-central1]
      url: "\${{ result.status.url }}/"
      status: 200
`,
    )
    writeFileSync(at('subject-token'), 'a-subject-token')
    workload = at('workload.json')
    writeFileSync(
      workload,
      JSON.stringify({
        type: 'external_account',
        audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q',
        subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
        token_url: 'https://sts.googleapis.com/v1/token',
        credential_source: { file: at('subject-token') },
      }),
    )
    network = await startNetwork(folder, join(team, 'runbooks', 'scenarios', 'first-rehearsal.yaml'))
    atTheEnd(() => network.close())
    ca = at('ca.pem')
  })

  /** A gcloud that notes its argv and its environment, and is logged in. */
  function recordingSdk(name: string): {
    env: Record<string, string>
    calls(): { argv: string; env: Record<string, string> }[]
  } {
    const sdk = at(name)
    mkdirSync(join(sdk, 'bin'), { recursive: true })
    mkdirSync(join(sdk, '.install'))
    writeFileSync(join(sdk, 'VERSION'), '528.0.0\n')
    writeFileSync(join(sdk, '.install', 'core.manifest'), '')
    const service = {
      status: { url: 'http://web.a.run.app' },
      metadata: { annotations: { 'run.googleapis.com/ingress': 'internal' } },
    }
    writeFileSync(
      join(sdk, 'bin', 'gcloud'),
      `#!/bin/sh
{ echo "argv $*"; env | grep -iE '^(CLOUDSDK|GOOGLE|.*_PROXY|SSL|REQUESTS|CURL|NODE_EXTRA)'; } >> '${sdk}/calls'
case "$*" in
  'config list '*) echo '{"core": {"account": "ada@acme.example"}}' ;;
  'auth print-access-token '*) echo '{"token": "users-token"}' ;;
  'run services describe '*) echo '${JSON.stringify(service)}' ;;
  *) exit 2 ;;
esac
`,
    )
    chmodSync(join(sdk, 'bin', 'gcloud'), 0o755)
    for (const program of ['env', 'grep', 'sh', 'bash'])
      if (!existsSync(join(sdk, 'bin', program)))
        symlinkSync(
          execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim(),
          join(sdk, 'bin', program),
        )
    return {
      env: { PATH: join(sdk, 'bin') },
      calls: () =>
        readFileSync(join(sdk, 'calls'), 'utf8')
          .split(/^argv /m)
          .slice(1)
          .map((text) => {
            const [argv = '', ...lines] = text.trimEnd().split('\n')
            return { argv, env: Object.fromEntries(lines.map((line) => line.split(/=(.*)/s, 2) as [string, string])) }
          }),
    }
  }

  const ALWAYS = {
    CLOUDSDK_CORE_DISABLE_PROMPTS: '1',
    CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: 'true',
    CLOUDSDK_CORE_DISABLE_FILE_LOGGING: 'true',
    CLOUDSDK_CORE_SURVEY_DISABLE_PROMPTS: 'true',
    CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: 'true',
  }
  const DROPPED = {
    HTTPS_PROXY: 'http://ada:hunter2@nowhere.example:1',
    https_proxy: 'http://nowhere.example:1',
    NO_PROXY: '*',
    SSL_CERT_FILE: '/nowhere.pem',
    GOOGLE_APPLICATION_CREDENTIALS: '/nowhere.json',
    CLOUDSDK_CORE_ACCOUNT: 'somebody@else.example',
    CLOUDSDK_AUTH_IMPERSONATE_SERVICE_ACCOUNT: 'other@p.iam.gserviceaccount.com',
    CLOUDSDK_ACTIVE_CONFIG_NAME: 'other',
    CLOUDSDK_METRICS_ENVIRONMENT: 'breakglass-of-somebody@else',
  }

  test('gcloud gets what is named and nothing of the caller, whose variables are named once before anything is shown', async () => {
    const sdk = recordingSdk('exact')
    const argv = ['check', 'small', '--env', 'prod', '--proxy', network.addresses.proxy, '--ca-file', ca]
    const more = [
      '--account',
      'ada@acme.example',
      '--configuration',
      'prod',
      '--impersonate-service-account',
      `${DELEGATE},${FIXER}`,
    ]
    const done = await breakglass([...argv, ...more], { ...sdk.env, ...DROPPED })
    const { port } = new URL(network.addresses.proxy)
    const calls = sdk.calls()
    expect(calls.map((call) => call.argv.split(' ').slice(0, 3).join(' '))).toContain('run services describe')
    // One process has one mark, and a call for a step says which one after it.
    const marks = calls.map(({ env }) => env.CLOUDSDK_METRICS_ENVIRONMENT ?? '')
    expect(new Set(marks.map((mark) => mark.slice(0, 'breakglass-'.length + 12))).size).toBe(1)
    for (const { argv: words, env } of calls) {
      expect(words).not.toMatch(/proxy|impersonate|account=/)
      expect(env).toEqual({
        ...ALWAYS,
        CLOUDSDK_METRICS_ENVIRONMENT: expect.stringMatching(/^breakglass-[0-9a-f]{12}(-[0-9a-f]{8})?$/),
        CLOUDSDK_PROXY_TYPE: 'http',
        CLOUDSDK_PROXY_ADDRESS: '127.0.0.1',
        CLOUDSDK_PROXY_PORT: port,
        CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE: ca,
        CLOUDSDK_CORE_ACCOUNT: 'ada@acme.example',
        CLOUDSDK_ACTIVE_CONFIG_NAME: 'prod',
        CLOUDSDK_AUTH_IMPERSONATE_SERVICE_ACCOUNT: `${DELEGATE},${FIXER}`,
      })
    }
    const text = done.stdout + done.stderr
    for (const name of Object.keys(DROPPED)) expect(text.split(new RegExp(`\\b${name}\\b`))).toHaveLength(2)
    expect(text).not.toMatch(/hunter2|nowhere|somebody@else/)
    expect(text.replaceAll(/\s+/g, ' ')).toContain(`impersonating ${DELEGATE},${FIXER}`)
    // The engine's own requests went the same way, an http check too.
    expect(done.connected).toContain('http cloudresourcemanager.googleapis.com:443')
    expect(done.connected).toContain('http GET http://web.a.run.app/')
  })

  test('what the inventory names is used, a path from its folder, and a flag goes before it', async () => {
    const inventory = join(team, 'runbooks', 'named.yaml')
    mkdirSync(join(team, 'runbooks', 'certificates'), { recursive: true })
    writeFileSync(join(team, 'runbooks', 'certificates', 'corp.pem'), readFileSync(ca))
    const access = `    access: { proxy: "${network.addresses.proxy}", noProxy: [web.a.run.app], caFile: certificates/corp.pem, impersonateServiceAccount: ${DELEGATE} }\n`
    const text = readFileSync(join(team, 'runbooks', 'inventory.yaml'), 'utf8')
    writeFileSync(
      inventory,
      text.replace('    region: us-central1\n', (line) => line + access),
    )
    const sdk = recordingSdk('inventory')
    const argv = ['check', 'small', '--env', 'prod', '--inventory', inventory, '--impersonate-service-account', FIXER]
    const done = await breakglass(argv, sdk.env)
    for (const { env } of sdk.calls())
      expect(env).toMatchObject({
        CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE: join(team, 'runbooks', 'certificates', 'corp.pem'),
        CLOUDSDK_AUTH_IMPERSONATE_SERVICE_ACCOUNT: FIXER,
      })
    expect(done.connected).toContain('http cloudresourcemanager.googleapis.com:443')
    expect(done.connected.filter((each) => each.includes('run.app'))).toEqual([])
    const without = recordingSdk('without')
    const direct = await breakglass([...argv, '--proxy', 'none'], without.env)
    expect(direct.connected).toEqual([])
    expect(direct.stderr + direct.stdout).toMatch(/cannot reach Google Cloud/i)
    rmSync(inventory)
  })

  test('a script of the team goes the same way, with the variables that its tools know', async () => {
    const runbook = join(team, 'runbooks', 'scripted.yaml')
    writeFileSync(join(team, 'note.sh'), `#!/bin/sh\nenv > '${at('script-env')}'\n`)
    chmodSync(join(team, 'note.sh'), 0o755)
    writeFileSync(
      runbook,
      `apiVersion: breakglass/v1
kind: Runbook
metadata: { name: scripted, title: A script, description: It notes its variables., risk: low }
steps:
  - id: note
    title: It is noted
    script: { run: [./note.sh], exitCodes: { drift: [1] } }
`,
    )
    const sdk = recordingSdk('scripted')
    const argv = ['check', 'scripted', '--env', 'prod', '--proxy', network.addresses.proxy, '--ca-file', ca]
    await breakglass(argv, { ...sdk.env, ...DROPPED })
    const env = Object.fromEntries(
      readFileSync(at('script-env'), 'utf8')
        .split('\n')
        .map((line) => line.split(/=(.*)/s, 2) as [string, string]),
    )
    expect(env).toMatchObject({
      CLOUDSDK_PROXY_ADDRESS: '127.0.0.1',
      HTTPS_PROXY: network.addresses.proxy,
      https_proxy: network.addresses.proxy,
      NO_PROXY: 'localhost,127.0.0.1,::1',
      REQUESTS_CA_BUNDLE: ca,
      CURL_CA_BUNDLE: ca,
    })
    expect(JSON.stringify(env)).not.toMatch(/nowhere|somebody/)
    rmSync(runbook)
  })

  test.each<[string, string[], RegExp]>([
    [
      'a password',
      ['--proxy', 'http://ada:hunter2@proxy.corp.example:3128'],
      /--proxy: the proxy URL contains a user name or a password/,
    ],
    [
      'a flag twice',
      ['--account', 'a@b.example', '--account', 'c@d.example'],
      /--account takes one value, and was given a@b\.example and c@d\.example hint: give --account once;/,
    ],
    [
      'a flag twice, the second time with a password',
      ['--proxy', 'http://proxy.corp.example:3128', '--proxy', 'http://ada:hunter2@proxy.corp.example:3128'],
      /--proxy: the proxy URL contains a user name or a password/,
    ],
    [
      'a flag twice, the first time with a password',
      ['--proxy=http://ada:hunter2@proxy.corp.example:3128', '--proxy', 'none'],
      /--proxy: the proxy URL contains a user name or a password/,
    ],
    ['a CA file that is not there', ['--ca-file', 'gone.pem'], /gone\.pem cannot be used: no such file/],
  ])('a run is refused before gcloud starts, for %s', async (what, flags, words) => {
    const sdk = recordingSdk(`refused ${what}`)
    const done = await breakglass([...run('INC-REFUSED'), ...flags], sdk.env)
    expect(done.exit, done.stderr).toBe(2)
    expect(done.stderr.replaceAll(/\s+/g, ' ')).toMatch(words)
    expect(done.stdout + done.stderr).not.toContain('hunter2')
    expect(existsSync(join(at(`refused ${what}`), 'calls'))).toBe(false)
    expect(existsSync(join(team, 'logs', 'INC-REFUSED'))).toBe(false)
    expect(done.connected).toEqual([])
  })

  test('a resume another way says so before it goes on, and both ways are in the log and the record', async () => {
    const sdk = recordingSdk('resumed')
    const ways = { ca: ['--ca-file', ca], as: ['--impersonate-service-account', FIXER] }
    const first = await breakglass(
      [...run('INC-3'), '--proxy', network.addresses.proxy, ...ways.ca, ...ways.as],
      sdk.env,
    )
    expect(first.exit, first.stdout + first.stderr).not.toBe(0)
    const again = await breakglass(
      ['resume', 'INC-3', '--yes', '--proxy', network.addresses.socks, ...ways.ca],
      sdk.env,
    )
    const said = again.stdout.replaceAll(/\s+/g, ' ')
    expect(said, again.stderr).toMatch(
      /reached Google Cloud through the proxy http:\S+ .* impersonating breakglass@.*; now it is reached through the proxy socks5:/,
    )
    expect(said.indexOf('now it is reached')).toBeLessThan(said.indexOf('Resuming run-'))
    const [opened, resumed] = ['run.opened', 'run.resumed'].map((type) =>
      logged('INC-3').find((entry) => entry.type === type),
    )
    expect(opened?.body.access).toMatchObject({ proxy: network.addresses.proxy, impersonateServiceAccount: FIXER })
    expect(resumed?.body.access).toEqual({
      proxy: network.addresses.socks,
      caFile: { name: 'ca.pem', digest: expect.any(String) },
    })
    expect(record('INC-3')).toMatch(
      /through the proxy `http:[^\n]*\n\nGoogle Cloud was reached through the proxy `?socks5:/,
    )
    expect(again.connected).toContain('socks cloudresourcemanager.googleapis.com:443')
    expect(again.connected.filter((each) => !each.startsWith('socks'))).toEqual([])
    const verified = await breakglass(['audit', 'verify', 'INC-3'])
    expect(verified.exit, verified.stdout + verified.stderr).toBe(0)
  })

  test('a saved plan is sealed with its way: another one is refused before anything is observed', async () => {
    const sdk = recordingSdk('planned')
    const way = ['--proxy', network.addresses.proxy, '--ca-file', ca]
    const saved = await breakglass(['plan', 'small', '--env', 'prod', '--out', 'plan.json', ...way], sdk.env)
    expect(saved.exit, saved.stderr).toBe(0)
    const plan = JSON.parse(readFileSync(join(team, 'plan.json'), 'utf8')) as { access: object }
    expect(plan.access).toEqual({
      proxy: network.addresses.proxy,
      caFile: { name: 'ca.pem', digest: expect.any(String) },
    })
    const observed = () => sdk.calls().filter(({ argv }) => argv.startsWith('run services')).length
    const before = observed()
    const carriedOut = ['run', '--plan', 'plan.json', '--incident', 'INC-2', '--reason', 'a test', '--yes']
    const other = await breakglass([...carriedOut, ...way, '--impersonate-service-account', FIXER], sdk.env)
    expect(other.exit, other.stderr).toBe(4)
    expect(other.stderr).toContain(`access impersonateServiceAccount: (none) → ${FIXER}`)
    writeFileSync(at('other.pem'), `# another file\n${readFileSync(ca, 'utf8')}`)
    const otherFile = await breakglass([...carriedOut, ...way.slice(0, 3), at('other.pem')], sdk.env)
    expect(otherFile.stderr).toMatch(/access caFile digest: sha256:\w+ → sha256:/)
    expect(observed()).toBe(before)
    expect(existsSync(join(team, 'logs', 'INC-2'))).toBe(false)
    await breakglass([...carriedOut, ...way], sdk.env)
    expect(logged('INC-2')[0]?.body).toMatchObject({ access: plan.access, savedPlan: { digest: expect.any(String) } })
  })

  test('doctor says what is on the way, and how to name it', async () => {
    const sdk = recordingSdk('doctor')
    const check = async (flags: string[], env: Record<string, string> = {}) => {
      const done = await breakglass(['doctor', '--env', 'prod', '--json', ...flags], { ...sdk.env, ...env })
      const { checks } = JSON.parse(done.stdout) as {
        checks: { name: string; status: string; message: string; hint?: string }[]
      }
      return Object.fromEntries(checks.map((each) => [each.name, each]))
    }
    expect(await check(['--proxy', network.addresses.proxy, '--ca-file', ca])).toMatchObject({
      access: {
        status: 'ok',
        message: expect.stringContaining(
          `through the proxy ${network.addresses.proxy}, trusting the certificates of ca.pem`,
        ),
      },
      network: { status: 'ok' },
      project: { status: 'ok' },
    })
    expect(await check(['--proxy', network.addresses.proxy])).toMatchObject({
      network: { status: 'failed', hint: expect.stringMatching(/--ca-file or `access\.caFile`/) },
    })
    expect(await check(['--proxy', network.addresses.login, '--ca-file', ca])).toMatchObject({
      network: { status: 'failed', message: expect.stringContaining('the proxy answered 407: it requires a login') },
    })
    expect(await check([], { HTTPS_PROXY: network.addresses.proxy })).toMatchObject({
      environment: {
        status: 'warning',
        message: expect.stringContaining('HTTPS_PROXY (to use it, set --proxy or `access.proxy`'),
      },
      network: { status: 'failed', hint: expect.stringContaining('--proxy or `access.proxy`') },
    })
    expect(await check(['--ca-file', 'gone.pem'])).toMatchObject({
      access: { status: 'failed', message: expect.stringContaining('no such file') },
      network: { status: 'skipped' },
    })
  })

  test('in a sandbox nothing of it applies: it says so, asks no proxy, and needs no file', async () => {
    const done = await breakglass(
      [
        'check',
        'small',
        '--env',
        'prod',
        '--sandbox',
        'first-rehearsal',
        '--proxy',
        network.addresses.proxy,
        '--ca-file',
        'gone.pem',
      ],
      recordingSdkFreePath(),
    )
    expect(done.exit, done.stderr).toBe(3)
    expect(done.stdout.replaceAll(/\s+/g, ' ')).toMatch(/ignores `access`.* \(proxy, caFile\)/)
    expect(done.connected).toEqual([])
  })

  const recordingSdkFreePath = () => ({ PATH: at('no-gcloud') })

  describe.skipIf(whyNoReal !== undefined)('with the real gcloud', () => {
    test('a run through the proxy as a workload that impersonates: logged, in the record, compared by an undo another way', async () => {
      const done = await breakglass([
        ...run('INC-1', 'public-service'),
        ...named(),
        '--impersonate-service-account',
        FIXER,
      ])
      expect(done.exit, done.stdout + done.stderr).toBe(0)
      const apis = done.asked.filter(({ host }) => host.endsWith('run.googleapis.com'))
      expect(apis.length).toBeGreaterThan(3)
      for (const { via, token } of apis) expect([via, token]).toEqual(['http', `token-of-${FIXER}`])
      expect(done.asked.map(({ host }) => host)).toContain('sts.googleapis.com')
      const access = {
        proxy: network.addresses.proxy,
        caFile: { name: 'ca.pem', digest: expect.stringMatching(/^sha256:/) },
        credentialsFile: { name: 'workload.json', digest: expect.stringMatching(/^sha256:/) },
        impersonateServiceAccount: FIXER,
      }
      expect(logged('INC-1')[0]).toMatchObject({ type: 'run.opened', body: { access } })
      expect(record('INC-1')).toMatch(
        /Google Cloud was reached through the proxy `http:.*` *, trusting .* impersonating `breakglass@/,
      )
      const ways = logged('INC-1').flatMap(({ body }) => (body.commands as { way: string }[] | undefined) ?? [])
      expect(new Set(ways.map(({ way }) => way))).toEqual(new Set(['warm']))

      const back = await breakglass([
        'undo',
        'INC-1',
        '--yes',
        '--cold',
        '--proxy',
        network.addresses.socks,
        '--ca-file',
        ca,
        '--credentials-file',
        workload,
      ])
      expect(back.exit, back.stdout + back.stderr).toBe(0)
      for (const { via, token } of back.asked.filter(({ host }) => host.endsWith('run.googleapis.com')))
        expect([via, token]).toEqual(['socks', 'federated-token'])
      expect(back.stdout).toMatch(
        /reached Google Cloud through the proxy http:.* impersonating breakglass@.*; now it is reached through the proxy socks5:/,
      )
      expect(back.stdout.indexOf('now it is reached')).toBeLessThan(back.stdout.indexOf('undo: Make web public'))
    })
  })
})
