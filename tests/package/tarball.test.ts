import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { root } from '../incident/cli.ts'
import { type Installed, installPackage } from './installed.ts'

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
let installed: Installed
let before: string[]

beforeAll(() => {
  installed = installPackage()
  before = readdirSync(installed.home, { recursive: true, encoding: 'utf8' })
}, 240_000)

const limit = { timeout: 240_000 }

/** A folder beside the installed one, with nothing in it and no workspace above. */
function emptyFolder(name: string): string {
  const folder = join(installed.folder, '..', name)
  mkdirSync(folder)
  return folder
}

test('the tarball holds what is needed and nothing else', () => {
  const { files, size, unpackedSize } = installed.packed
  console.log(`tarball: ${files.length} files, ${size} bytes packed, ${unpackedSize} bytes unpacked`)
  const paths = files.map(({ path }) => path)
  const wanted =
    /^(dist\/(engine\/(.+\.js|(gcloud\/known-commands|gcloud-grammar\/known-reads|sandbox\/api-methods)\.json)|schemas\/([a-z-]+\.schema\.json|compiled\/(runbook|inventory|scenario|audit-entry)\.js))|engine\/breakglass\.js|engine\/(gcloud\/warm\/warm|sandbox\/apis\/describe)\.py|engine\/starter\/.+\.yaml|schemas\/[a-z-]+\.schema\.json|runbooks\/.+|logs\/README\.md|docs\/verify\.sh|README\.md|LICENSE|package\.json)$/
  const own = paths.filter((path) => !path.startsWith('node_modules/'))
  expect(own.filter((path) => !wanted.test(path))).toEqual([])
  expect(paths).toEqual(
    expect.arrayContaining([
      'dist/engine/main.js',
      'dist/schemas/compiled/runbook.js',
      'engine/breakglass.js',
      'runbooks/inventory.yaml',
      'runbooks/scenarios/incident-2026-02-27.yaml',
      'schemas/runbook.schema.json',
      'logs/README.md',
      'LICENSE',
    ]),
  )
  // Of these, less than half a megabyte is its own.
  expect(size).toBeLessThan(2_750_000)
})

test('every file of the runbooks and their scenarios travels with it', () => {
  const files = readdirSync(join(root, 'runbooks'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
  const packed = installed.packed.files.map(({ path }) => path).filter((path) => path.startsWith('runbooks/'))
  expect(packed.sort()).toEqual(files.sort())
})

type Locked = { version?: string; dev?: boolean; optional?: boolean; devOptional?: boolean }

test('what is installed with it is, version by version, what the lock says that was tested', () => {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, Locked>
  }
  const locked = Object.entries(packages).filter(
    ([path, { dev, optional, devOptional }]) => path !== '' && !dev && !optional && !devOptional,
  )
  expect(locked.length).toBeGreaterThan(15)
  // npm puts each either beside the package or into it; the one that is found from its folder is the one that runs.
  const found = locked.map(([path]) => {
    const places = [join(installed.home, path), join(installed.folder, path)]
    const file = places.map((place) => join(place, 'package.json')).find((place) => existsSync(place))
    return [path, file && JSON.parse(readFileSync(file, 'utf8')).version]
  })
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(locked.map(([path, { version: is }]) => [path, is])))
})

test('a newer version that its range allows is not taken in place of the one that it brings along', {
  timeout: 240_000,
}, () => {
  expect(installed.withOlder('yaml', '2.8.0')).toBe('2.8.0')
})

test('it runs what was built and knows its version', limit, async () => {
  expect(existsSync(join(installed.home, 'engine', 'main.ts'))).toBe(false)
  expect(await installed.npx('--version')).toMatchObject({ exit: 0, stdout: `${version}\n` })
})

test('init makes a workspace that validates, plans and rehearses', limit, async () => {
  const { npx, folder } = installed
  expect(await npx('init')).toMatchObject({ exit: 0 })
  expect(readFileSync(join(folder, '.vscode', 'settings.json'), 'utf8')).toContain(
    '"./node_modules/breakglass/schemas/runbook.schema.json"',
  )
  expect(readFileSync(join(folder, 'runbooks', 'scenarios', 'first-rehearsal.yaml'), 'utf8')).toMatch(
    /^# yaml-language-server: \$schema=\.\.\/\.\.\/node_modules\/breakglass\/schemas\/scenario\.schema\.json\n/,
  )
  expect(await npx('validate')).toMatchObject({ exit: 0, stdout: '3 files, no problems.\n' })
  expect(await npx('plan', 'public-service', '--env', 'prod', '--sandbox', 'first-rehearsal')).toMatchObject({
    exit: 0,
    stdout: expect.stringContaining('ingress: internal-and-cloud-load-balancing → all'),
  })
  expect(await npx('rehearse', 'first-rehearsal', '--yes')).toMatchObject({
    exit: 0,
    stdout: expect.stringMatching(/1 changed/),
  })
})

test('the incident is carried through, with its record in the folder', { timeout: 240_000 }, async () => {
  const { exit, stdout, stderr } = await installed.npx('rehearse', '--yes')
  expect({ exit, stdout, stderr }).toMatchObject({ exit: 0, stdout: expect.stringContaining('Done.') })
  expect(stderr).toContain('Rehearsing incident-2026-02-27 with the runbooks that come with Breakglass')
  const record = readFileSync(join(installed.folder, 'logs', 'rehearsal-incident-2026-02-27', 'record.md'), 'utf8')
  expect(record).toContain('REHEARSAL')
  expect(record).toContain('fake gcloud')
  expect(await installed.npx('audit', 'verify', 'rehearsal-incident-2026-02-27')).toMatchObject({ exit: 0 })
})

test('with no workspace, commands that change nothing real use what comes with the package', limit, async () => {
  const nowhere = emptyFolder('nowhere')
  const list = await installed.breakglass(nowhere, 'list', '--json')
  expect(list.stderr).toContain('No workspace here: using the runbooks that come with Breakglass')
  expect(JSON.parse(list.stdout).scenarios).toContainEqual(expect.objectContaining({ name: 'incident-2026-02-27' }))
  for (const argv of [
    ['show', 'access-posture'],
    ['show', 'access-posture', '--format', 'markdown'],
    ['completion', 'bash'],
    ['names', 'scenarios'],
    ['validate'],
    ['check', 'access-posture', '--env', 'prod', '--sandbox', 'conformant'],
    ['sandbox', 'conformant', '--', process.execPath, '--version'],
  ])
    expect(await installed.breakglass(nowhere, ...argv)).toMatchObject({ exit: 0 })
  expect(readdirSync(nowhere)).toEqual([])
})

test('with no workspace, commands about the real world say where to get one', limit, async () => {
  const nowhere = emptyFolder('nowhere-real')
  for (const argv of [
    ['check', 'access-posture', '--env', 'prod'],
    ['plan', 'access-posture', '--env', 'prod'],
    ['run', 'access-posture', '--env', 'prod', '--incident', 'INC-1', '--reason', 'it is down'],
  ])
    expect(await installed.breakglass(nowhere, ...argv)).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining('or make one with `breakglass init`'),
    })
})

test('with no workspace, a record or log that is not there is said to be not there', limit, async () => {
  const nowhere = emptyFolder('nowhere-logged')
  for (const argv of [
    ['record', 'INC-1'],
    ['audit', 'verify', 'INC-1'],
  ])
    expect(await installed.breakglass(nowhere, ...argv)).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining('there is no incident INC-1'),
    })
  expect(readdirSync(nowhere)).toEqual([])
})

test('a rehearsal with no workspace logs where the person is', { timeout: 240_000 }, async () => {
  const nowhere = emptyFolder('nowhere-rehearsed')
  expect(await installed.breakglass(nowhere, 'rehearse', 'conformant', '--yes')).toMatchObject({ exit: 0 })
  expect(readdirSync(nowhere)).toEqual(['logs'])
  expect(readdirSync(join(nowhere, 'logs'))).toEqual(['rehearsal-conformant'])
})

test('nothing of all that was written into the package', () => {
  expect(readdirSync(installed.home, { recursive: true, encoding: 'utf8' })).toEqual(before)
})
