import { isJsonObject, type JsonObject } from '../../base/json.ts'
import { refuse } from '../model/answer.ts'
import type { Revision, RunService } from '../model/world.ts'

/** One share of a service's traffic: its revision, percentage and tag, and whether it follows the latest revision. */
export type Share = { revision: Revision; percent: number; latest: boolean; tag?: string }

/** Returns the newest revision that became ready. */
export const readyRevision = ({ revisions }: RunService, now: number): Revision | undefined =>
  revisions.findLast((revision) => isReady(revision, now))

const isReady = ({ readyAt, readiness }: Revision, now: number): boolean => readyAt <= now && readiness.kind === 'ready'

/** Returns where a service's traffic goes: the targets of its spec, limited to revisions that are ready. */
export const sharesOf = (service: RunService, now: number): Share[] =>
  targetsIn(service.spec).flatMap(({ revisionName, latestRevision, percent, tag }) => {
    const latest = latestRevision === true
    const named = service.revisions.find(({ name }) => name === revisionName)
    const revision = latest ? readyRevision(service, now) : named && isReady(named, now) ? named : undefined
    if (revision === undefined) return []
    return [{ revision, percent: Number(percent ?? 0), latest, ...(typeof tag === 'string' ? { tag } : {}) }]
  })

/** Returns `status.traffic`: each share with its revision and its tag's URL. */
export const trafficJson = (service: RunService, now: number, url: string): JsonObject[] =>
  sharesOf(service, now).map(({ revision, percent, latest, tag }) => ({
    revisionName: revision.name,
    ...(percent > 0 && { percent }),
    ...(latest && { latestRevision: true }),
    ...(tag !== undefined && { tag, url: url.replace('://', `://${tag}---`) }),
  }))

/** Refuses a `spec.traffic` that doesn't add up to 100 percent or names a revision that doesn't exist. */
export function checkTraffic(spec: JsonObject, revisions: string[]): void {
  const targets = targetsIn(spec)
  const total = targets.reduce((sum, { percent }) => sum + Number(percent ?? 0), 0)
  if (total !== 100) refuse(400, `spec.traffic: The percentages must add up to 100, and they add up to ${total}.`)
  for (const { revisionName, latestRevision } of targets)
    if (latestRevision !== true && !revisions.includes(String(revisionName)))
      refuse(
        400,
        `Revision '${revisionName}' does not exist or is deleted. Update all traffic to route to currently available revisions.`,
      )
}

const targetsIn = ({ traffic }: JsonObject): JsonObject[] =>
  (Array.isArray(traffic) ? traffic : []).filter(isJsonObject)
