import type { Action } from '../../steps/types.ts'
import type { Failure } from '../../steps/world.ts'
import type { Maker, ReadVerdict, Verdict } from './events.ts'
import type { RunHost } from './host.ts'

/** A change that may not be ours: its step, its action, and how its last command failed. */
export type Doubted = { step: string; action: Action; failure: Failure | undefined }

/**
 * Judges who made a change whose command failed. Only the cloud's audit log can tell: gcloud reports a conflict both
 * for somebody else's write and for its own lost reply. Without that log, only a conflict casts doubt.
 */
export async function judgeMaker(
  read: ReadVerdict,
  { step, action, failure }: Doubted,
  { whoMade }: Pick<RunHost, 'whoMade'>,
): Promise<{ verdict: Verdict; maker?: Maker }> {
  if (read !== 'applied') return { verdict: read }
  const refused = failure?.cause === 'conflict'
  const maker: Maker = (await whoMade?.({ step, action, refused })) ?? {
    by: 'not-known',
    why: 'Cloud Audit Logs were not read',
  }
  switch (maker.by) {
    case 'us':
      return { verdict: 'applied', maker }
    case 'somebody-else':
      return { verdict: 'made-by-another', maker }
    case 'not-known':
      return refused ? { verdict: 'made-by-unknown', maker } : { verdict: 'applied' }
  }
}

/** Returns whether a step became correct in a run that can't claim the change. */
export const isMadeRight = (status: string | undefined): status is 'made-by-another' | 'made-by-unknown' =>
  status === 'made-by-another' || status === 'made-by-unknown'

/** Describes a step that is correct, but not changed by this run. */
export const MADE_RIGHT = {
  'made-by-another': 'already correct: changed by somebody else during this run',
  'made-by-unknown': 'correct after a conflict, changed by an unknown writer',
} as const

/** Describes who changed a step, for every screen and record. */
export function describeMaker(status: 'made-by-another' | 'made-by-unknown', maker: Maker | undefined): string {
  if (maker === undefined) return MADE_RIGHT[status]
  if (maker.by === 'not-known') return `${MADE_RIGHT[status]}: ${maker.why}`
  const { principal, at, method, id, mark } = maker.call
  const sender = mark === undefined ? '' : `, sent by another Breakglass (${mark})`
  return `${MADE_RIGHT[status]}, by ${principal} at ${at} (${method}, audit log entry ${id}${sender})`
}
