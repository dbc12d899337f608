import { lstat, mkdir, realpath } from 'node:fs/promises'
import { dirname, isAbsolute, relative, sep } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import { UserError } from '../base/problem.ts'
import { describeTrouble } from './fs-errors.ts'
import { readRegular } from './regular-file.ts'

/** A text file as it lies there; undefined where there is none. Throws UserError. */
export async function readWhole(file: string, shown: string): Promise<string | undefined> {
  try {
    return readRegular(file).toString('utf8')
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw new UserError(`${shown} can't be read: ${describeTrouble(error)}`, 'check the file, then run this again', 1)
  }
}

/** Tells whether a file, as far as it and the folders above it are there, lies in a folder by its real path: no link leads out. */
export async function liesIn(root: string, file: string): Promise<boolean> {
  for (let place = file; ; place = dirname(place)) {
    const real = await realpath(place).catch(() => undefined)
    if (real !== undefined) {
      const way = relative(await realpath(root), real)
      return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
    }
    // A link that leads to nothing would be followed by whoever writes there.
    const dangling = await lstat(place).catch(() => undefined)
    if (dangling !== undefined || dirname(place) === place) return false
  }
}

/** Writes a text file in one move, with the folders above it. Throws UserError. */
export const writeWhole = (file: string, shown: string, text: string): Promise<void> =>
  mkdir(dirname(file), { recursive: true })
    .then(() => writeFileAtomic(file, text))
    .catch((error: Error) => {
      throw new UserError(`${shown} can't be written: ${describeTrouble(error)}`, 'mend that, then run this again', 1)
    })
