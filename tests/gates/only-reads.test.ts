import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { stringify } from 'yaml'
import { atTheEnd } from '../at-the-end.ts'

vi.setConfig({ testTimeout: 90_000 })

const main = fileURLToPath(new URL('../../engine/main.ts', import.meta.url))
const SECRET = 'hunter2-is-plain'

type Ended = { exit: number; stdout: string; stderr: string; started: string[]; log: string }
type Step = { gcloud: string[]; select?: string; more?: object; inputs?: object }

/**
 * Runs a command with a runbook of one step, in a sandbox, with a gcloud of our own on the PATH: it writes down how it
 * was started, and prints `prints` whatever it is asked. So what is started and what is kept is seen for any command.
 */
async function breakglass(command: string[], { gcloud, select, more, inputs }: Step, prints: object = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'breakglass-reads-'))
  atTheEnd(() => rmSync(folder, { recursive: true, force: true }))
  for (const name of ['bin', 'runbooks', 'runbooks/scenarios']) mkdirSync(join(folder, name))
  const write = (name: string, content: object) => writeFileSync(join(folder, 'runbooks', name), stringify(content))
  const metadata = (name: string) => ({ name, title: name, description: 'Nothing real.', risk: 'low' })
  write('inventory.yaml', {
    apiVersion: 'breakglass/v1',
    kind: 'Inventory',
    metadata: { name: 'heron' },
    environments: { live: { project: 'heron-live', region: 'us-central1' } },
  })
  const { name, title } = metadata('empty')
  write('scenarios/empty.yaml', {
    apiVersion: 'breakglass/v1',
    kind: 'Scenario',
    metadata: { name, title },
    inventory: '../inventory.yaml',
    projects: { 'heron-live': { number: '271828182845' } },
  })
  const observe = { gcloud, select: { it: `\${{ ${select ?? 'result.name'} }}` } }
  write('one.yaml', {
    apiVersion: 'breakglass/v1',
    kind: 'Runbook',
    metadata: metadata('one'),
    ...(inputs ? { inputs } : {}),
    steps: [{ id: 'it', title: 'it is so', observe, expect: { it: 'as it should be' }, ...more }],
  })
  const answer = join(folder, 'answer.json')
  writeFileSync(answer, JSON.stringify(prints))
  const starts = join(folder, 'starts')
  const script = `#!/bin/sh\necho "$*" >> '${starts}'\nexec /bin/cat '${answer}'\n`
  writeFileSync(join(folder, 'bin', 'gcloud'), script, { mode: 0o755 })
  symlinkSync(process.execPath, join(folder, 'bin', 'node'))
  const env = { PATH: join(folder, 'bin'), HOME: folder, TMPDIR: folder, BREAKGLASS_LOCKS: join(folder, 'locks') }
  return new Promise<Ended>((resolve) => {
    const child = execFile(process.execPath, [main, ...command], { env, cwd: folder }, (error, stdout, stderr) => {
      const log = join(folder, 'logs', 'INC-1', 'audit.jsonl')
      resolve({
        exit: error ? Number(error.code) : 0,
        stdout: stdout.replace(/\s+/g, ' '),
        stderr: stderr.replace(/\s+/g, ' '),
        started: existsSync(starts) ? readFileSync(starts, 'utf8').trimEnd().split('\n') : [],
        log: existsSync(log) ? readFileSync(log, 'utf8') : '',
      })
    })
    child.stdin?.end()
  })
}

const check = ['check', 'one', '--env', 'live', '--sandbox', 'empty']
const run = ['run', 'one', '--env', 'live', '--sandbox', 'empty', '--incident', 'INC-1', '--reason', 'a test', '--yes']
const describe = ['run', 'services', 'describe', 'web', '--region', 'us-central1']

test('what is known to read is started, with the project and nothing else', async () => {
  const ended = await breakglass(check, { gcloud: describe }, { name: 'as it should be' })
  expect(ended, ended.stderr).toMatchObject({ exit: 0 })
  expect(ended.started).toEqual([`${describe.join(' ')} --project=heron-live --format=json --quiet`])
})

const refused: [why: string, gcloud: string[], said: string][] = [
  ['lists client secrets', ['iap', 'oauth-clients', 'list', 'brand'], 'exposes a secret'],
  ['describes activation keys', ['vmware', 'private-clouds', 'hcx', 'activationkeys', 'list'], 'exposes a secret'],
  ['reads applications with their credentials', ['apigee', 'applications', 'describe', 'a'], 'exposes a secret'],
  ['describes a stored parameter', ['parametermanager', 'parameters', 'versions', 'describe', '1'], 'exposes a secret'],
  ['reads a setting of gcloud', ['config', 'get', 'proxy/password'], 'is not a known read-only command'],
  ['reads a local file', ['dns', 'record-sets', 'transaction', 'describe'], 'is not a known read-only command'],
  [
    'writes a file',
    ['kms', 'keys', 'versions', 'describe', '1', '--attestation-file=/tmp/x'],
    '`--attestation-file` is not',
  ],
  [
    'shows guest attributes',
    ['compute', 'instances', 'describe', 'vm', '--guest-attributes=a/'],
    '`--guest-attributes` is not',
  ],
  [
    'adds headers',
    ['storage', 'buckets', 'describe', 'gs://b', '--additional-headers=A=b'],
    '`--additional-headers` is not',
  ],
  ['shows values', ['runtime-config', 'configs', 'variables', 'list', '--values'], '`--values` is not'],
  ['asks another server', [...describe, '--platform=gke'], '`--platform` is not'],
  ['reads another project', ['run', 'services', 'list', '--namespace=other'], '`--namespace` is not'],
  ['says that flags end', [...describe, '--', 'x'], '`--` is not'],
  [
    'has an address for a region',
    ['run', 'services', 'describe', 'web', '--region=elsewhere.example/'],
    'is not a valid location',
  ],
  ['has one for a location', ['secrets', 'list', '--location', 'elsewhere.example?'], 'is not a valid location'],
]

test.each(refused)('a command that %s is never started, and its place is said', async (_, gcloud, said) => {
  const ended = await breakglass(check, { gcloud }, { name: SECRET })
  expect(ended).toMatchObject({ exit: 2, started: [], log: '' })
  expect(ended.stdout + ended.stderr).toContain(said)
  expect(ended.stdout + ended.stderr).toMatch(/runbooks\/one\.yaml:\d+:\d+/)
})

test.each([run, ['plan', ...check.slice(1)], ['validate']])('and so says %s', async (...command) => {
  const ended = await breakglass(command, { gcloud: ['iap', 'oauth-clients', 'list', 'brand'] }, { name: SECRET })
  expect(ended).toMatchObject({ exit: 2, started: [], log: '' })
  expect(ended.stdout + ended.stderr).toContain('exposes a secret')
})

test('nor is one where an http check takes its URL from', async () => {
  const gcloud = describe
  const more = {
    observe: undefined,
    expect: undefined,
    http: { from: ['iap', 'oauth-clients', 'list'], url: 'https://${{ result.x }}/', status: 200 },
  }
  expect(await breakglass(check, { gcloud, more }, [])).toMatchObject({ exit: 2, started: [] })
})

test.each([
  ['a whole one', '${{ inputs.at }}'],
  ['a part of one', 'us-${{ inputs.at }}'],
])('a place that an input gives, %s, is a name: neither a read nor a change asks another server', async (_, place) => {
  const inputs = { at: { type: 'string', default: 'elsewhere.example?' } }
  const reading = { gcloud: ['run', 'services', 'describe', 'web', '--region', place], inputs }
  const apply = { gcloud: ['run', 'services', 'update', 'web', '--ingress=all', `--region=${place}`] }
  const changing = { gcloud: describe, more: { apply, undo: { cannotBeUndone: 'never' } }, inputs }
  for (const step of [reading, changing]) {
    const ended = await breakglass(run, step, { name: 'not so' })
    expect(ended, ended.stderr).toMatchObject({ exit: 2, started: [] })
    expect(ended.stdout + ended.stderr).toContain('is not a valid location')
  }
})

const variables = { spec: { template: { spec: { containers: [{ env: [{ name: 'KEY', value: SECRET }] }] } } } }
const vm = { name: 'vm', metadata: { items: [{ key: 'startup-script', value: SECRET }] } }
const cluster = { name: 'c', masterAuth: { clientCertificate: 'public', clientKey: SECRET } }
const redacted: [what: string, gcloud: string[], prints: object, select: string][] = [
  ['an environment variable', describe, variables, 'result.spec.template.spec.containers[0].env[0].value'],
  [
    'a variable with a default for it',
    describe,
    variables,
    "result.spec.template.spec.containers[0].env[0].?value.orValue('as it should be')",
  ],
  ['all that was printed', describe, variables, 'result'],
  [
    "an instance's metadata",
    ['compute', 'instances', 'describe', 'vm', '--zone=z'],
    vm,
    'result.metadata.items[0].value',
  ],
  [
    "a cluster's key",
    ['container', 'clusters', 'describe', 'c', '--location=l'],
    cluster,
    'result.masterAuth.clientKey',
  ],
  [
    "a function's variable",
    ['functions', 'describe', 'f', '--region=r'],
    { serviceConfig: { environmentVariables: { KEY: SECRET } } },
    "result.serviceConfig.environmentVariables['KEY']",
  ],
]

test.each(redacted)('%s makes a step unknown, and is neither shown nor kept', async (_, gcloud, prints, select) => {
  const more = {
    apply: { gcloud: ['run', 'services', 'delete', 'web', '--region=r'] },
    undo: { cannotBeUndone: 'never' },
  }
  for (const command of [[...check, '--json'], run]) {
    const ended = await breakglass(command, { gcloud, select, more }, prints)
    const all = ended.stdout + ended.stderr + ended.log
    expect(ended.exit, all).toBe(1)
    expect(all).toContain('is redacted')
    expect(all).not.toContain(SECRET)
    expect([...new Set(ended.started)]).toEqual([`${gcloud.join(' ')} --project=heron-live --format=json --quiet`])
  }
})

test('validate warns of a value that is redacted, with its place', async () => {
  const [, gcloud, , select] = redacted[0]!
  const ended = await breakglass(['validate'], { gcloud, select })
  expect(ended.exit, ended.stderr).toBe(0)
  expect(ended.stdout + ended.stderr).toMatch(/one\.yaml:\d+:\d+: warning: `value` is redacted/)
})
