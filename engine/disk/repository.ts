import { existsSync } from 'node:fs'
import { readFile, realpath } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative } from 'node:path'
import type { Repository } from '../run/backfill.ts'
import { Problem } from '../runbook/problem.ts'

/** Runs git in the checkout; its output, or undefined where it refuses. */
type Git = (...argv: string[]) => Promise<string | undefined>

/** A local checkout, for reading. Throws Problem where the folder isn't there. */
export async function openRepository(
  folder: string,
  shown: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Repository> {
  const root = await realpath(folder).catch(() => {
    throw new Problem(`there is no repository at ${shown}`, 'name a local checkout with --repo DIR')
  })
  const git = gitIn(root, environment)
  const kind = await kindOf(root, git)
  const head = kind === 'git' ? (await git('rev-parse', '--verify', '--quiet', 'HEAD^{commit}'))?.trim() : undefined
  return {
    name: shown,
    kind,
    ...(head === undefined ? {} : { head }),
    async has(commit) {
      return /^[0-9a-f]{40,64}$/.test(commit) && (await git('cat-file', '-e', `${commit}^{commit}`)) !== undefined
    },
    async read(file) {
      const inside = await insideOf(root, file)
      return inside === undefined ? undefined : readFile(inside, 'utf8').catch(() => undefined)
    },
    async committed(file) {
      if (head === undefined || leadsOut(relative(root, join(root, file)))) return undefined
      const text = await git('cat-file', 'blob', `${head}:./${file}`)
      if (text === undefined) return undefined
      const commit = (await git('log', '-1', '--format=%h (%cs)', head, '--', file))?.trim() ?? ''
      return { text, commit }
    },
  }
}

/**
 * Whether the folder is a git checkout. One that the repository around it ignores, such as an installed package, is
 * none; where git can't be asked although there is a repository, nothing is known.
 */
async function kindOf(root: string, git: Git): Promise<Repository['kind']> {
  const inside = await git('rev-parse', '--is-inside-work-tree')
  if (inside?.trim() === 'true') return (await git('check-ignore', '--quiet', '.')) === undefined ? 'git' : 'folder'
  for (let at = root; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return 'unknown'
    if (dirname(at) === at) return 'folder'
  }
}

function gitIn(root: string, { PATH = '', HOME = '' }: Readonly<Record<string, string | undefined>>): Git {
  return async (...argv) => {
    const { execa } = await import('execa')
    const result = await execa('git', ['-C', root, ...argv], {
      env: { PATH, HOME },
      extendEnv: false,
      reject: false,
      stripFinalNewline: false,
      timeout: 10_000,
    })
    return result.exitCode === 0 ? result.stdout : undefined
  }
}

/** Whether a relative path leads out, or nowhere. */
const leadsOut = (way: string): boolean => way === '' || way.startsWith('..') || isAbsolute(way)

/** The real path of a file, unless it would lead out of the checkout. */
async function insideOf(root: string, file: string): Promise<string | undefined> {
  const path = await realpath(join(root, file)).catch(() => undefined)
  return path === undefined || leadsOut(relative(root, path)) ? undefined : path
}
