import { type BigIntStats, constants } from 'node:fs'
import { type FileHandle, lstat, mkdir, open, rm } from 'node:fs/promises'
import type { Verification } from '../audit/verify.ts'
import type { LogStore } from '../audit/writer.ts'
import { Problem } from '../runbook/problem.ts'
import type { IncidentFolder } from './incident-folder.ts'
import { describeTrouble, exitCodeOfTrouble } from './trouble.ts'

/** An open log; closing it takes the file away again where nothing came into it. */
export type LogFile = LogStore & { close(): Promise<void> }

/** A log that is held open: the file and folder that it was opened as, and how long it must be. */
type Held = { file: FileHandle; paths: IncidentFolder; opened: BigIntStats; folder: BigIntStats; size: number }

/**
 * Opens an incident's log for appending, mode 0600, as it was read: a torn last line is cut off. Each append is on
 * disk when it answers, in the file that has the log's name. Throws Problem.
 */
export async function openLog(
  paths: IncidentFolder,
  { whole, torn }: Pick<Verification, 'whole' | 'torn'>,
): Promise<LogFile> {
  try {
    await mkdir(paths.folder, { recursive: true, mode: 0o700 })
    const size = whole + (torn?.bytes ?? 0)
    const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW } = constants
    const made = size === 0 ? O_CREAT : 0
    const file = await open(paths.log, O_WRONLY | O_APPEND | O_NOFOLLOW | made, 0o600)
    const [opened, folder] = await Promise.all([file.stat({ bigint: true }), lstat(paths.folder, { bigint: true })])
    const held = { file, paths, opened, folder, size }
    await hold(held, () => repair(held, whole)).catch(async (error: unknown) => {
      await file.close()
      throw error
    })
    return { append: (line) => append(held, line), close: () => close(held) }
  } catch (error) {
    throw new Problem(
      `the log ${paths.log} can't be written: ${describeTrouble(error)}`,
      'nothing was changed; check the folder, or name another with --logs DIR',
      exitCodeOfTrouble(error),
    )
  }
}

async function repair(held: Held, whole: number): Promise<void> {
  if (held.size > whole) await held.file.truncate(whole)
  held.size = whole
  await held.file.sync()
  await syncFolder(held.paths.folder)
}

/** One write for one line: with O_APPEND no other process's line can come between its bytes. */
const append = (held: Held, line: string): Promise<void> =>
  hold(held, async () => {
    const bytes = Buffer.from(`${line}\n`)
    const { bytesWritten } = await held.file.write(bytes)
    if (bytesWritten !== bytes.length)
      throw new Error(`the disk took only ${bytesWritten} of ${bytes.length} bytes; make room on it`)
    await held.file.sync()
    held.size += bytes.length
  })

/** Does something to the log that must be the same file in the same folder before and after. */
async function hold(held: Held, work: () => Promise<void>): Promise<void> {
  try {
    await refuseOther(held)
    await work()
    await refuseOther(held)
  } catch (error) {
    throw new Error(describeTrouble(error))
  }
}

/** What was written to a file that has lost its name is lost, and what others wrote into ours is not a log. */
async function refuseOther({ file, paths, opened, folder, size }: Held): Promise<void> {
  const [there, named, own] = await Promise.all([
    lstatIfThere(paths.folder),
    lstatIfThere(paths.log),
    file.stat({ bigint: true }),
  ])
  if (!isSame(there, folder)) throw new Error(`its folder ${paths.folder} was removed, moved or replaced`)
  if (!isSame(named, opened)) throw new Error(`${paths.log} was removed, moved or replaced`)
  if (own.size !== BigInt(size))
    throw new Error(`somebody else wrote to ${paths.log}: it has ${own.size} bytes where there must be ${size}`)
}

const isSame = (a: BigIntStats | undefined, b: BigIntStats): boolean => a?.dev === b.dev && a.ino === b.ino

const lstatIfThere = (path: string): Promise<BigIntStats | undefined> =>
  lstat(path, { bigint: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw error
  })

async function close(held: Held): Promise<void> {
  const empty = held.size === 0 && (await held.file.stat()).size === 0
  if (empty && isSame(await lstatIfThere(held.paths.log), held.opened)) await rm(held.paths.log)
  await held.file.close()
}

/** A new file is only there for good once its folder is on disk too. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY)
  await handle.sync().finally(() => handle.close())
}
