import { appliedPolicy, type FormerProtection, type Protection } from '../../approval/protection.ts'
import { incidentFolder, incidentsIn, readLog } from '../../disk/logs/incident-folder.ts'
import { stateOfCheckout } from '../../git/commit-of.ts'
import type { CloudName, SavedPlan } from '../../plan/types.ts'
import type { RunEvent } from '../../run/model/events.ts'
import type { Runtime } from '../host/runtime.ts'
import type { Prepared } from '../prepare/prepare.ts'
import { pathIn } from '../prepare/sources.ts'
import type { TrustFiles } from './trust.ts'

/**
 * Finds projects that changes reach, that this inventory doesn't list, and that were protected at their last run: leaving an
 * environment out of the inventory lowers its protection. Returns a description of each.
 */
export async function unprotectedReach({ cloud, reaches }: Prepared, logs: string, now: Date): Promise<string[]> {
  const said: string[] = []
  for (const { project, environment } of reaches) {
    if (environment !== undefined) continue
    const last = await lastProtection(logs, { cloud: cloud.name, environment: '', project }, now)
    if (last?.protected)
      said.push(
        `its changes reach ${project}, which was protected at its last run (${last.incident}) and is no longer in the inventory`,
      )
  }
  return said
}

/** The protection at the last run in an environment, and which run that was. */
export type LastProtection = FormerProtection & { incident: string; time: string }

/** Determines what protects an environment now: its policy, the lists of signers, and whether the workspace matches its commit. */
export async function protectionNow(
  { inventory, environment, workspace }: Prepared,
  locked: boolean,
  saved: SavedPlan | undefined,
  trusted: TrustFiles | undefined,
  runtime: Runtime,
): Promise<Protection> {
  const { policy } = inventory.value
  const files = [inventory.file, ...(trusted?.files ?? []).map(({ file }) => file)].map((file) =>
    pathIn(workspace, file),
  )
  const within = ['runbooks', ...files.filter((path) => !path.startsWith('..') && !path.startsWith('runbooks/'))]
  return {
    protected: environment.protected,
    inventory: inventory.digest,
    policy: policy ? appliedPolicy(policy, environment.name, locked, trusted?.digests ?? {}) : 'none',
    workspace: await stateOfCheckout(workspace.root, within, runtime.environment),
    ...(saved ? { planLifetimeMs: new Date(saved.expiresAt).getTime() - new Date(saved.madeAt).getTime() } : {}),
  }
}

type Place = { cloud: CloudName; environment: string; project: string }

/**
 * Finds the protection at the last run that changed the same environment, or the same project under another name, in the
 * same kind of cloud. The logs aren't verified for this; entries dated in the future are ignored.
 */
export async function lastProtection(logs: string, place: Place, now: Date): Promise<LastProtection | undefined> {
  const latest = now.toISOString()
  let last: LastProtection | undefined
  for (const incident of await incidentsIn(logs)) {
    const bytes = await readLog(incidentFolder(logs, incident)).catch(() => new Uint8Array())
    for (const found of protectionsIn(bytes, place))
      if (found.time <= latest && (last === undefined || found.time >= last.time)) last = { ...found, incident }
  }
  return last
}

type Line = { time: string; run: string } & RunEvent

type Found = { time: string; kind: CloudName['kind']; there: boolean; said: FormerProtection | undefined }

function protectionsIn(bytes: Uint8Array, place: Place): Omit<LastProtection, 'incident'>[] {
  const runs = new Map<string, Found>()
  for (const { time, run: name, type, body } of linesOf(bytes)) {
    if (type === 'run.opened') runs.set(name, { time, kind: body.cloud.kind, there: false, said: body.protection })
    const run = runs.get(name)
    if (run === undefined) continue
    if (type === 'run.resumed') Object.assign(run, { time, said: body.protection ?? run.said })
    if (type === 'plan.made') {
      const { name: environment, project, protected: guarded } = body.plan.environment
      run.there ||= environment === place.environment || project === place.project
      run.said ??= { protected: guarded }
    }
  }
  return [...runs.values()].flatMap(({ time, kind, there, said }) =>
    there && said && kind === place.cloud.kind ? [{ ...said, time }] : [],
  )
}

const TYPES = /"type":"(run\.opened|run\.resumed|plan\.made)"/

/** Returns the lines of a log that concern a run's protection, as far as they can be read. */
function linesOf(bytes: Uint8Array): Line[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  return text.split('\n').flatMap((line) => {
    if (!TYPES.test(line)) return []
    try {
      const { time, run, type, body } = JSON.parse(line) as Line
      return [{ time, run, type, body } as Line]
    } catch {
      return []
    }
  })
}
