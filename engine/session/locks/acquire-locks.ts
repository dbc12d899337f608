import { printable } from '../../base/printable.ts'
import { UserError } from '../../base/problem.ts'
import { describeTrouble, exitCodeOfTrouble } from '../../disk/fs-errors.ts'
import { acquireLock, type HeldLock, type Locked, type LockOwner, readLock } from '../../disk/lock.ts'
import { ensureLockFolder, projectLock } from '../../disk/lock-folder.ts'
import type { IncidentFolder } from '../../disk/logs/incident-folder.ts'
import { identify } from '../../disk/process-identity.ts'
import type { RunEvent } from '../../run/model/events.ts'
import { EXIT } from '../exit-codes.ts'
import { emit } from '../host/output.ts'
import type { Cloud, Runtime } from '../host/runtime.ts'

/** What it takes to acquire a run's locks. */
export type LockRequest = {
  incident: string
  env: string
  /** Takes over a dead owner's lock: any, or with `own` only one of the same incident, as a resume needs. */
  takeOver?: boolean | 'own'
  json?: boolean
}

/** The event that a dead owner's lock was taken over. */
export type TakenOver = Extract<RunEvent, { type: 'lock.taken-over' }>

/** A take-over, and whether it is in the log: one that never got there doesn't count. */
export type TakeOver = { event: TakenOver; logged: boolean }

/** An acquired lock with the take-overs to log, or the exit code after the refusal was printed. */
export type Acquired = { ok: true; takeOvers: TakeOver[]; release(): Promise<void> } | { ok: false; exitCode: number }

/** Acquires the lock of an incident's log: one run at a time writes to it. */
export async function lockIncident(paths: IncidentFolder, request: LockRequest, runtime: Runtime): Promise<Acquired> {
  const owner = ownerFor(request, { project: '', cloud: '' }, runtime)
  const lock = await acquire(paths.lock, owner, await mayTakeOver(paths.lock, request))
  return settle(lock, 'incident', request.incident, request, runtime)
}

/**
 * Acquires the lock of a project on this machine: one run at a time changes it, whatever its runbook, incident and logs
 * folder. A sandbox that this process started belongs to nobody else and needs no lock.
 */
export async function lockProject(
  cloud: Cloud,
  project: string,
  request: LockRequest,
  runtime: Runtime,
): Promise<Acquired> {
  if (cloud.lockedAs === undefined) return { ok: true, takeOvers: [], release: async () => {} }
  await ensureLockFolder(runtime.locks)
  const name = cloud.name.kind === 'live' ? 'live' : `sandbox ${cloud.name.scenario}`
  const owner = ownerFor(request, { project, cloud: name }, runtime)
  const path = projectLock(runtime.locks, cloud.lockedAs, project)
  return settle(await acquire(path, owner, await mayTakeOver(path, request)), 'project', project, request, runtime)
}

/** Acquires the locks of several projects in the given order, or none of them. */
export async function lockProjects(
  cloud: Cloud,
  projects: string[],
  request: LockRequest,
  runtime: Runtime,
): Promise<Acquired> {
  const [first, ...rest] = projects
  if (first === undefined) return { ok: true, takeOvers: [], release: async () => {} }
  const lock = await lockProject(cloud, first, request, runtime)
  if (!lock.ok) return lock
  const others = await lockProjects(cloud, rest, request, runtime).catch(async (error: unknown) => {
    await lock.release()
    throw error
  })
  if (!others.ok) {
    await lock.release()
    return others
  }
  const release = () => others.release().finally(lock.release)
  return { ok: true, takeOvers: [...lock.takeOvers, ...others.takeOvers], release }
}

/**
 * Acquires the lock of a saved plan, so that two simultaneous runs can't both find it unused. A dead owner's lock is always
 * taken over: the logs say whether the plan was used, and they are read under this lock.
 */
export async function lockPlan(path: string, id: string, request: LockRequest, runtime: Runtime): Promise<Acquired> {
  const owner = ownerFor(request, { project: '', cloud: '' }, runtime)
  const lock = await acquire(path, owner, true)
  return lock.ok ? { ok: true, takeOvers: [], release: lock.release } : refuse(lock, 'plan', id, request, runtime)
}

const acquire = (path: string, owner: LockOwner, takeOver: boolean): Promise<Locked> =>
  acquireLock(path, owner, takeOver).catch((error: unknown) => {
    throw new UserError(
      `cannot create the lock ${path}: ${describeTrouble(error)}`,
      'nothing was changed; check the folder and its disk, then run this again',
      exitCodeOfTrouble(error),
    )
  })

const mayTakeOver = async (path: string, { takeOver, incident }: LockRequest): Promise<boolean> =>
  takeOver === 'own' ? (await readLock(path))?.owner?.incident === incident : (takeOver ?? false)

function ownerFor(
  { incident, env }: LockRequest,
  where: Pick<LockOwner, 'project' | 'cloud'>,
  runtime: Runtime,
): LockOwner {
  const unknown = { pid: runtime.pid, host: '', boot: '', namespace: '', started: '' }
  const self = identify(runtime.pid) ?? unknown
  return { ...self, user: runtime.operator, incident, environment: env, ...where, since: runtime.now().toISOString() }
}

function settle(
  lock: Locked,
  kind: TakenOver['body']['lock'],
  name: string,
  request: LockRequest,
  runtime: Runtime,
): Acquired {
  if (!lock.ok) return refuse(lock, kind, name, request, runtime)
  if (lock.takenFrom === undefined) return { ok: true, takeOvers: [], release: lock.release }
  const { user, pid, host, incident, since, restore } = lock.takenFrom
  const body = { lock: kind, name, owner: { user, pid, host, incident, since }, by: runtime.operator }
  const takeOver: TakeOver = { event: { type: 'lock.taken-over', body }, logged: false }
  return { ok: true, takeOvers: [takeOver], release: () => (takeOver.logged ? lock.release() : restore()) }
}

function refuse(
  { holder, path }: Extract<Locked, { ok: false }>,
  kind: Kind,
  name: string,
  request: LockRequest,
  runtime: Runtime,
): Acquired {
  runtime.err(refusal(kind, name, holder, path, request))
  if (request.json) emit({ exitCode: EXIT.locked, lock: { kind, name, ...shownLock(holder) } }, runtime)
  return { ok: false, exitCode: EXIT.locked }
}

/** Returns a lock as JSON output shows it. */
export function shownLock({ owner, liveness }: HeldLock): object {
  if (owner === undefined) return { state: liveness }
  const { user, pid, host, incident, environment, project, cloud, since } = owner
  return { state: liveness, owner: { user, pid, host }, incident, environment, project, cloud, since }
}

const KINDS = { incident: 'Incident', project: 'Project', plan: 'The plan' } as const

type Kind = keyof typeof KINDS

function refusal(kind: Kind, name: string, holder: HeldLock, path: string, request: LockRequest): string {
  const what = `${KINDS[kind]} ${name}`
  if (holder.owner === undefined)
    return `${what} is locked, but its lock file ${path} is unreadable.\nMake sure that no run is active, delete the file, then run this again.`
  const { user, pid, host, incident, since } = holder.owner
  const who = printable(`${user} (process ${pid} on ${host}), incident ${incident}, since ${since}`)
  switch (holder.liveness) {
    case 'alive':
      return `${what} is locked by an active run: ${who}.\n${request.takeOver === true ? 'The lock of an active run cannot be taken over: wait' : 'Wait'} until it ends, then run this again.`
    case 'dead':
      return `${what} is still locked by an interrupted run: ${who}.\nA command that it started may still be running. See how far it got with \`breakglass audit show ${printable(incident)}\`, then run this again with --take-over.`
    case 'elsewhere':
      return `${what} is locked by a run that cannot be checked from here: ${who}.\nCheck where it runs. If it is active, wait; if it is gone, delete ${path}, then run this again.`
  }
}
