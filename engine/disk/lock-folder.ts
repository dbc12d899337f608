import { lstat, mkdir, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { UserError } from '../base/problem.ts'
import { isOwnOrRoot, ownUser } from '../programs/own-user.ts'
import { describeTrouble } from './fs-errors.ts'
import { type HeldLock, readLock } from './lock.ts'

const ENDING = '.lock'

/** Returns the lock file of a project in a world (`live`, or a sandbox's own name): one per project, whatever runs there. */
export const projectLock = (folder: string, world: string, project: string): string =>
  join(folder, `${encodeURIComponent(world)}+${encodeURIComponent(project)}${ENDING}`)

/** Ensures that the folder of this machine's locks exists and is nobody else's. Throws UserError. */
export async function ensureLockFolder(folder: string): Promise<void> {
  try {
    if (!(await inspect(folder))) await mkdir(folder, { mode: 0o700, recursive: true })
    await inspect(folder)
  } catch (error) {
    if (error instanceof UserError) throw error
    throw new UserError(
      `cannot create the folder of this machine's locks ${folder}: ${describeTrouble(error)}`,
      'fix that, or choose another with BREAKGLASS_LOCKS; every run on this machine must use the same folder',
      1,
    )
  }
}

/** Returns the locks in the folder, each with its file; none if there is no folder yet. Throws UserError if the folder isn't ours. */
export async function listLocks(folder: string): Promise<{ file: string; holder: HeldLock }[]> {
  if (!(await inspect(folder))) return []
  const files = (await readdir(folder)).filter((name) => name.endsWith(ENDING)).sort()
  const locks = await Promise.all(files.map(async (name) => ({ name, holder: await readLock(join(folder, name)) })))
  return locks.flatMap(({ name, holder }) => (holder ? [{ file: join(folder, name), holder }] : []))
}

/** Returns what is wrong with a folder's parents: whoever may rename their contents could move ours, and two runs would have two locks. */
async function flawAbove(folder: string): Promise<string | undefined> {
  for (let above = dirname(folder); ; above = dirname(above)) {
    const stat = await lstat(above).catch(() => undefined)
    if (stat?.isDirectory()) {
      if (!isOwnOrRoot(stat.uid)) return `is in ${above}, which belongs to somebody else`
      if ((stat.mode & 0o1002) === 0o002) return `is in ${above}, where everybody can move it`
    }
    if (dirname(above) === above) return undefined
  }
}

/** Returns whether the folder exists. Whoever can write to it could block every run, or let two runs change one project. Throws UserError. */
async function inspect(folder: string): Promise<boolean> {
  const stat = await lstat(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (stat === undefined) return false
  const wrong = stat.isSymbolicLink()
    ? 'is a symbolic link'
    : !stat.isDirectory()
      ? 'is not a folder'
      : stat.uid !== ownUser()
        ? 'belongs to somebody else'
        : (stat.mode & 0o022) !== 0
          ? 'can be written to by others'
          : await flawAbove(folder)
  if (wrong === undefined) return true
  throw new UserError(
    `the folder of this machine's locks ${folder} ${wrong}`,
    'remove it, or have it removed, then run this again; it must be a folder of your own with mode 0700',
    1,
  )
}
