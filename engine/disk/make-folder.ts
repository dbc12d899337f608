import { mkdir, rmdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { UserError } from '../base/problem.ts'
import { describeTrouble, exitCodeOfTrouble } from './fs-errors.ts'
import { checkFolders } from './logs/kept-file.ts'

/**
 * Makes a folder of logs or one under it, mode 0700, with those above it. Answers how to remove it again where nothing
 * came into it, and with it those above that were made for it. Throws UserError, also where something else is in its place.
 */
export async function makeFolder(folder: string, logs: string): Promise<() => Promise<void>> {
  checkFolders(folder, logs)
  try {
    const top = await mkdir(folder, { recursive: true, mode: 0o700 })
    return () => removeEmpty(folder, top ?? folder)
  } catch (error) {
    throw new UserError(
      `the folder ${folder} can't be made: ${describeTrouble(error)}`,
      'nothing was changed; name another folder with --logs DIR',
      exitCodeOfTrouble(error),
    )
  }
}

async function removeEmpty(folder: string, top: string): Promise<void> {
  try {
    await rmdir(folder)
    if (folder !== top) await removeEmpty(dirname(folder), top)
  } catch {
    // Something came into it, or it is gone: both are as they should be.
  }
}
