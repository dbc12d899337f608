import { constants } from 'node:fs'
import { link, lstat, open, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { UserError } from '../base/problem.ts'
import { describeTrouble } from './fs-errors.ts'
import { readRegular } from './regular-file.ts'

/** The largest such file; real plans have a few hundred kilobytes at most. */
const LIMIT = 16 * 1024 * 1024

/** A file that people pass to each other: its kind, its path, and its name in messages. */
export type HandedFile = { what: 'a plan' | 'an approval'; path: string; name: string }

/** Refuses a path for a new file if something exists there. Throws UserError. */
export async function refuseTaken(file: HandedFile): Promise<void> {
  const found = await lstat(file.path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw notWritten(file, error)
  })
  if (found !== undefined) throw alreadyExists(file)
}

/** Writes a new file in one move, with mode 0600, and resolves once it is on disk; an existing file is left as it is. Throws UserError. */
export async function writeHanded(handed: HandedFile, text: string, nonce: string): Promise<void> {
  const { path } = handed
  const folder = dirname(path)
  const scratch = join(folder, `.${basename(path)}.${nonce}`)
  try {
    const file = await open(scratch, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    // A link, unlike a rename, never replaces an existing file.
    await link(scratch, path)
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'EEXIST'
      ? alreadyExists(handed)
      : notWritten(handed, error as Error)
  } finally {
    await rm(scratch, { force: true })
  }
  const handle = await open(folder, constants.O_RDONLY)
  await handle.sync().finally(() => handle.close())
}

const alreadyExists = ({ what, name }: HandedFile): UserError =>
  new UserError(
    `the file ${name} already exists, and ${what} never replaces a file`,
    'choose another file, or move that one',
  )

const notWritten = ({ what, name }: HandedFile, error: Error): UserError =>
  new UserError(`cannot write ${what} to ${name}: ${describeTrouble(error)}`, 'check the folder and its permissions', 1)

/** Reads such a file. Throws UserError. */
export async function readHanded({ what, path, name }: HandedFile): Promise<Uint8Array> {
  const refuse = (why: string): UserError => new UserError(`cannot read ${what} from ${name}: ${why}`, 'check the path')
  try {
    return readRegular(path, LIMIT)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const said = code === 'ENOENT' ? 'no such file' : code === 'EISDIR' ? 'it is not a regular file' : undefined
    throw refuse(said ?? describeTrouble(error))
  }
}
