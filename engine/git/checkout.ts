import { lstatSync, realpathSync, statSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { readRegular } from '../disk/regular-file.ts'
import { inTempFolder } from '../disk/temp-dir.ts'
import { findProgram } from '../programs/find-program.ts'
import { type Git, gitOver, personalGitSetting } from './git.ts'

/** A git checkout around a folder: the folder and its own files, the commit of HEAD, and where the objects are. */
export type Checkout = {
  folder: string
  top: string
  /** The commit; undefined if there is none yet. */
  head: string | undefined
  gitFolder: string
  commonFolder: string
}

type Variables = Readonly<Record<string, string | undefined>>

/** Finds the checkout that contains a folder; `unknown` if there is one that can't be read here. */
export function findCheckout(given: string, { PATH }: Variables): Checkout | 'none' | 'unknown' {
  const folder = realpathSync(given)
  for (let top = folder; ; top = dirname(top)) {
    const found = lstatSync(join(top, '.git'), { throwIfNoEntry: false })
    if (found !== undefined) {
      if (findProgram('git', PATH) === undefined) return 'unknown'
      try {
        const gitFolder = found.isFile() ? linkedFrom(top) : join(top, '.git')
        const commonFolder = resolve(gitFolder, textIn(join(gitFolder, 'commondir'))?.trim() ?? '.')
        if (statSync(join(commonFolder, 'reftable'), { throwIfNoEntry: false })) return 'unknown'
        return { folder, top, head: resolveHead(gitFolder, commonFolder), gitFolder, commonFolder }
      } catch {
        return 'unknown'
      }
    }
    if (dirname(top) === top) return 'none'
  }
}

/** Returns the git folder that a worktree's or submodule's `.git` file names. Throws if it names none. */
function linkedFrom(top: string): string {
  const [, path] = /^gitdir: (.+)\n?$/.exec(textIn(join(top, '.git')) ?? '') ?? []
  if (path === undefined) throw new Error('it is no git folder')
  return resolve(top, path)
}

/** Returns the commit of HEAD from git's files; undefined if its branch has none. Throws if they can't be parsed. */
function resolveHead(gitFolder: string, commonFolder: string): string | undefined {
  let text = textIn(join(gitFolder, 'HEAD'))?.trim() ?? ''
  for (let step = 0; step < 5; step++) {
    if (HASH.test(text)) return text
    const [, name = ''] = /^ref: (refs\/[^\s]+)$/.exec(text) ?? []
    if (name === '' || name.includes('..')) throw new Error('HEAD is not understood')
    const loose = textIn(join(commonFolder, name))?.trim()
    if (loose === undefined) return packed(commonFolder, name)
    text = loose
  }
  throw new Error('HEAD leads in a circle')
}

const HASH = /^([0-9a-f]{40}|[0-9a-f]{64})$/

function packed(commonFolder: string, name: string): string | undefined {
  const lines = textIn(join(commonFolder, 'packed-refs'), 64 * 2 ** 20)?.split('\n') ?? []
  return lines.map((line) => line.split(' ')).find(([hash = '', ref]) => ref === name && HASH.test(hash))?.[0]
}

/** Reads a small file's text; undefined if there is none. Throws if it is anything else. */
function textIn(path: string, limit = 2 ** 20): string | undefined {
  try {
    return readRegular(path, limit).toString('utf8')
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}

/** Runs work with a git that sees the objects of a checkout and none of its configuration. */
export const withGit = <T>(checkout: Checkout, environment: Variables, work: (git: Git) => Promise<T>): Promise<T> =>
  inTempFolder(async (gitFolder) => {
    const { folder, top, head, commonFolder } = checkout
    await Promise.all(['objects', 'refs', 'info'].map((name) => mkdir(join(gitFolder, name))))
    const ignored = await personalGitSetting('core.excludesFile', '/', environment)
    const config = join(environment.XDG_CONFIG_HOME || join(environment.HOME ?? '', '.config'), 'git', 'ignore')
    const exclude = [ignored || config, join(commonFolder, 'info', 'exclude')].map((path) => safeText(path)).join('\n')
    const format = head?.length === 64 ? '\trepositoryformatversion = 1\n[extensions]\n\tobjectFormat = sha256\n' : ''
    await Promise.all([
      writeFile(join(gitFolder, 'HEAD'), `${head ?? 'ref: refs/heads/none'}\n`),
      writeFile(join(gitFolder, 'config'), `[core]\n\tbare = false\n\thooksPath = /dev/null\n${format}`),
      writeFile(join(gitFolder, 'info', 'exclude'), exclude),
      // Without it, a shallow clone would look damaged.
      writeFile(join(gitFolder, 'shallow'), safeText(join(commonFolder, 'shallow'))),
    ])
    return work(gitOver({ gitFolder, objects: join(commonFolder, 'objects'), workTree: top, cwd: folder }, environment))
  })

function safeText(path: string): string {
  try {
    return textIn(path) ?? ''
  } catch {
    return ''
  }
}
