import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { Checkout } from '../approval/protection.ts'
import { readRegular } from '../disk/regular-file.ts'
import { findCheckout, withGit } from './checkout.ts'
import type { Git } from './git.ts'

/** The most and the largest files that are compared. */
const MOST_FILES = 20_000
const LARGEST_FILE = 16 * 2 ** 20

/** The most differing files that are listed. */
const MOST_NAMED = 5

/**
 * Finds the commit of a folder and compares each byte of the files at the given paths (`.` for all) with it: by what is on
 * disk, not by git's index, and without filters. A file that is neither committed nor ignored counts as a difference.
 */
export async function stateOfCheckout(
  folder: string,
  within: string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Checkout> {
  const found = findCheckout(folder, environment)
  if (found === 'none') return { state: 'not-a-checkout' }
  if (found === 'unknown') return { state: 'unknown', why: 'git could not be run' }
  const { head } = found
  if (head === undefined) return { state: 'unknown', why: 'nothing is committed yet' }
  return withGit(found, environment, (git) => compareFiles(git, found.folder, head, within))
}

async function compareFiles(git: Git, folder: string, commit: string, within: string[]): Promise<Checkout> {
  const unknown = (why: string): Checkout => ({ state: 'unknown', commit, why })
  const tree = namesIn(await git(['--literal-pathspecs', 'ls-tree', '-r', '-z', commit, '--', ...within]))
  if (tree === undefined) return unknown('git could not list its files')
  if (tree.length > MOST_FILES) return unknown(`it has more than ${MOST_FILES} files`)
  const differing: string[] = []
  for (const line of tree) {
    const [, mode = '', hash = '', path = ''] = /^([0-7]+) [a-z]+ ([0-9a-f]+)\t([\s\S]+)$/.exec(line) ?? []
    if (mode === '160000') {
      if (isFilled(join(folder, path))) return unknown(`${path} is a submodule`)
    } else if (hashOf(join(folder, path), mode, commit.length) !== hash) differing.push(path)
  }
  if ((await git(['read-tree', commit])) === undefined) return unknown('git could not read its files')
  const added = namesIn(
    await git(['--literal-pathspecs', 'ls-files', '-z', '--others', '--exclude-standard', '--', ...within]),
  )
  if (added === undefined) return unknown('git could not list uncommitted files')
  if (differing.length === 0 && added.length === 0) return { state: 'clean', commit }
  const converted = added.length === 0 && (await areConverted(git, differing))
  if (converted) return unknown(`git attributes change ${differing[0]} when it is checked out`)
  const named = [...differing, ...added].sort()
  const more = named.length - MOST_NAMED
  return {
    state: 'changed',
    commit,
    differs: more > 0 ? [...named.slice(0, MOST_NAMED), `and ${more} more`] : named,
  }
}

const namesIn = (output: Buffer | undefined): string[] | undefined =>
  output
    ?.toString('utf8')
    .split('\0')
    .filter((name) => name !== '')

/** Returns the hash that git would give a file's exact bytes; undefined if it isn't the same kind of file. */
function hashOf(path: string, mode: string, length: number): string | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false })
  const isLink = mode === '120000'
  if (found === undefined || !(isLink ? found.isSymbolicLink() : found.isFile())) return undefined
  try {
    const bytes = isLink ? readlinkSync(path, { encoding: 'buffer' }) : readRegular(path, LARGEST_FILE, false)
    const header = `blob ${bytes.length}\0`
    return createHash(length === 64 ? 'sha256' : 'sha1')
      .update(header)
      .update(bytes)
      .digest('hex')
  } catch {
    return undefined
  }
}

function isFilled(folder: string): boolean {
  try {
    return readdirSync(folder).length > 0
  } catch {
    return false
  }
}

/** Returns whether attributes make git write other bytes for all of these files than it stores. */
async function areConverted(git: Git, paths: string[]): Promise<boolean> {
  const argv = ['check-attr', '-z', '--stdin', 'filter', 'text', 'eol', 'ident', 'working-tree-encoding']
  const words = (await git(argv, `${paths.join('\0')}\0`))?.toString('utf8').split('\0') ?? []
  const converted = new Set<string>()
  for (let at = 0; at + 2 < words.length; at += 3)
    if (!['unspecified', 'unset'].includes(words[at + 2] ?? '')) converted.add(words[at] ?? '')
  return paths.every((path) => converted.has(path))
}
