import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import { importsOf, sourcesIn } from './source-tree.ts'

/** The rooms of `engine/`, innermost first: a room imports itself and those before it. The process's own files come last. */
const ROOMS = [
  ...['base', 'gcloud-grammar', 'runbook', 'in-force', 'steps', 'plan', 'approval', 'run', 'audit', 'reconcile'],
  ...['record', 'report', 'notices', 'programs', 'disk', 'git', 'http', 'ssh', 'gcloud', 'script', 'sandbox'],
  ...['terminal', 'author', 'session', 'cli', 'engine'],
]

const modules = sourcesIn('engine').filter((file) => file.endsWith('.ts'))
const imports = new Map(modules.map((file) => [file, importsOf(file).filter((of) => of.startsWith('engine/'))]))
const roomOf = (file: string) => (dirname(file) === 'engine' ? 'engine' : (file.split('/')[1] ?? ''))

test('every room has its place in the order', () => {
  expect(modules.map(roomOf).filter((room) => !ROOMS.includes(room))).toEqual([])
  expect(ROOMS.filter((room) => !modules.some((file) => roomOf(file) === room))).toEqual([])
})

test('no room imports one that is further out, types included', () => {
  const upward = modules.flatMap((file) =>
    (imports.get(file) ?? [])
      .filter((of) => ROOMS.indexOf(roomOf(of)) > ROOMS.indexOf(roomOf(file)))
      .map((of) => `${file} imports ${of}`),
  )
  expect(upward).toEqual([])
})

test('no module imports itself through others, types included', () => {
  const done = new Set<string>()
  const circles: string[] = []
  const follow = (file: string, path: string[]) => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' → '))
    if (done.has(file) || path.includes(file)) return
    for (const of of imports.get(file) ?? []) follow(of, [...path, file])
    done.add(file)
  }
  for (const file of modules) follow(file, [])
  expect(circles).toEqual([])
})

test.each(['engine', 'tests'])('no folder of %s holds more than 25 files', (tree) => {
  const sizes = new Map<string, number>()
  for (const file of sourcesIn(tree)) sizes.set(dirname(file), (sizes.get(dirname(file)) ?? 0) + 1)
  expect([...sizes].filter(([, size]) => size > 25)).toEqual([])
})
