import { execFile, execFileSync } from 'node:child_process'
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
import { beforeAll, expect, test, vi } from 'vitest'
import { findProgram, trustedPath, untrustedFolders } from '../../engine/programs/find-program.ts'
import { atTheEnd } from '../at-the-end.ts'

vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 })

const engine = fileURLToPath(new URL('../../engine/', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'breakglass-programs-'))
atTheEnd(() => rmSync(folder, { recursive: true, force: true }))
const [team, tools, trace] = [join(folder, 'team'), join(folder, 'tools'), join(folder, 'TRACE')]
const NAMES = ['gcloud', 'git', 'ssh-keygen', 'ssh-add', 'bash', 'sh', 'python3', 'env', 'cat', 'own-tool']

/** Runs `breakglass …` in the team's workspace with something in front of the PATH. */
function breakglass(argv: string[], path: string): Promise<{ exit: number; output: string }> {
  const env = { PATH: path, HOME: folder, TMPDIR: folder, BREAKGLASS_LOCKS: join(folder, 'locks') }
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [join(engine, 'main.ts'), ...argv],
      { env, cwd: team },
      (error, out, err) => resolve({ exit: error ? Number(error.code) : 0, output: `${out}${err}` }),
    )
    child.stdin?.end()
  })
}

beforeAll(() => {
  mkdirSync(tools)
  for (const name of ['git', 'ssh-keygen', 'ssh-add', 'bash', 'sh', 'env', 'cat'])
    symlinkSync(execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim(), join(tools, name))
  symlinkSync(process.execPath, join(tools, 'node'))
  const env = { PATH: tools, HOME: folder }
  execFileSync(process.execPath, [join(engine, 'main.ts'), 'init', team], { env })
  const runbook = join(team, 'runbooks', 'public-service.yaml')
  writeFileSync(join(team, 'check.sh'), '#!/usr/bin/env bash\ncat /dev/null\ngit --version\n')
  chmodSync(join(team, 'check.sh'), 0o755)
  writeFileSync(
    runbook,
    `${readFileSync(runbook, 'utf8')}  - id: own-script
    title: The team's own script
    script:
      run: [./check.sh]
      exitCodes: { drift: [1] }
backfill:
  - file: check.sh
    points:
      - { says: The check asks git., text: git }
`,
  )
  execFileSync('git', ['-C', team, 'init', '--quiet'], { env })
  execFileSync('git', ['-C', team, 'add', '.'], { env })
  execFileSync('git', ['-C', team, '-c', 'user.name=A', '-c', 'user.email=a@example.test', 'commit', '-qm', 'a'], {
    env,
  })
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'key')])
  const shared = join(folder, 'shared')
  mkdirSync(shared)
  chmodSync(shared, 0o1777)
  for (const place of [team, join(team, 'bin'), shared]) {
    mkdirSync(place, { recursive: true })
    for (const name of NAMES) {
      writeFileSync(join(place, name), `#!/bin/sh\necho "$0 $*" >> '${trace}'\nexit 0\n`)
      chmodSync(join(place, name), 0o755)
    }
  }
})

const PLACES = ['.', '', 'bin', './bin', '..//team', '/proc/self/cwd', '/dev/../proc/self/cwd/bin', 'SHARED']

test.each(PLACES)(
  'no program is started from the PATH entry %j: not git, ssh-keygen, bash, a tool of a script or gcloud',
  async (given) => {
    const first = given === 'SHARED' ? join(folder, 'shared') : given
    rmSync(trace, { force: true })
    const argv = ['rehearse', 'first-rehearsal', '--yes', '--repo', '.', '--sign-key', join(folder, 'key')]
    const { exit, output } = await breakglass(argv, `${first}:${tools}:${first}`)
    expect({ exit, planted: existsSync(trace) ? readFileSync(trace, 'utf8') : '' }, output).toEqual({
      exit: 0,
      planted: '',
    })
    expect(output).not.toMatch(/without a signature|not signed|could not/i)
  },
)

test.each(['.', '', 'bin'])(
  "a person's own command in the sandbox isn't found in the PATH entry %j either, nor is what it starts",
  async (first) => {
    rmSync(trace, { force: true })
    const alone = await breakglass(['sandbox', 'first-rehearsal', '--', 'own-tool'], `${first}:${tools}`)
    expect(alone).toMatchObject({
      exit: 127,
      output: expect.stringContaining('own-tool could not be started: it is not on the PATH'),
    })
    await breakglass(
      ['sandbox', 'first-rehearsal', '--', 'bash', '-c', 'gcloud; git --version; own-tool'],
      `${first}:${tools}`,
    )
    expect(existsSync(trace)).toBe(false)
  },
)

test('what is not searched is named by doctor', async () => {
  const { output } = await breakglass(['doctor'], `.::bin:/proc/self/cwd:${tools}`)
  expect(output).toContain(
    'not searched for programs, because anyone could put one there: ., (empty), bin, /proc/self/cwd',
  )
})

test('a program is found in a folder of our own or the system, also where a build machine lets all write to it', () => {
  const open = join(folder, 'open')
  mkdirSync(open)
  chmodSync(open, 0o777)
  symlinkSync(join(tools, 'git'), join(open, 'git'))
  const path = `relative:${open}::${tools}:/tmp`
  expect(findProgram('git', path)).toBe(join(open, 'git'))
  expect(trustedPath(path)).toBe(`${open}:${tools}`)
  expect(untrustedFolders(path)).toEqual(['relative', '', '/tmp'])
  expect([findProgram('git', undefined), findProgram('git', ''), trustedPath(undefined)]).toEqual([
    undefined,
    undefined,
    '',
  ])
})

test('programs are started in these files and no others, each by what one function has found', () => {
  const starting = readdirSync(engine, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .filter((name) => /from 'node:child_process'|'execa'|'zx/.test(readFileSync(join(engine, name), 'utf8')))
  expect(starting.sort()).toEqual([
    'disk/process-identity.ts',
    'gcloud/ask-parser.ts',
    'gcloud/cold.ts',
    'gcloud/warm/warm.ts',
    'git/git.ts',
    'main.ts',
    // prlimit, from the folders of the system alone.
    'no-dumps.ts',
    'sandbox/apis/load.ts',
    'script/run-script.ts',
    'ssh/keygen.ts',
  ])
  const finding = readdirSync(engine, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && readFileSync(join(engine, name), 'utf8').includes('findProgram('),
  )
  expect(finding.sort()).toEqual([
    'gcloud/find.ts',
    'git/checkout.ts',
    'git/git.ts',
    'main.ts',
    'programs/find-program.ts',
    'sandbox/apis/sdk.ts',
    'script/run-script.ts',
    'ssh/keygen.ts',
  ])
})
