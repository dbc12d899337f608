import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { sourcesIn } from '../structure/source-tree.ts'
import { root, textOf } from './blocks.ts'

const page = textOf('docs/architecture.md')
const pathsIn = (text: string) =>
  new Set([...text.matchAll(/`((?:engine|tests|schemas)\/[\w./-]+)`/g)].map(([, path = '']) => path))
const named = pathsIn(page)

test.each(['docs/architecture.md', 'CONTRIBUTING.md'])('every path that %s names exists', (name) => {
  const paths = [...pathsIn(textOf(name))].filter((path) => !path.includes('NAME'))
  expect(paths.length).toBeGreaterThan(10)
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([])
})

test('every folder of the engine is on the architecture page', () => {
  const folders = new Set(sourcesIn('engine').map((file) => dirname(file)))
  const missing = [...folders].filter((folder) => folder !== 'engine' && !named.has(folder))
  expect(missing.filter((folder) => !folder.startsWith('engine/starter/'))).toEqual([])
})

test('a function that the architecture page names is in the file next to it', () => {
  const pairs = [...page.matchAll(/`(\w+)` in `(engine\/[\w./-]+)`/g)]
  expect(pairs.length).toBeGreaterThan(1)
  for (const [, name = '', file = ''] of pairs)
    expect(readFileSync(join(root, file), 'utf8'), file).toMatch(new RegExp(`(function|const) ${name}\\b`))
})
