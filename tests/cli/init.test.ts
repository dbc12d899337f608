import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { finish, main } from '../incident/cli.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'breakglass-init-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

const breakglass = (...argv: string[]) =>
  finish([process.execPath, main, ...argv], folder, { PATH: '/usr/bin:/bin', HOME: folder })

const write = (path: string, text: string) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}

/** Every file below the folder and its text. */
const everything = (): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => lstatSync(join(folder, path)).isFile())
      .map((path) => [path, readFileSync(join(folder, path), 'utf8')]),
  )

const all = [
  'runbooks/inventory.yaml',
  'runbooks/public-service.yaml',
  'runbooks/scenarios/first-rehearsal.yaml',
  'logs/README.md',
  '.gitignore',
  '.vscode/settings.json',
  'schemas/inventory.schema.json',
  'schemas/runbook.schema.json',
  'schemas/scenario.schema.json',
]

test('an empty folder becomes a workspace whose files are valid', async () => {
  const { exit, stdout } = await breakglass('init', '--json')
  expect(exit).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ workspace: folder, created: all, kept: [], logsIgnored: true })
  expect(Object.keys(everything()).sort()).toEqual([...all].sort())
  expect(await breakglass('validate')).toMatchObject({ exit: 0, stdout: '3 files, no problems.\n' })
})

test('editors find the schemas, from each file and from the settings', async () => {
  await breakglass('init')
  const files = everything()
  for (const path of all.slice(0, 3)) {
    const named = /^# yaml-language-server: \$schema=(\S+)\n/.exec(files[path] ?? '')?.[1] ?? ''
    expect(JSON.parse(readFileSync(resolve(folder, dirname(path), named), 'utf8'))).toHaveProperty('$id')
  }
  const schemas = JSON.parse(files['.vscode/settings.json'] ?? '')['yaml.schemas']
  expect(Object.values(schemas)).toHaveLength(3)
  for (const schema of Object.keys(schemas)) expect(readFileSync(resolve(folder, schema), 'utf8')).toContain('$schema')
})

test('a package installed above the folder is named by a relative path', async () => {
  write('node_modules/breakglass/schemas/runbook.schema.json', '{}')
  await breakglass('init', 'team/one')
  const text = everything()['team/one/runbooks/public-service.yaml']
  expect(text).toContain('$schema=../../../node_modules/breakglass/schemas/runbook.schema.json\n')
  const settings = everything()['team/one/.vscode/settings.json'] ?? ''
  expect(Object.keys(JSON.parse(settings)['yaml.schemas'])).toContain(
    '../../node_modules/breakglass/schemas/runbook.schema.json',
  )
})

test('what is there already stays byte for byte, and is named', async () => {
  const mine = Object.fromEntries(all.filter((_, index) => index % 2 === 0).map((path) => [path, `mine: ${path}\n`]))
  for (const [path, text] of Object.entries(mine)) write(path, text)
  const { exit, stdout, stderr } = await breakglass('init', '--json')
  expect(exit).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    kept: Object.keys(mine),
    created: all.filter((path) => !Object.hasOwn(mine, path)),
    logsIgnored: false,
  })
  expect(everything()).toMatchObject(mine)
  expect(stderr).toContain('Add to .gitignore, so that no log is committed: logs/*  !logs/README.md')
})

test('a second time changes nothing and keeps everything', async () => {
  await breakglass('init')
  const before = everything()
  const { exit, stdout } = await breakglass('init', '--json')
  expect(exit).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ created: [], kept: all })
  expect(everything()).toEqual(before)
})

test('nothing is written through a link that leads nowhere', async () => {
  symlinkSync(join(folder, 'elsewhere'), join(folder, '.gitignore'))
  expect(JSON.parse((await breakglass('init', '--json')).stdout)).toMatchObject({ kept: ['.gitignore'] })
  expect(Object.keys(everything())).not.toContain('elsewhere')
})

test('a link that leads nowhere is in the way of a folder', async () => {
  symlinkSync(join(folder, 'elsewhere'), join(folder, 'runbooks'))
  expect(await breakglass('init')).toMatchObject({ exit: 2, stderr: expect.stringContaining('runbooks is a file') })
  expect(everything()).toEqual({})
})

test.each([
  ['the folder itself', 'desk', ['init', 'desk'], 'desk is a file, but a folder is needed there'],
  ['a folder on the way', 'desk', ['init', 'desk/team'], 'desk is a file, but a folder is needed there'],
  ['runbooks/', 'runbooks', ['init'], 'runbooks is a file, but a folder is needed there'],
  ['.vscode/', '.vscode', ['init'], '.vscode is a file, but a folder is needed there'],
])('a file in the place of %s stops it before anything is created', async (_, path, argv, message) => {
  write(path, 'mine\n')
  const { exit, stderr } = await breakglass(...argv)
  expect(exit).toBe(2)
  expect(stderr).toContain(`${message}\nhint: move it, or choose another folder`)
  expect(everything()).toEqual({ [path]: 'mine\n' })
})

test('a folder in the place of a file stops it before anything is created', async () => {
  mkdirSync(join(folder, 'runbooks', 'inventory.yaml'), { recursive: true })
  const { exit, stderr } = await breakglass('init')
  expect(exit).toBe(2)
  expect(stderr).toContain('inventory.yaml is a folder, but a file is needed there')
  expect(everything()).toEqual({})
})

test('it says what to do next, from where the person is', async () => {
  const { stdout } = await breakglass('init', 'my team')
  expect(stdout).toContain("\nNext:\n  cd 'my team'\n  breakglass rehearse first-rehearsal ")
})
