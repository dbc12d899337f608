import { lstat, mkdir, realpath } from 'node:fs/promises'
import { dirname, isAbsolute, relative, sep } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import { UserError } from '../base/problem.ts'
import { describeTrouble } from './fs-errors.ts'
import { readRegular } from './regular-file.ts'

/** Reads a text file; undefined if it doesn't exist. Throws UserError. */
export async function readWhole(file: string, shown: string): Promise<string | undefined> {
  try {
    return readRegular(file).toString('utf8')
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw new UserError(`cannot read ${shown}: ${describeTrouble(error)}`, 'check the file, then run this again', 1)
  }
}

/** Returns whether a file, as far as it and its parents exist, is inside a folder by its real path, so that no link leads out. */
export async function liesIn(root: string, file: string): Promise<boolean> {
  for (let place = file; ; place = dirname(place)) {
    const real = await realpath(place).catch(() => undefined)
    if (real !== undefined) {
      const way = relative(await realpath(root), real)
      return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
    }
    // Writing to a dangling link would follow it.
    const dangling = await lstat(place).catch(() => undefined)
    if (dangling !== undefined || dirname(place) === place) return false
  }
}

/** Writes a text file in one move, creating its parents. Throws UserError. */
export const writeWhole = (file: string, shown: string, text: string): Promise<void> =>
  mkdir(dirname(file), { recursive: true })
    .then(() => writeFileAtomic(file, text))
    .catch((error: Error) => {
      throw new UserError(`cannot write ${shown}: ${describeTrouble(error)}`, 'fix that, then run this again', 1)
    })
