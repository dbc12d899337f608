import { mkdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Who holds a lock: the process and since when (ISO time). */
export type LockOwner = { pid: number; since: string; what: string }

/** A lock that this process holds, or the one who holds it. */
export type Locked = { ok: true; release(): Promise<void> } | { ok: false; owner: LockOwner }

/** Takes a lock file, or says who has it. A lock whose owner is no longer alive is taken over. */
export async function takeLock(path: string, owner: LockOwner, isAlive: (pid: number) => boolean): Promise<Locked> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  for (let attempt = 1; ; attempt++) {
    try {
      await writeFile(path, JSON.stringify(owner), { flag: 'wx', mode: 0o600 })
      return { ok: true, release: () => release(path) }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const other = await readOwner(path)
    if (attempt > 1 || (other && isAlive(other.pid)))
      return { ok: false, owner: other ?? { pid: 0, since: '', what: 'unknown' } }
    await rm(path, { force: true })
  }
}

/** Gives the lock back; a folder that nothing else came into goes with it. */
async function release(path: string): Promise<void> {
  await rm(path, { force: true })
  await rmdir(dirname(path)).catch(() => {})
}

async function readOwner(path: string): Promise<LockOwner | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as LockOwner
  } catch {
    return undefined
  }
}
