import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { atMost, type Effort, type Figure, interleave } from './figure.ts'
import { breakglass, measure, root } from './process.ts'

/** What starting costs, against a Node that does nothing. */
export async function start({ rounds }: Effort): Promise<Figure> {
  const run = (argv: string[]) => async () => (await measure(argv)).seconds
  const medians = await interleave(rounds * 5, {
    'node -e 0': run([process.execPath, '-e', '0']),
    '--help': run(breakglass('--help')),
    list: run(breakglass('list')),
    'validate one': run(breakglass('validate', join(root, 'runbooks', 'access-posture.yaml'))),
  })
  const help = (medians['--help'] ?? 0) / (medians['node -e 0'] ?? 1)
  return { name: 'start', unit: 's', medians, goals: [atMost('--help / node -e 0', help, 2.5)], notes: [] }
}

/** `validate` over many runbooks. */
export async function validate({ rounds }: Effort, folder: string): Promise<Figure> {
  const text = readFileSync(join(root, 'runbooks', 'access-posture.yaml'), 'utf8')
  const books = join(folder, 'many')
  mkdirSync(books)
  const files = Array.from({ length: 2000 }, (_, n) => join(books, `book-${n}.yaml`))
  for (const [n, file] of files.entries()) writeFileSync(file, text.replace('name: access-posture', `name: book-${n}`))
  const run = (count: number) => async () => (await measure(breakglass('validate', ...files.slice(0, count)))).seconds
  const yamlAlone = [process.execPath, join(root, 'bench', 'yaml-alone.ts'), ...files.slice(0, 1000)]
  const medians = await interleave(rounds, {
    '1': run(1),
    '1000': run(1000),
    '2000': run(2000),
    "their YAML alone, by the library's parser": async () => (await measure(yamlAlone)).seconds,
  })
  const further = (((medians['2000'] ?? 0) - (medians['1000'] ?? 0)) / 1000) * 1000
  return {
    name: 'validate',
    unit: 's',
    medians,
    goals: [atMost('1,000 runbooks, s', medians['1000'] ?? 0, 2), atMost('each further one, ms', further, 2)],
    notes: ['access-posture.yaml, a thousand times under other names'],
  }
}
