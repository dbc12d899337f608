import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { finish, folderOf, main } from '../incident/cli.ts'

let folder: string

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'breakglass-validate-'))
  await breakglass('init')
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

const environment = () => ({ PATH: [folderOf('gcloud'), '/usr/bin', '/bin'].join(':'), HOME: folder })
const breakglass = (...argv: string[]) => finish([process.execPath, main, ...argv], folder, environment())

const runbook = () => join(folder, 'runbooks', 'public-service.yaml')

/** Changes one place of a file, which must be there. */
function change(file: string, from: string, to: string): void {
  const text = readFileSync(file, 'utf8')
  if (!text.includes(from)) throw new Error(`${file} has no ${from}`)
  writeFileSync(
    file,
    text.replace(from, () => to),
  )
}

/** The line of the only change that a new workspace's runbook makes. */
const applied = () =>
  readFileSync(runbook(), 'utf8')
    .split('\n')
    .findIndex((line) => line.includes('--no-invoker-iam-check]')) + 1

type Answer = { gcloud: { asked: number }; diagnostics: { line: number; column: number; message: string }[] }

test("gcloud's own commands and flags are known: the mistake is shown with its place and what was meant", async () => {
  change(runbook(), '--ingress=all,', '--ingres=all,')
  const { exit, stdout } = await breakglass('validate')
  expect(exit).toBe(2)
  expect(stdout).toContain(
    `runbooks/public-service.yaml:${applied()}:97: \`gcloud run services update\` has no flag \`--ingres\``,
  )
  expect(stdout).toMatch(/> \d+ \|.*--ingres=all.*\n {5}\| +\^{8}\n/)
  expect(stdout).toContain('hint: did you mean `--ingress`?')
})

test('what can only be odd is a warning, and no reason to refuse', async () => {
  const [read, other] = [
    'gcloud: [run, services, describe, "${{ service.name }}"',
    'gcloud: [run, revisions, describe, "${{ service.name }}"',
  ]
  change(runbook(), read, other)
  const { exit, stdout } = await breakglass('validate')
  expect(stdout).toContain('warning: `observe` reads `run revisions`, but `apply` changes `run services`')
  expect(stdout).toContain('1 warning in 1 of 3 files.')
  expect(exit).toBe(0)
})

test('a scenario names runbooks and an environment that there are', async () => {
  const scenario = join(folder, 'runbooks/scenarios/first-rehearsal.yaml')
  change(scenario, '[public-service]', '[public-servce]')
  change(scenario, 'environment: prod', 'environment: prd')
  const { exit, stdout } = await breakglass('validate')
  expect(exit).toBe(2)
  expect(stdout).toContain('first-rehearsal.yaml:13:14: there is no runbook `public-servce`')
  expect(stdout).toContain('first-rehearsal.yaml:14:16: there is no environment `prd`')
})

test("--deep asks gcloud's own parser about every command line that the environments bind", async () => {
  const fine = JSON.parse((await breakglass('validate', '--deep', '--json')).stdout) as Answer
  // The read and the change; the undo of what is as it must be is the same command again.
  expect(fine).toMatchObject({ gcloud: { asked: 2 }, diagnostics: [] })
  change(runbook(), '--ingress=all,', '--ingress=all, --clear-env-vars, --set-env-vars=A=B,')
  change(
    runbook(),
    '- --ingress=${{ before.ingress }}',
    '- --ingress=${{ before.ingress }}\n        - --set-env-vars=A=C',
  )
  const { exit, stdout } = await breakglass('validate', '--deep', '--json')
  expect(exit).toBe(2)
  const said = (JSON.parse(stdout) as Answer).diagnostics.map(({ line, message }) => `${line} ${message}`).join('\n')
  expect(said).toContain(
    `${applied()} gcloud's own parser refuses this command, as \`prod\` binds it: argument --clear-env-vars`,
  )
}, 240_000)

test('--deep without a gcloud says so', async () => {
  const bare = { ...environment(), PATH: dirname(process.execPath) }
  const { exit, stderr } = await finish([process.execPath, main, 'validate', '--deep'], folder, bare)
  expect(exit).toBe(2)
  expect(stderr).toContain('no gcloud is installed')
})

test('--watch validates again when a file changes, until it is interrupted', async () => {
  const child = spawn(process.execPath, [main, 'validate', '--watch'], { cwd: folder, env: environment() })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  const heard = (text: string) => expect.poll(() => said, { timeout: 60_000 }).toContain(text)
  try {
    await heard('Watching for changes; press Ctrl-C to stop.')
    change(runbook(), '--ingress=all,', '--ingres=all,')
    await heard('1 problem in 1 of 3 files.')
    said = ''
    change(runbook(), '--ingres=all,', '--ingress=all,')
    await heard('3 files, no problems.')
  } finally {
    child.kill('SIGINT')
  }
  expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0)
})
