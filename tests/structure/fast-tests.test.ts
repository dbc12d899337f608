import { expect, test } from 'vitest'
import { fastTests, slowTests } from './fast-tests.ts'
import { sourcesIn } from './source-tree.ts'

test('each test file is either fast or slow', () => {
  const all = sourcesIn('tests').filter((file) => file.endsWith('.test.ts'))
  expect([...fastTests(), ...slowTests()].sort()).toEqual(all.sort())
})

test('a test that starts a process is slow, also if a module that it imports starts it', () => {
  expect(fastTests()).toContain('tests/run/run.test.ts')
  // It imports node:child_process itself; the next one imports a module that does; the last one runs gcloud through the engine.
  expect(slowTests()).toContain('tests/steps/describe.test.ts')
  expect(slowTests()).toContain('tests/terminal/guided.test.ts')
  expect(slowTests()).toContain('tests/fake-gcloud/contract.test.ts')
})
