import { randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Liveness, livenessOf, type ProcessIdentity } from './process-identity.ts'
import { readRegular } from './regular-file.ts'

/** Who holds a lock: whose process, for which incident, in which project of which cloud, since when (ISO time). */
export type LockOwner = ProcessIdentity & {
  user: string
  incident: string
  environment: string
  project: string
  cloud: string
  since: string
}

/** A lock that somebody has: `unknown` where its file can't be understood. */
export type HeldLock = { owner: LockOwner; liveness: Liveness } | { owner: undefined; liveness: 'unknown' }

/** A lock that this process holds now and, where it was taken over, from whom; or the one who holds it. */
export type Locked =
  | {
      ok: true
      takenFrom?: LockOwner & { /** Puts the dead owner's lock back in place of ours. */ restore(): Promise<void> }
      release(): Promise<void>
    }
  | { ok: false; path: string; locked: HeldLock }

/** The largest that a lock's file may be: 64 KiB. */
const LIMIT = 64 * 1024

/** A lock's file: its owner and a word that no other lock ever had. */
type Content = { id: string; owner: LockOwner }

/**
 * Takes a lock file, or says who has it: of any number of processes at once, one gets it. The lock of an owner who is
 * dead is taken over only where `takeOver` says so; that of anybody else never is.
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

/** Another run that ends may take an empty folder away between the two. */
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

/** Who has a lock; undefined where nobody has. */
export async function readLock(path: string): Promise<HeldLock | undefined> {
  const content = await readContent(path)
  if (content === 'unknown') return { owner: undefined, liveness: 'unknown' }
  return content && { owner: content.owner, liveness: livenessOf(content.owner) }
}

async function take(path: string, draft: string, own: Content, takeOver: boolean): Promise<Locked> {
  const locked = { ok: true as const, release: () => release(path, own.id) }
  // A lock that is given back between the two is tried for again.
  for (;;) {
    if (await claimed(draft, path)) return locked
    const there = await readContent(path)
    if (there === undefined) continue
    if (there === 'unknown') return { ok: false, path, locked: { owner: undefined, liveness: 'unknown' } }
    const liveness = livenessOf(there.owner)
    if (liveness !== 'dead' || !takeOver) return { ok: false, path, locked: { owner: there.owner, liveness } }
    const replaced = await replaceDead(path, draft, there, own.owner)
    if (replaced === 'replaced')
      return { ...locked, takenFrom: { ...there.owner, restore: () => restore(path, draft, own.id, there) } }
    if (replaced !== 'moved') return replaced
  }
}

/**
 * Puts our lock in a dead one's place, in one move, under a lock of its own: who comes second there sees that the dead
 * one has gone.
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

/** Makes the lock where there is none, whole from its first moment on; a disk without links makes it by its name. */
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

/** Gives the lock back, if it is still ours. */
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
