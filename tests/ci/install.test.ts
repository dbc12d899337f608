import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { action, environmentOf, root } from './action.ts'

const limit = { timeout: 300_000 }

/** A checkout of the action as GitHub makes one, with nothing installed, and a job's own checkout beside it. */
const base = mkdtempSync(join(tmpdir(), 'breakglass-action-'))
afterAll(() => rmSync(base, { recursive: true, force: true }))
const [checkout, job, bin] = [join(base, 'action'), join(base, 'job'), join(base, 'bin')]

beforeAll(() => {
  const files = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split('\0')
  for (const file of files.filter((each) => each !== '' && existsSync(join(root, each)))) {
    mkdirSync(dirname(join(checkout, file)), { recursive: true })
    cpSync(join(root, file), join(checkout, file))
  }
  cpSync(join(root, 'runbooks'), join(job, 'runbooks'), { recursive: true })
  mkdirSync(bin)
  symlinkSync(process.execPath, join(bin, 'node'))
})

/** Carries out all steps of the action in their order, as GitHub does: each in its shell, with its inputs in its environment. */
function carryOut(given: Record<string, string>): { exit: number; stdout: string } {
  let stdout = ''
  for (const step of action.runs.steps) {
    expect(step.shell).toBe('bash')
    const environment = {
      // The Node that the job set up, and whatever npm the machine has.
      PATH: `${bin}:${process.env.PATH}`,
      HOME: process.env.HOME ?? base,
      npm_config_prefer_offline: 'true',
      GITHUB_ACTION_PATH: checkout,
      ...environmentOf(step, given),
    }
    const argv = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run]
    try {
      stdout += execFileSync('bash', argv, {
        cwd: job,
        env: environment,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      })
    } catch (error) {
      const { status, stdout: said, stderr } = error as { status: number; stdout: string; stderr: string }
      return { exit: status, stdout: `${stdout}${said}${stderr}` }
    }
  }
  return { exit: 0, stdout }
}

const wanted = { runbooks: 'run-parity', environments: 'stage,prod', workspace: '.' }

test('the action installs itself in a bare checkout, without what it is developed with, and checks', limit, () => {
  expect(action.runs.using).toBe('composite')
  expect(existsSync(join(checkout, 'node_modules'))).toBe(false)
  const { exit, stdout } = carryOut({ ...wanted, sandbox: 'conformant' })
  expect({ exit, stdout }).toMatchObject({ exit: 0 })
  const installed = readdirSync(join(checkout, 'node_modules'))
  expect(installed).toContain('commander')
  expect(installed).not.toContain('vitest')
  expect(readdirSync(job)).not.toContain('node_modules')
})

test('its installation is the one that decides: what drifted fails the job', limit, () => {
  const { exit, stdout } = carryOut({ ...wanted, environments: 'prod', sandbox: 'incident-2026-02-27' })
  expect(exit).toBe(3)
  expect(stdout).toMatch(/^::error file=runbooks\/run-parity\.yaml,line=\d+/m)
})
