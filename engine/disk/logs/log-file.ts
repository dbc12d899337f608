import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  fsync,
  ftruncateSync,
  lstatSync,
  readSync,
  writeSync,
} from 'node:fs'
import { rm } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { Verification } from '../../audit/verify.ts'
import type { LogStore } from '../../audit/writer.ts'
import { UserError } from '../../base/problem.ts'
import { describeTrouble, exitCodeOfTrouble } from '../fs-errors.ts'
import { makeFolder } from '../make-folder.ts'
import type { IncidentFolder } from './incident-folder.ts'
import { openKept, syncFolder } from './kept-file.ts'

const sync = promisify(fsync)

/** The number of bytes compared at once. */
const CHUNK_BYTES = 256 * 1024

/** An open log; closing it removes the file if it is still empty. */
export type LogFile = LogStore & { close(): Promise<void> }

/** A log as it was read: all of its bytes, and how many of them are complete lines. */
export type ReadLog = Pick<Verification, 'whole'> & { bytes: Uint8Array }

/** A log that is open: its descriptor, the file and folder that it was opened as, and its expected size. */
type LockedIncident = { file: number; paths: IncidentFolder; opened: BigIntStats; folder: BigIntStats; size: number }

/**
 * Opens an incident's log, mode 0600, to append to it as it was read: a torn last line is removed. Each append is on disk when
 * it resolves, in the file with the log's name. Throws UserError, also if the log has changed since it was read.
 */
export async function openLog(paths: IncidentFolder, { bytes, whole }: ReadLog): Promise<LogFile> {
  try {
    await makeFolder(paths.folder, paths.logs)
    const { O_RDWR, O_APPEND, O_CREAT } = constants
    const made = bytes.length === 0 ? O_CREAT : 0
    const file = openKept({ path: paths.log, logs: paths.logs, what: 'log' }, O_RDWR | O_APPEND | made)
    if (file === undefined) throw Object.assign(new Error(), { code: 'ENOENT' })
    const folder = lstatSync(paths.folder, { bigint: true })
    const locked = { file, paths, opened: fstatSync(file, { bigint: true }), folder, size: bytes.length }
    await hold(locked, async () => {
      refuseChanged(locked, bytes)
      await repair(locked, whole)
    }).catch((error: unknown) => {
      closeSync(file)
      throw error
    })
    return { append: (line) => append(locked, line), close: () => close(locked) }
  } catch (error) {
    if (error instanceof UserError) throw error
    throw new UserError(
      `cannot write the log ${paths.log}: ${describeTrouble(error)}`,
      'nothing was changed; check the folder, or choose another with --logs DIR',
      exitCodeOfTrouble(error),
    )
  }
}

/** Refuses a log that has the same length but other contents: whoever consented in the meantime had verified another log. */
function refuseChanged({ file, paths }: LockedIncident, bytes: Uint8Array): void {
  const piece = Buffer.allocUnsafe(Math.min(bytes.length, CHUNK_BYTES))
  for (let at = 0; at < bytes.length; ) {
    const length = readSync(file, piece, { position: at })
    if (length === 0 || !piece.subarray(0, length).equals(bytes.subarray(at, at + length)))
      throw new Error(`somebody else wrote to ${paths.log} after it was read`)
    at += length
  }
}

async function repair(locked: LockedIncident, whole: number): Promise<void> {
  if (locked.size > whole) ftruncateSync(locked.file, whole)
  locked.size = whole
  await sync(locked.file)
  syncFolder(locked.paths.folder)
}

/** Writes one line in one write: with O_APPEND, no other process's line can come between its bytes. */
const append = (locked: LockedIncident, line: string): Promise<void> =>
  hold(locked, async () => {
    const bytes = Buffer.from(`${line}\n`)
    const written = writeSync(locked.file, bytes)
    if (written !== bytes.length)
      throw new Error(`the disk accepted only ${written} of ${bytes.length} bytes; free up space`)
    await sync(locked.file)
    locked.size += bytes.length
  })

/** Runs work on the log, which must be the same file in the same folder before and after. */
async function hold(locked: LockedIncident, work: () => Promise<void>): Promise<void> {
  try {
    refuseOther(locked)
    await work()
    refuseOther(locked)
  } catch (error) {
    throw new Error(describeTrouble(error))
  }
}

/**
 * Checks that the log is still the same file: bytes written to a file that has lost its name are lost, and bytes that others
 * wrote to ours are no log. It is synchronous: a check takes a microsecond, and twenty on a thread, which only fsync is worth.
 */
function refuseOther({ file, paths, opened, folder, size }: LockedIncident): void {
  if (!isSame(lookAt(paths.folder), folder))
    throw new Error(`its folder ${paths.folder} was removed, moved or replaced`)
  if (!isSame(lookAt(paths.log), opened)) throw new Error(`${paths.log} was removed, moved or replaced`)
  const own = fstatSync(file, { bigint: true })
  if (own.size !== BigInt(size))
    throw new Error(`somebody else wrote to ${paths.log}: it has ${own.size} bytes instead of ${size}`)
}

const isSame = (a: BigIntStats | undefined, b: BigIntStats): boolean => a?.dev === b.dev && a.ino === b.ino

/** Returns what a path is, without following a link; undefined if nothing is there. */
function lookAt(path: string): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  }
}

async function close(locked: LockedIncident): Promise<void> {
  const empty = locked.size === 0 && fstatSync(locked.file).size === 0
  if (empty && isSame(lookAt(locked.paths.log), locked.opened)) await rm(locked.paths.log)
  closeSync(locked.file)
}
