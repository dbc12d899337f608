import { mkdir, rmdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { UserError } from '../base/problem.ts'
import { describeTrouble, exitCodeOfTrouble } from './fs-errors.ts'
import { checkFolders } from './logs/kept-file.ts'

/**
 * Creates a folder of logs or one under it, mode 0700, with its parents. Returns a function that removes it again, with the
 * parents created for it, if it is still empty. Throws UserError, also if something else is in its place.
 */
export async function makeFolder(folder: string, logs: string): Promise<() => Promise<void>> {
  checkFolders(folder, logs)
  try {
    const top = await mkdir(folder, { recursive: true, mode: 0o700 })
    return () => removeEmpty(folder, top ?? folder)
  } catch (error) {
    throw new UserError(
      `cannot create the folder ${folder}: ${describeTrouble(error)}`,
      'nothing was changed; choose another folder with --logs DIR',
      exitCodeOfTrouble(error),
    )
  }
}

async function removeEmpty(folder: string, top: string): Promise<void> {
  try {
    await rmdir(folder)
    if (folder !== top) await removeEmpty(dirname(folder), top)
  } catch {
    // The folder is in use or gone already: both are fine.
  }
}
