import { realpath } from 'node:fs/promises'
import { isAbsolute, join, relative } from 'node:path'
import { UserError } from '../base/problem.ts'
import { readNamed } from '../disk/regular-file.ts'
import type { Repository } from '../run/backfill.ts'
import { type Checkout, findCheckout, withGit } from './checkout.ts'

type Variables = Readonly<Record<string, string | undefined>>

/** Opens a local checkout for reading. Throws UserError if the folder doesn't exist. */
export async function openRepository(folder: string, shown: string, environment: Variables): Promise<Repository> {
  const root = await realpath(folder).catch(() => {
    throw new UserError(`no repository at ${shown}`, 'name a local checkout with --repo DIR')
  })
  const checkout = findCheckout(root, environment)
  const kind = await kindOf(checkout, environment)
  const own = kind === 'git' && typeof checkout !== 'string' ? checkout : undefined
  return {
    name: shown,
    kind,
    ...(own?.head === undefined ? {} : { head: own.head }),
    async has(commit) {
      if (own === undefined || !/^[0-9a-f]{40,64}$/.test(commit)) return false
      return withGit(
        own,
        environment,
        async (git) => (await git(['cat-file', '-e', `${commit}^{commit}`])) !== undefined,
      )
    },
    async read(file) {
      const inside = await insideOf(root, file)
      if (inside === undefined) return undefined
      return (await readNamed(inside).catch(() => undefined))?.toString('utf8')
    },
    async committed(file) {
      if (own === undefined || leadsOut(relative(root, join(root, file)))) return undefined
      return committedIn(own, file, environment)
    },
  }
}

/** Reads a file from HEAD, with the commit that last changed it. */
async function committedIn(
  checkout: Checkout,
  file: string,
  environment: Variables,
): Promise<{ text: string; commit: string } | undefined> {
  const { head } = checkout
  if (head === undefined) return undefined
  return withGit(checkout, environment, async (git) => {
    const text = await git(['cat-file', 'blob', `${head}:./${file}`])
    if (text === undefined) return undefined
    const found = await git(['--literal-pathspecs', 'rev-list', '--max-count=1', '--format=%h (%cs)', head, '--', file])
    return { text: text.toString('utf8'), commit: found?.toString('utf8').split('\n')[1] ?? '' }
  })
}

/**
 * Determines whether the folder is a git checkout. One that the surrounding repository ignores, such as an installed package,
 * isn't; if git can't be run although there is a repository, the answer is unknown.
 */
async function kindOf(checkout: ReturnType<typeof findCheckout>, environment: Variables): Promise<Repository['kind']> {
  if (checkout === 'none') return 'folder'
  if (checkout === 'unknown') return 'unknown'
  return withGit(checkout, environment, async (git) => {
    const inside = (await git(['rev-parse', '--is-inside-work-tree']))?.toString('utf8')
    if (inside?.trim() !== 'true') return 'unknown'
    return (await git(['check-ignore', '--no-index', '--quiet', '.'])) === undefined ? 'git' : 'folder'
  })
}

/** Returns whether a relative path leads out, or nowhere. */
const leadsOut = (way: string): boolean => way === '' || way.startsWith('..') || isAbsolute(way)

/** Returns the real path of a file, unless it leads out of the checkout. */
async function insideOf(root: string, file: string): Promise<string | undefined> {
  const path = await realpath(join(root, file)).catch(() => undefined)
  return path === undefined || leadsOut(relative(root, path)) ? undefined : path
}
