import { readFile, realpath } from 'node:fs/promises'
import { isAbsolute, join, relative } from 'node:path'
import { execa } from 'execa'
import type { Repository } from '../run/backfill.ts'
import { Problem } from '../runbook/problem.ts'

/** A local checkout, for reading. Throws Problem where the folder isn't there. */
export async function openRepository(
  folder: string,
  shown: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Repository> {
  const root = await realpath(folder).catch(() => {
    throw new Problem(`there is no repository at ${shown}`, 'name a local checkout with --repo DIR')
  })
  return {
    name: shown,
    async read(file) {
      const inside = await insideOf(root, file)
      return inside === undefined ? undefined : readFile(inside, 'utf8').catch(() => undefined)
    },
    lastCommit: (file) => lastCommit(root, file, environment),
  }
}

/** The real path of a file, unless it would lead out of the checkout. */
async function insideOf(root: string, file: string): Promise<string | undefined> {
  const path = await realpath(join(root, file)).catch(() => undefined)
  if (path === undefined) return undefined
  const way = relative(root, path)
  return way === '' || way.startsWith('..') || isAbsolute(way) ? undefined : path
}

/** The commit that last touched a file: short hash and date; undefined where there is none, or no git. */
async function lastCommit(
  root: string,
  file: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const { PATH = '', HOME = '' } = environment
  const result = await execa('git', ['-C', root, 'log', '-1', '--format=%h (%cs)', '--', file], {
    env: { PATH, HOME },
    extendEnv: false,
    reject: false,
    timeout: 10_000,
  })
  const commit = result.exitCode === 0 ? result.stdout.trim() : ''
  return commit === '' ? undefined : commit
}
