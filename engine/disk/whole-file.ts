import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import { Problem } from '../runbook/problem.ts'
import { readRegular } from './regular-file.ts'
import { describeTrouble } from './trouble.ts'

/** A text file as it lies there; undefined where there is none. Throws Problem. */
export async function readWhole(file: string, shown: string): Promise<string | undefined> {
  try {
    return readRegular(file).toString('utf8')
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw new Problem(`${shown} can't be read: ${describeTrouble(error)}`, 'check the file, then run this again', 1)
  }
}

/** Writes a text file in one move, with the folders above it. Throws Problem. */
export const writeWhole = (file: string, shown: string, text: string): Promise<void> =>
  mkdir(dirname(file), { recursive: true })
    .then(() => writeFileAtomic(file, text))
    .catch((error: Error) => {
      throw new Problem(`${shown} can't be written: ${describeTrouble(error)}`, 'mend that, then run this again', 1)
    })
