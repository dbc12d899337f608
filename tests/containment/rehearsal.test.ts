import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
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
import { sandboxEnvironment } from '../../engine/sandbox/client/environment.ts'
import { atTheEnd } from '../at-the-end.ts'
import { type Left, makeNamespace, type Namespace, whyNoNamespace } from './namespace.ts'

vi.setConfig({ testTimeout: 150_000, hookTimeout: 60_000 })

const why = whyNoNamespace() ?? (findGcloud(process.env.PATH) ? undefined : 'gcloud is not installed')
if (why !== undefined) process.stderr.write(`NOT TRIED: that a rehearsal sends nothing beyond this machine: ${why}.\n`)

const main = fileURLToPath(new URL('../../engine/main.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'breakglass-containment-'))
atTheEnd(() => rmSync(folder, { recursive: true, force: true }))
const team = join(folder, 'team')
const bare = join(folder, 'bin')
const plain = { PATH: process.env.PATH ?? '', HOME: folder, TMPDIR: folder, BREAKGLASS_LOCKS: join(folder, 'locks') }

/** Settings that a caller may have, each of which leads outside. */
const LEADING_OUT = {
  NODE_USE_ENV_PROXY: '1',
  HTTP_PROXY: 'http://192.0.2.1:3128',
  HTTPS_PROXY: 'http://192.0.2.1:3128',
  ALL_PROXY: 'http://192.0.2.1:3128',
  http_proxy: 'http://192.0.2.1:3128',
  NO_PROXY: 'run.sandbox,*.run.app',
  CLOUDSDK_PROXY_TYPE: 'http',
  CLOUDSDK_PROXY_ADDRESS: '192.0.2.1',
  CLOUDSDK_PROXY_PORT: '3128',
  CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE: 'http://192.0.2.1/',
  CLOUDSDK_CORE_LOG_HTTP: 'true',
  GOOGLE_APPLICATION_CREDENTIALS: join(folder, 'key.json'),
  GCE_METADATA_HOST: '192.0.2.1',
  GCE_METADATA_ROOT: '192.0.2.1',
  GCE_METADATA_IP: '192.0.2.1',
}

const contained = (left: Left) => ({ packets: left.packets, askedForMetadata: left.askedForMetadata })
const NOTHING = { packets: 0, askedForMetadata: 0 }

describe.skipIf(why !== undefined)('in a network that counts every outgoing packet', () => {
  let space: Namespace
  const breakglass = (argv: string[], environment: Record<string, string> = {}) =>
    space.run([process.execPath, main, ...argv], { ...plain, ...environment }, team)

  beforeAll(async () => {
    space = await makeNamespace(folder)
    atTheEnd(() => space.close())
    mkdirSync(bare)
    symlinkSync(process.execPath, join(bare, 'node'))
    execFileSync(process.execPath, [main, 'init', team], { env: plain })
    const git = (...argv: string[]) => execFileSync('git', ['-C', team, ...argv], { env: plain, stdio: 'pipe' })
    writeFileSync(
      join(team, 'check.sh'),
      '#!/bin/sh\n[ "$(curl -s -o /dev/null -w "%{http_code}" http://example.test/)" = 403 ]\n',
    )
    chmodSync(join(team, 'check.sh'), 0o755)
    writeFileSync(
      join(team, 'runbooks', 'public-service.yaml'),
      `${readFileSync(join(team, 'runbooks', 'public-service.yaml'), 'utf8')}  - id: own-script
    title: The team's own script
    script:
      run: [./check.sh]
      exitCodes: { drift: [1] }
backfill:
  - file: check.sh
    points:
      - { says: The check asks curl., text: curl }
`,
    )
    appendFileSync(
      join(team, 'runbooks', 'inventory.yaml'),
      '\nnotices:\n  - { url: "https://hooks.example.test/one" }\n',
    )
    git('init', '--quiet')
    for (const [name, value] of [
      ['remote.far.url', 'http://192.0.2.1/far.git'],
      ['remote.far.promisor', 'true'],
      ['extensions.partialClone', 'far'],
      ['core.repositoryFormatVersion', '1'],
      ['user.name', 'A'],
      ['user.email', 'a@example.test'],
    ] as const)
      git('config', name, value)
    git('add', '.')
    git('commit', '--quiet', '-m', 'first')
    const lost = execFileSync('git', ['-C', team, 'rev-parse', 'HEAD:check.sh'], { env: plain }).toString().trim()
    rmSync(join(team, '.git', 'objects', lost.slice(0, 2), lost.slice(2)))
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'key')])
  })

  test.each<[string, string]>([
    [
      'a datagram',
      "require('node:dgram').createSocket('udp4').send('x', 9, '192.0.2.77', function () { this.close() })",
    ],
    ['a name that is looked up', "require('node:dns').lookup('example.test', () => {})"],
    [
      'a connection',
      "require('node:net').connect(80, '198.51.100.1').on('error', () => {}).setTimeout(300, function () { this.destroy() })",
    ],
  ])('%s is counted', async (_, program) => {
    expect((await space.run([process.execPath, '-e', program], plain, folder)).packets).toBeGreaterThan(0)
  })

  test('local traffic is not counted', async () => {
    const program =
      "require('node:http').createServer((q, a) => a.end('x')).listen(0, '127.0.0.1', function () { fetch('http://localhost:' + this.address().port).then(() => process.exit()) })"
    expect(contained(await space.run([process.execPath, '-e', program], plain, folder))).toEqual(NOTHING)
  })

  test('gcloud bypasses the proxy for the metadata server, unless its variables redirect it', async () => {
    const environment = sandboxEnvironment({
      address: 'http://127.0.0.1:9',
      token: 'sandbox-x',
      configDir: join(folder, 'config'),
    })
    const without = Object.fromEntries(Object.entries(environment).filter(([name]) => !/^(GCE_|NO_GCE)/.test(name)))
    const list = ['gcloud', 'auth', 'list', '--format=json']
    const asked = await space.run(list, { ...plain, ...without }, folder)
    expect(asked.packets).toBeGreaterThan(0)
    expect(asked.askedForMetadata).toBeGreaterThan(0)
    const other = { CLOUDSDK_CONFIG: join(folder, 'config-2') }
    expect(contained(await space.run(list, { ...plain, ...environment, ...other }, folder))).toEqual(NOTHING)
  })

  test.each<[string, string[], Record<string, string>]>([
    ['with gcloud kept loaded', [], {}],
    ['with gcloud started anew', ['--cold'], {}],
    ['with the variables of a caller that lead out', [], LEADING_OUT],
    ['with the fake gcloud', [], { PATH: `${bare}:/usr/bin:/bin` }],
  ])(
    'a rehearsal sends nothing: changes, http checks, a script, notices, git and a signature, %s',
    async (how, more, environment) => {
      const fake = how.includes('fake') ? { PATH: withoutGcloud() } : {}
      const argv = ['rehearse', 'first-rehearsal', '--yes', '--repo', '.', '--sign-key', join(folder, 'key'), ...more]
      const left = await breakglass(argv, { ...environment, ...fake })
      expect(left.output).toMatch(/Done\./)
      expect({ exit: left.exit, ...contained(left) }).toEqual({ exit: 0, ...NOTHING })
    },
  )

  test.each<[string, string[], number]>([
    ['doctor', ['breakglass', 'doctor', '--env', 'prod'], 0],
    [
      'snapshot',
      ['breakglass', 'snapshot', '--env', 'prod', '--out', 'runbooks/scenarios/kept.yaml', 'public-service'],
      0,
    ],
    ['check', ['breakglass', 'check', '--env', 'prod', 'public-service'], 3],
    [
      'gcloud with an API that only the SDK describes',
      ['gcloud', 'compute', 'instances', 'list', '--project=example-prod', '--quiet'],
      0,
    ],
    [
      'gcloud with a method that is not simulated',
      ['gcloud', 'compute', 'networks', 'get-effective-firewalls', 'n', '--project=example-prod', '--quiet'],
      1,
    ],
    ['gcloud asked for a token of the machine', ['gcloud', 'auth', 'print-identity-token'], 1],
    ['gcloud asked about itself', ['gcloud', 'config', 'list', '--all'], 0],
    ['curl', ['curl', '-s', '-m', '5', 'http://169.254.169.254/computeMetadata/v1/'], 0],
  ])("a user's command in the sandbox sends nothing outside, whatever is set: %s", async (_, command, exit) => {
    const left = await breakglass(['sandbox', 'first-rehearsal', '--', ...command], LEADING_OUT)
    expect({ exit: left.exit, ...contained(left) }, left.output).toEqual({ exit, ...NOTHING })
  })

  test("validate uses gcloud's parser, which sends nothing", async () => {
    const left = await breakglass(['validate', '--deep'], LEADING_OUT)
    expect(contained(left), left.output).toEqual(NOTHING)
  })

  /** Returns a PATH with all programs except gcloud. */
  function withoutGcloud(): string {
    for (const name of ['bash', 'sh', 'git', 'ssh-keygen', 'ssh-add', 'curl', 'env'])
      try {
        symlinkSync(
          execFileSync('sh', ['-c', `command -v ${name}`])
            .toString()
            .trim(),
          join(bare, name),
        )
      } catch {}
    return bare
  }
})
