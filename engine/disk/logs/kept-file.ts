import { randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  type Stats,
  writeSync,
} from 'node:fs'
import { basename, dirname, join, relative, sep } from 'node:path'
import { UserError } from '../../base/problem.ts'
import { isOwnOrRoot } from '../../programs/own-user.ts'
import { describeTrouble, exitCodeOfTrouble } from '../fs-errors.ts'
import { kindOf, openRegular, readOpened } from '../regular-file.ts'

/** A file under a folder of logs: its path, the folder of logs, and its name in messages. */
export type KeptFile = { path: string; logs: string; what: string }

/** Thrown if a path holds something that the engine would not have put there. */
export class Refused extends UserError {}

/** The largest file other than the log: 64 MiB. */
const LIMIT = 64 * 1024 * 1024

/**
 * Opens a file under the logs; undefined if there is none. It must be a regular file in real folders, all of them ours or
 * root's and none writable by everybody: whoever else could put a file there could forge evidence. Throws UserError.
 */
export function openKept(kept: KeptFile, flags = constants.O_RDONLY): number | undefined {
  const { path } = kept
  checkFolders(dirname(path), kept.logs)
  const found = inspect(path, kept)
  if (found === undefined && (flags & constants.O_CREAT) === 0) return undefined
  if (found !== undefined) refuse(kept, flawOf(found) ?? flawOfWritten(found, flags))
  try {
    return openRegular(path, flags, false)
  } catch (error) {
    throw unreadable(kept, error)
  }
}

/** Reads a file under the logs; undefined if there is none. Throws UserError. */
export function readKept(kept: KeptFile, limit = LIMIT): Buffer | undefined {
  const file = openKept(kept)
  if (file === undefined) return undefined
  try {
    return readOpened(file, limit)
  } catch (error) {
    throw unreadable(kept, error)
  }
}

/** Returns the temporary name under which a file is written. */
const scratchName = (name: string): string => `.${name}.${randomBytes(6).toString('hex')}`

/** Returns whether a name is one that an interrupted write left behind: nobody ever read that file. */
export const isScratch = (name: string): boolean => /^\..+\.[0-9a-f]{12}$/.test(name)

/** Writes a file under the logs in one move, mode 0600, on disk when this returns, so that there is always a complete one. Throws UserError. */
export function replaceKept(kept: KeptFile, content: string | Uint8Array): void {
  const { path } = kept
  checkFolders(dirname(path), kept.logs)
  const found = inspect(path, kept)
  if (found !== undefined) refuse(kept, flawOf(found))
  const scratch = join(dirname(path), scratchName(basename(path)))
  try {
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants
    const file = openSync(scratch, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
    try {
      const bytes = typeof content === 'string' ? Buffer.from(content) : content
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(scratch, path)
  } catch (error) {
    rmSync(scratch, { force: true })
    throw new UserError(
      `cannot write the ${kept.what} ${path}: ${describeTrouble(error)}`,
      'check the folder and its permissions',
      exitCodeOfTrouble(error),
    )
  }
}

/** Writes a file under the logs that never changes again: if it exists with other bytes, those stay. Throws UserError. */
export function addKept(kept: KeptFile, content: string | Uint8Array): void {
  const there = readKept(kept)
  if (there?.equals(Buffer.from(content))) return
  if (there === undefined) {
    replaceKept(kept, content)
    return
  }
  throw new UserError(
    `the ${kept.what} ${kept.path} already exists with other contents, and was not changed`,
    'find out who put it there',
    1,
  )
}

/** Flushes a folder's entries to disk: only then is a new file permanent. */
export function syncFolder(folder: string): void {
  const opened = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
  try {
    fsyncSync(opened)
  } finally {
    closeSync(opened)
  }
}

/** Returns the names in a folder under the logs, without the leftovers of interrupted writes; none if there is no such folder. Throws UserError. */
export function listKept(folder: string, logs: string): string[] {
  checkFolders(folder, logs)
  try {
    return readdirSync(folder)
      .filter((name) => !isScratch(name))
      .sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw unreadable({ path: folder, what: 'folder' }, error)
  }
}

/** Returns the names of folders in the folder of logs that may be incidents; refuses such a name that is neither a file nor a folder. Throws UserError. */
export function listFolders(logs: string, named: RegExp): string[] {
  checkFolders(logs, logs)
  const found = readdirSync(logs, { withFileTypes: true }).filter((entry) => !entry.isFile() && named.test(entry.name))
  for (const entry of found) refuse({ path: join(logs, entry.name), what: 'entry' }, flawOfKind(entry))
  return found.map(({ name }) => name)
}

/** Refuses a folder under the logs, or one on the way to it, that isn't a real folder of ours. Throws UserError. */
export function checkFolders(folder: string, logs: string): void {
  const root = inspect(logs, { path: logs, logs, what: 'folder' })
  const shared = root && (root.mode & 0o1002) === 0o002 ? 'everybody can write to it' : undefined
  if (root) refuse({ path: logs, what: 'folder of logs' }, flawOfKind(root) ?? shared)
  let path = logs
  for (const name of relative(logs, folder).split(sep).filter(Boolean)) {
    path = join(path, name)
    const kept = { path, logs, what: 'folder' }
    const found = inspect(path, kept)
    if (found === undefined) return
    refuse(kept, flawOf(found))
  }
}

/** Returns why something isn't trusted; undefined if it is a file or folder of ours. */
function flawOf(found: Stats): string | undefined {
  const flaw = flawOfKind(found)
  if (flaw !== undefined) return flaw
  if (!isOwnOrRoot(found.uid)) return `it belongs to somebody else (user ${found.uid})`
  return (found.mode & 0o002) === 0 ? undefined : 'everybody can write to it'
}

const flawOfKind = (found: Parameters<typeof kindOf>[0]): string | undefined =>
  found.isFile() || found.isDirectory() ? undefined : `it is ${kindOf(found)}, but only files and folders belong there`

/** Refuses a file with a second name: writing to it would change that one too. */
const flawOfWritten = (found: Stats, flags: number): string | undefined =>
  (flags & (constants.O_WRONLY | constants.O_RDWR)) !== 0 && found.nlink > 1
    ? 'it has a second name (a hard link), which would be changed too'
    : undefined

function inspect(path: string, kept: KeptFile): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined
    throw unreadable(kept, error)
  }
}

/** Refuses something under the logs that has a flaw. Throws UserError. */
function refuse({ path, what }: Pick<KeptFile, 'path' | 'what'>, flaw: string | undefined): void {
  if (flaw === undefined) return
  throw new Refused(
    `the ${what} ${path} is refused: ${flaw}`,
    'nothing was changed; find out who put it there, then move it or restore its owner and mode',
    1,
  )
}

/** Returns the error that something can't be read, with the reason. */
export const unreadable = ({ path, what }: Pick<KeptFile, 'path' | 'what'>, error: unknown): UserError =>
  new UserError(
    `cannot read the ${what} ${path}: ${describeTrouble(error)}`,
    'check the file, its folder and their permissions',
    exitCodeOfTrouble(error),
  )
