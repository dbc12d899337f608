import { execFile } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { atTheEnd } from '../at-the-end.ts'
import { linkPrograms } from '../link-programs.ts'
import { type DocBlock, root } from './blocks.ts'

/** Describes where a page's commands run: an empty folder or a copy of the shipped workspace, in a sandbox if it names one. */
export type Stage = { folder: 'empty' | 'workspace'; sandbox?: string; before?: string }

const own = (words: string): string => `#!/bin/sh\nexec ${words} "$@"\n`

/** A machine with the usual programs and Breakglass, but without gcloud: the fake gcloud runs instead. */
function makeMachine(): { folder: string; bin: string } {
  const base = mkdtempSync(join(tmpdir(), 'breakglass-docs-'))
  atTheEnd(() => rmSync(base, { recursive: true, force: true }))
  const [folder, bin] = [join(base, 'here'), join(base, 'bin')]
  mkdirSync(folder)
  linkPrograms(bin, /^(gcloud|node|npx|npm|breakglass)/)
  symlinkSync(process.execPath, join(bin, 'node'))
  writeFileSync(join(bin, 'breakglass'), own(`node '${join(root, 'engine/breakglass.js')}'`))
  // Stands in for `npx breakglass` where the package is installed.
  writeFileSync(join(bin, 'npx'), '#!/bin/sh\nexec "$@"\n')
  for (const name of ['breakglass', 'npx']) chmodSync(join(bin, name), 0o755)
  return { folder, bin }
}

/** Runs the commands of a page in order, in one shell; returns `finished`, or the first that exits otherwise than the page says. */
export function typeAll(blocks: DocBlock[], { folder: kind, sandbox, before = '' }: Stage): Promise<string> {
  const { folder, bin } = makeMachine()
  if (kind === 'workspace') {
    cpSync(join(root, 'runbooks'), join(folder, 'runbooks'), { recursive: true })
    mkdirSync(join(folder, 'docs'))
    cpSync(join(root, 'docs/verify.sh'), join(folder, 'docs/verify.sh'))
  }
  const environment = {
    PATH: bin,
    HOME: folder,
    TMPDIR: folder,
    BREAKGLASS_LOCKS: join(folder, 'locks'),
    LANG: 'C.UTF-8',
  }
  const lines = blocks.flatMap(({ page, commands }) =>
    commands.map(
      ({ text, line, exits }) =>
        `${text}\n__exit=$?; [ $__exit = ${exits} ] || { echo "${page}:${line} exited $__exit and not ${exits}" >&3; exit 99; }`,
    ),
  )
  writeFileSync(
    join(folder, '..', 'page.sh'),
    ['cd "$(dirname "$0")/here"', before, ...lines, 'echo finished >&3'].join('\n'),
  )
  const shell = ['bash', '-c', 'exec bash ../page.sh 3>../said']
  const words = sandbox === undefined ? shell : ['breakglass', 'sandbox', sandbox, '--', ...shell]
  const said = join(folder, '..', 'said')
  return new Promise((resolve) => {
    const child = execFile(
      join(bin, words[0] ?? ''),
      words.slice(1),
      { cwd: folder, env: environment, maxBuffer: 1 << 26 },
      (_, stdout, stderr) => {
        const told = existsSync(said) ? readFileSync(said, 'utf8').trim() : 'no shell was started'
        resolve(told === 'finished' ? told : `${told}\n${stdout.slice(-3000)}\n${stderr.slice(-3000)}`)
      },
    )
    child.stdin?.end()
  })
}
