import { execFile } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import type { Readiness } from '../../engine/base/readiness.ts'
import { judgeRoom } from '../../engine/disk/logs/disk-space.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const main = join(root, 'engine', 'main.ts')
const folder = mkdtempSync(join(tmpdir(), 'breakglass-doctor-'))
const programs = join(folder, 'programs')
mkdirSync(programs)
symlinkSync(process.execPath, join(programs, 'node'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const limit = { timeout: 240_000 }
const TOKEN = 'ya29.not-a-real-token'

type Ended = { exit: number; stdout: string; stderr: string }
type Given = { path?: string; variables?: Record<string, string>; cwd?: string }

/** Runs `breakglass …` without the caller's environment. */
function breakglass(argv: string[], given: Given = {}, before: string[] = []): Promise<Ended> {
  const { path = programs, variables = {}, cwd = root } = given
  const env = { PATH: path, HOME: folder, TMPDIR: folder, BREAKGLASS_LOCKS: join(folder, 'locks'), ...variables }
  const [file = '', ...words] = [...before, process.execPath, main, ...argv]
  return new Promise((resolve) => {
    execFile(file, words, { cwd, env }, (error, stdout, stderr) =>
      resolve({ exit: error ? Number(error.code) : 0, stdout, stderr }),
    ).stdin?.end()
  })
}

/** Does the same in an isolated, empty network. */
const alone = (argv: string[], given: Given): Promise<Ended> => breakglass(argv, given, ['/usr/bin/unshare', '-rn'])

/** Creates an SDK whose gcloud is a script; it records each of its calls. */
function fakeSdk(
  name: string,
  version: string,
  components: string[],
  config: object,
): { path: string; calls(): string[] } {
  const sdk = join(folder, name)
  mkdirSync(join(sdk, 'bin'), { recursive: true })
  mkdirSync(join(sdk, '.install'))
  for (const component of components) writeFileSync(join(sdk, '.install', `${component}.manifest`), '')
  writeFileSync(join(sdk, 'VERSION'), `${version}\n`)
  writeFileSync(
    join(sdk, 'bin', 'gcloud'),
    `#!/bin/sh
echo "$*" >> '${sdk}/calls'
case "$*" in
  'config list '*) echo '${JSON.stringify(config)}' ;;
  'auth print-access-token '*) echo '{"token": "${TOKEN}"}' ;;
  *) exit 2 ;;
esac
`,
  )
  chmodSync(join(sdk, 'bin', 'gcloud'), 0o755)
  return {
    path: `${programs}:${join(sdk, 'bin')}`,
    calls: () => (existsSync(join(sdk, 'calls')) ? readFileSync(join(sdk, 'calls'), 'utf8').trim().split('\n') : []),
  }
}

const checksOf = ({ stdout }: Ended): Record<string, Readiness> =>
  Object.fromEntries((JSON.parse(stdout) as { checks: Readiness[] }).checks.map((each) => [each.name, each] as const))
const loggedIn = { core: { account: 'on-call@example.com' } }

test('an old SDK without a network: each check has its own result, and no token is printed', limit, async () => {
  const sdk = fakeSdk('old', '400.0.0', ['core'], loggedIn)
  const ended = await alone(['doctor', 'access-posture', '--env', 'prod', '--json'], {
    path: sdk.path,
    variables: { CLOUDSDK_CORE_PROJECT: 'other' },
  })
  expect(ended.exit, ended.stderr).toBe(1)
  expect(Object.values(checksOf(ended)).map(({ name, status }) => [name, status])).toEqual([
    ['gcloud', 'warning'],
    ['components', 'failed'],
    ['warm gcloud', 'warning'],
    ['environment', 'warning'],
    ['configuration', 'ok'],
    ['account', 'ok'],
    ['network', 'failed'],
    ['clock', 'skipped'],
    ['project', 'skipped'],
    ['permissions', 'skipped'],
    ['github', 'ok'],
    ['logs', 'ok'],
  ])
  expect(ended.stdout + ended.stderr).not.toContain(TOKEN)
  expect(ended.stderr).toMatch(
    /failed +components +gcloud components not installed: beta\n +hint: run `gcloud components install beta`/,
  )
  expect(sdk.calls()).toHaveLength(2)
})

test('a setting that prints requests stops a live run before any request, and doctor reports it', limit, async () => {
  const sdk = fakeSdk('logging', '528.0.0', ['core', 'beta'], { core: { ...loggedIn.core, log_http: 'true' } })
  const run = await alone(
    [
      'run',
      'access-posture',
      '--env',
      'prod',
      '--incident',
      'INC-1',
      '--reason',
      'a test',
      '--yes',
      '--logs',
      join(folder, 'logs'),
    ],
    { path: sdk.path },
  )
  expect(run).toMatchObject({
    exit: 1,
    stdout: '',
    stderr: expect.stringContaining('gcloud config unset core/log_http'),
  })
  const ended = await alone(['doctor', '--json'], { path: sdk.path })
  expect(ended.exit).toBe(1)
  expect(checksOf(ended).configuration).toMatchObject({ status: 'failed' })
  expect(sdk.calls().every((call) => call.startsWith('config list'))).toBe(true)
  expect(existsSync(join(folder, 'logs', 'INC-1'))).toBe(false)
})

test('without gcloud, a sandbox passes all checks, except for a project that does not exist', limit, async () => {
  const ended = await breakglass(['doctor', 'runtime-identity', '--env', 'prod', '--sandbox', 'conformant', '--json'])
  expect(ended.exit, ended.stderr).toBe(0)
  const checks = checksOf(ended)
  expect(checks).toMatchObject({
    gcloud: { status: 'warning' },
    project: { status: 'ok', message: 'project jualuma-prod is reachable' },
    permissions: { status: 'ok' },
    logs: { status: 'ok' },
  })
  const elsewhere = join(folder, 'inventory.yaml')
  writeFileSync(
    elsewhere,
    readFileSync(join(root, 'runbooks', 'inventory.yaml'), 'utf8').replaceAll('jualuma-prod', 'not-there-1'),
  )
  const wrong = await breakglass([
    'doctor',
    '--env',
    'prod',
    '--sandbox',
    'conformant',
    '--inventory',
    elsewhere,
    '--json',
  ])
  expect(wrong.exit, wrong.stderr).toBe(1)
  expect(checksOf(wrong).project).toMatchObject({ status: 'failed' })
})

test('in a sandbox shell, doctor checks the sandbox', limit, async () => {
  const { exit, stdout } = await breakglass(['sandbox', 'conformant', '--', 'breakglass', 'doctor', '--env', 'prod'])
  expect({ exit, stdout }).toMatchObject({
    exit: 0,
    stdout: expect.stringMatching(/ok +network +sandbox conformant answers/),
  })
})

test('without a workspace, it checks the folder where logs would go', limit, async () => {
  const cwd = join(folder, 'nowhere')
  mkdirSync(cwd)
  writeFileSync(join(folder, 'a-file'), '')
  const ended = await breakglass(
    ['doctor', '--sandbox', 'conformant', '--json', '--logs', join(folder, 'a-file', 'logs')],
    { cwd },
  )
  expect(ended.exit, ended.stderr).toBe(1)
  expect(checksOf(ended).logs).toMatchObject({
    status: 'failed',
    message: expect.stringMatching(
      /cannot write to the log folder .*: a part of the path is a file, not a folder \(ENOTDIR\)/,
    ),
  })
  const plain = await alone(['doctor'], { cwd })
  expect(plain.exit).toBe(1)
  expect(plain.stdout).toMatch(/failed +gcloud +gcloud is not installed/)
  expect(readdirSync(cwd)).toEqual([])
})

test('a run that cannot write its logs fails and says why', limit, async () => {
  const ended = await breakglass([
    'rehearse',
    'conformant',
    '--yes',
    '--incident',
    'INC-1',
    '--logs',
    join(folder, 'a-file', 'logs'),
  ])
  expect(ended).toMatchObject({
    exit: 2,
    stderr: expect.stringContaining('a part of the path is a file'),
  })
})

test('little disk space for logs is a warning, almost none a failure', () => {
  expect(judgeRoom('/logs', 5 * 2 ** 20)).toMatchObject({ status: 'failed', message: expect.stringContaining('5 MB') })
  expect(judgeRoom('/logs', 50 * 2 ** 20).status).toBe('warning')
  expect(judgeRoom('/logs', 500 * 2 ** 20).status).toBe('ok')
})
