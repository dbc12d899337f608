import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root, textOf } from './blocks.ts'

type Claim = { claim: string; tests: { file: string; title: string }[] }

/** Returns the claims of a page: each list item outside "Not covered", with the tests that the lines below it name. */
function claimsIn(text: string): Claim[] {
  const claims: Claim[] = []
  for (const line of text.replaceAll(/^Not covered:\n\n(- .*\n)+/gm, '').split('\n')) {
    if (line.startsWith('- ')) claims.push({ claim: line.slice(2), tests: [] })
    const [, file, title] = /^ {2}`(tests\/[^`]+\.test\.ts)`: "(.+)"$/.exec(line) ?? []
    if (file !== undefined && title !== undefined) claims.at(-1)?.tests.push({ file, title })
  }
  return claims
}

/** Returns whether a test file has a test of that title, in whichever quotes it is written. */
const hasTest = (source: string, title: string): boolean =>
  source.includes(title) || source.includes(title.replaceAll("'", "\\'"))

const claims = claimsIn(textOf('SECURITY.md'))

test('each claim of SECURITY.md names a test that exists', () => {
  expect(claims.length).toBeGreaterThan(30)
  expect(claims.filter(({ tests }) => tests.length === 0).map(({ claim }) => claim)).toEqual([])
  const named = claims.flatMap(({ tests }) => tests)
  const missing = named.filter(
    ({ file, title }) => !existsSync(join(root, file)) || !hasTest(readFileSync(join(root, file), 'utf8'), title),
  )
  expect(missing).toEqual([])
})

test('a claim without a test, and a missing test, are found', () => {
  const [bare, gone] = claimsIn('- One.\n- Two.\n  `tests/docs/security.test.ts`: "no such"\n')
  expect(bare?.tests).toEqual([])
  expect(gone?.tests).toEqual([{ file: 'tests/docs/security.test.ts', title: 'no such' }])
  expect(hasTest("test('something else', …)", 'no such')).toBe(false)
})
