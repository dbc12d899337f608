import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { importsOf, root, sourcesIn } from './source-tree.ts'

/** The modules of the engine that start programs, or run the whole command line. */
const STARTS = /^engine\/(programs|script|gcloud\/(client|warm)|cli\/program)\b/

/** Tests that start no process and still take too long for the fast loop: they sweep through thousands of inputs. */
const LONG = ['tests/documents/parse-document.test.ts', 'tests/documents/parser-agrees.test.ts']

/**
 * Returns the test files that start no process: neither they nor the modules of `tests/`, `bench/` and `scripts/` that they
 * import use `node:child_process` or a pseudo-terminal, or import what starts programs.
 */
export const fastTests = (): string[] =>
  testFiles().filter((file) => !LONG.includes(file) && !startsProcess(file, new Set()))

/** Returns all other test files. */
export const slowTests = (): string[] => {
  const fast = new Set(fastTests())
  return testFiles().filter((file) => !fast.has(file))
}

const testFiles = (): string[] => sourcesIn('tests').filter((file) => file.endsWith('.test.ts'))

function startsProcess(file: string, seen: Set<string>): boolean {
  if (seen.has(file)) return false
  seen.add(file)
  if (file.startsWith('engine/')) return STARTS.test(file)
  if (/from '(node:child_process|@lydell\/node-pty)'/.test(readFileSync(join(root, file), 'utf8'))) return true
  return importsOf(file).some((of) => startsProcess(of, seen))
}
