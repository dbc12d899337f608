import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readlinkSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Git } from '../programs/git.ts'
import { type Checkout, findCheckout, withGit } from './checkout.ts'
import { readRegular } from './regular-file.ts'

/** The commit that a folder's files are from, and whether they are just as it has them; `differing` names up to ten that aren't. */
export type CommitOf =
  | { kind: 'none' }
  | { kind: 'unknown'; why: string }
  | { kind: 'commit'; commit: string; files: 'clean' }
  | { kind: 'commit'; commit: string; files: 'changed'; differing: string[] }
  | { kind: 'commit'; commit: string; files: 'unknown'; why: string }

/** More files than that are not gone through, nor larger ones. */
const MOST_FILES = 20_000
const LARGEST_FILE = 16 * 2 ** 20

/**
 * Finds the commit that a folder's files are from, and compares each byte of them with it: by what lies on the disk, not
 * by git's notes of it, and without a filter. What is neither committed nor ignored counts as a difference, except under
 * the folders given (the logs).
 */
export async function commitOf(
  folder: string,
  except: string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<CommitOf> {
  const checkout = findCheckout(folder, environment)
  if (checkout === 'none') return { kind: 'none' }
  if (checkout === 'unknown') return { kind: 'unknown', why: 'git could not be asked' }
  const { head } = checkout
  if (head === undefined) return { kind: 'unknown', why: 'nothing is committed yet' }
  const skipped = except.map((path) => relative(checkout.folder, path))
  return withGit(checkout, environment, async (git) => {
    const files = await compareFiles(git, { ...checkout, head }, skipped)
    return { kind: 'commit', commit: head, ...files }
  })
}

type Compared = { files: 'clean' } | { files: 'changed'; differing: string[] } | { files: 'unknown'; why: string }

async function compareFiles(
  git: Git,
  { folder, head }: Checkout & { head: string },
  skipped: string[],
): Promise<Compared> {
  const unknown = (why: string): Compared => ({ files: 'unknown', why })
  const counts = (path: string) => !skipped.some((each) => path === each || path.startsWith(`${each}/`))
  const tree = namesIn(await git(['ls-tree', '-r', '-z', head]))
  if (tree === undefined) return unknown('git could not list its files')
  if (tree.length > MOST_FILES) return unknown(`it has more than ${MOST_FILES} files`)
  const differing: string[] = []
  for (const line of tree) {
    const [, mode = '', hash = '', path = ''] = /^([0-7]+) [a-z]+ ([0-9a-f]+)\t([\s\S]+)$/.exec(line) ?? []
    if (!counts(path)) continue
    if (mode === '160000') {
      if (isFilled(join(folder, path))) return unknown(`${path} is a submodule`)
    } else if (hashOf(join(folder, path), mode, head.length) !== hash) differing.push(path)
  }
  if ((await git(['read-tree', head])) === undefined) return unknown('git could not read its files')
  const others = namesIn(await git(['ls-files', '-z', '--others', '--exclude-standard']))
  if (others === undefined) return unknown('git could not list what is not committed')
  const added = others.filter(counts)
  if (differing.length === 0 && added.length === 0) return { files: 'clean' }
  const converted = added.length === 0 && (await areConverted(git, differing))
  if (converted) return unknown(`git attributes change ${differing[0]} when it is checked out`)
  return { files: 'changed', differing: [...differing, ...added].sort().slice(0, 10) }
}

const namesIn = (output: Buffer | undefined): string[] | undefined =>
  output
    ?.toString('utf8')
    .split('\0')
    .filter((name) => name !== '')

/** The hash that git would give a file's very bytes; none for what isn't the same kind of file. */
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

/** Whether attributes have git write other bytes for all of these files than it keeps. */
async function areConverted(git: Git, paths: string[]): Promise<boolean> {
  const argv = ['check-attr', '-z', '--stdin', 'filter', 'text', 'eol', 'ident', 'working-tree-encoding']
  const words = (await git(argv, `${paths.join('\0')}\0`))?.toString('utf8').split('\0') ?? []
  const converted = new Set<string>()
  for (let at = 0; at + 2 < words.length; at += 3)
    if (!['unspecified', 'unset'].includes(words[at + 2] ?? '')) converted.add(words[at] ?? '')
  return paths.every((path) => converted.has(path))
}
