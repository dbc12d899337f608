import { randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Liveness, livenessOf, type ProcessIdentity } from './process-identity.ts'
import { readRegular } from './regular-file.ts'

/** The owner of a lock: whose process, for which incident, in which project of which cloud, since when (ISO time). */
export type LockOwner = ProcessIdentity & {
  user: string
  incident: string
  environment: string
  project: string
  cloud: string
  since: string
}

/** A lock and its owner; `unknown` if its file is unreadable. */
export type HeldLock = { owner: LockOwner; liveness: Liveness } | { owner: undefined; liveness: 'unknown' }

/** A lock that this process acquired, with the previous owner if it was taken over; or the lock that somebody else holds. */
export type Locked =
  | {
      ok: true
      takenFrom?: LockOwner & { /** Restores the dead owner's lock in place of ours. */ restore(): Promise<void> }
      release(): Promise<void>
    }
  | { ok: false; path: string; holder: HeldLock }

/** The largest lock file: 64 KiB. */
const LIMIT = 64 * 1024

/** The contents of a lock file: its owner and a unique id. */
type Content = { id: string; owner: LockOwner }

/**
 * Acquires a lock file, or returns who holds it: of any number of processes, one gets it. A dead owner's lock is taken over
 * only if `takeOver` is set; any other owner's never is.
 */
export async function acquireLock(path: string, owner: LockOwner, takeOver: boolean): Promise<Locked> {
  const own: Content = { id: randomUUID(), owner }
  const draft = `${path}.${own.id}`
  await writeDraft(draft, JSON.stringify(own))
  try {
    return await take(path, draft, own, takeOver)
  } finally {
    await rm(draft, { force: true })
  }
}

/** Writes the draft of a lock; another run that ends may remove the empty folder in between. */
async function writeDraft(draft: string, text: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    await mkdir(dirname(draft), { recursive: true, mode: 0o700 })
    try {
      return await writeFile(draft, text, { flag: 'wx', mode: 0o600 })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || attempt === 10) throw error
    }
  }
}

/** Reads who holds a lock; undefined if nobody does. */
export async function readLock(path: string): Promise<HeldLock | undefined> {
  const content = await readContent(path)
  if (content === 'unknown') return { owner: undefined, liveness: 'unknown' }
  return content && { owner: content.owner, liveness: livenessOf(content.owner) }
}

async function take(path: string, draft: string, own: Content, takeOver: boolean): Promise<Locked> {
  const acquired = { ok: true as const, release: () => release(path, own.id) }
  // A lock that is released in between is tried again.
  for (;;) {
    if (await claimed(draft, path)) return acquired
    const there = await readContent(path)
    if (there === undefined) continue
    if (there === 'unknown') return { ok: false, path, holder: { owner: undefined, liveness: 'unknown' } }
    const liveness = livenessOf(there.owner)
    if (liveness !== 'dead' || !takeOver) return { ok: false, path, holder: { owner: there.owner, liveness } }
    const replaced = await replaceDead(path, draft, there, own.owner)
    if (replaced === 'replaced')
      return { ...acquired, takenFrom: { ...there.owner, restore: () => restore(path, draft, own.id, there) } }
    if (replaced !== 'moved') return replaced
  }
}

/**
 * Replaces a dead owner's lock with ours in one move, under a lock of its own: whoever comes second sees that the dead lock is
 * gone.
 */
async function replaceDead(
  path: string,
  draft: string,
  dead: Content,
  owner: LockOwner,
): Promise<Locked | 'replaced' | 'moved'> {
  const guard = await acquireLock(`${path}.take-over`, owner, true)
  if (!guard.ok) return guard
  try {
    const there = await readContent(path)
    if (there === undefined || there === 'unknown' || there.id !== dead.id) return 'moved'
    await rename(draft, path)
    return 'replaced'
  } finally {
    await guard.release()
  }
}

/** Creates the lock if there is none, complete from the start; on a disk without hard links it is created by name. */
async function claimed(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path).catch(async (error: NodeJS.ErrnoException) => {
      if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(error.code ?? '')) throw error
      await writeFile(path, await readFile(draft), { flag: 'wx', mode: 0o600 })
    })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Releases the lock if it is still ours. */
async function release(path: string, id: string): Promise<void> {
  const there = await readContent(path)
  if (there === undefined || there === 'unknown' || there.id !== id) return
  await rm(path, { force: true })
}

async function restore(path: string, draft: string, id: string, dead: Content): Promise<void> {
  const there = await readContent(path)
  if (there === undefined || there === 'unknown' || there.id !== id) return
  await writeDraft(draft, JSON.stringify(dead))
  await rename(draft, path)
}

async function readContent(path: string): Promise<Content | 'unknown' | undefined> {
  try {
    const content = JSON.parse(readRegular(path, LIMIT, false).toString('utf8')) as Content
    return isOwner(content?.owner) && typeof content.id === 'string' ? content : 'unknown'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : 'unknown'
  }
}

const TEXTS = ['host', 'boot', 'namespace', 'started', 'user', 'incident', 'environment', 'project', 'cloud', 'since']

const isOwner = (given: unknown): given is LockOwner =>
  typeof given === 'object' &&
  given !== null &&
  Number.isSafeInteger((given as LockOwner).pid) &&
  TEXTS.every((name) => typeof (given as Record<string, unknown>)[name] === 'string')
