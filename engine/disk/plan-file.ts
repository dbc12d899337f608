import { constants } from 'node:fs'
import { link, lstat, open, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Problem } from '../runbook/problem.ts'
import { describeTrouble } from './trouble.ts'

/** A plan is at most this large; the largest of real ones are a few hundred kilobytes. */
const LIMIT = 16 * 1024 * 1024

/** Refuses a place for a new plan where something is already. Throws Problem. */
export async function refuseTaken(path: string, name: string): Promise<void> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw notWritten(name, error)
  })
  if (found !== undefined) throw taken(name)
}

/** Writes a new plan in one move, mode 0600, on disk when it answers; a file that is there is left as it is. Throws Problem. */
export async function writePlan(path: string, text: string, nonce: string, name: string): Promise<void> {
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
    // A link, unlike a rename, never replaces what is there.
    await link(scratch, path)
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'EEXIST' ? taken(name) : notWritten(name, error as Error)
  } finally {
    await rm(scratch, { force: true })
  }
  const handle = await open(folder, constants.O_RDONLY)
  await handle.sync().finally(() => handle.close())
}

const taken = (name: string): Problem =>
  new Problem(
    `the file ${name} is there already, and a plan never replaces one`,
    'name another file, or move that one away',
  )

const notWritten = (name: string, error: Error): Problem =>
  new Problem(
    `the plan can't be written to ${name}: ${describeTrouble(error)}`,
    'check the folder and its permissions',
    1,
  )

/** The bytes of a plan's file. Throws Problem. */
export async function readPlan(path: string, name: string): Promise<Uint8Array> {
  const refuse = (why: string): Problem =>
    new Problem(`the file ${name} can't be read as a plan: ${why}`, 'check the path')
  // Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: NodeJS.ErrnoException) => {
    throw refuse(error.code === 'ENOENT' ? 'there is no such file' : describeTrouble(error))
  })
  try {
    const stats = await file.stat()
    if (!stats.isFile()) throw refuse('it is not a regular file')
    if (stats.size > LIMIT) throw refuse('it is larger than 16 MiB')
    return await file.readFile()
  } finally {
    await file.close()
  }
}
