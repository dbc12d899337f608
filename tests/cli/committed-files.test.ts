import { execFileSync } from 'node:child_process'
import { cpSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { finish, main, root } from '../incident/cli.ts'

let folder: string
let home: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'breakglass-committed-'))
  home = join(folder, 'home')
  mkdirSync(join(home, 'bin'), { recursive: true })
  symlinkSync(process.execPath, join(home, 'bin', 'node'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Runs one command line in a folder below, where no gcloud is installed; it must do what it was asked. */
async function breakglass(at: string, ...argv: string[]): Promise<void> {
  const environment = { PATH: join(home, 'bin'), HOME: home, BREAKGLASS_LOCKS: join(folder, 'locks') }
  const { exit, stderr } = await finish([process.execPath, main, ...argv], join(folder, at), environment)
  expect(exit, `${argv.join(' ')}: ${stderr}`).toBe(0)
}

/** The lines of all files at a place that name something of this machine: a place of the test, the package, or any absolute path of a text. */
function machineNames(at: string): string[] {
  const paths = readdirSync(join(folder, at), { recursive: true, encoding: 'utf8' })
  return paths.filter((path) => lstatSync(join(folder, at, path)).isFile()).flatMap((path) => namesIn(join(at, path)))
}

const namesIn = (path: string): string[] =>
  readFileSync(join(folder, path), 'utf8')
    .split('\n')
    .filter((line) => [folder, root, home].some((place) => line.includes(place)) || /\$schema["':= ]+\//.test(line))
    .map((line) => `${path}: ${line}`)

test('init writes files that are the same on every machine', async () => {
  await breakglass('.', 'init', 'one')
  await breakglass('.', 'init', 'deep/in/two')
  expect([...machineNames('one'), ...machineNames('deep')]).toEqual([])
  for (const path of readdirSync(join(folder, 'one'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    lstatSync(join(folder, 'one', name)).isFile(),
  ))
    expect(readFileSync(join(folder, 'deep/in/two', path), 'utf8'), path).toBe(
      readFileSync(join(folder, 'one', path), 'utf8'),
    )
})

test.each([
  ['from the example', ['new', 'web-opens']],
  ['from a script', ['new', 'by-hand', '--from-shell', join(root, 'tests/author/incident.sh')]],
])('new writes a runbook %s that is the same on every machine, and whose schema is there', async (_, argv) => {
  await breakglass('.', 'init', 'team')
  rmSync(join(folder, 'team/schemas'), { recursive: true })
  await breakglass('team', ...argv)
  expect(machineNames('team')).toEqual([])
  const text = readFileSync(join(folder, `team/runbooks/${argv[1]}.yaml`), 'utf8')
  const schema = /\$schema=(\S+)/.exec(text)?.[1] ?? ''
  expect(JSON.parse(readFileSync(join(folder, 'team/runbooks', schema), 'utf8'))).toHaveProperty('title', 'Runbook')
})

test('snapshot, contract and a record name nothing of this machine', async () => {
  mkdirSync(join(folder, 'team'))
  cpSync(join(root, 'runbooks'), join(folder, 'team/runbooks'), { recursive: true })
  await breakglass('team', 'snapshot', 'access-posture', '--env', 'prod', '--sandbox', 'conformant')
  await breakglass('team', 'contract')
  execFileSync('git', ['init', '-q'], { cwd: join(folder, 'team') })
  await breakglass('team', 'rehearse', 'incident-2026-02-27', '--yes', '--incident', 'INC-1')
  rmSync(join(folder, 'team/.git'), { recursive: true })
  expect(machineNames('team').filter((line) => !line.startsWith('team/logs/'))).toEqual([])
  expect(namesIn('team/logs/INC-1/record.md')).toEqual([])
})
