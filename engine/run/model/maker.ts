import type { Action } from '../../steps/types.ts'
import type { Failure } from '../../steps/world.ts'
import type { Maker, ReadVerdict, Verdict } from './events.ts'
import type { RunHost } from './host.ts'

/** A change that can be there without being ours: its step, its action, and how its last command failed, where that is known. */
export type Doubted = { step: string; action: Action; failure: Failure | undefined }

/**
 * Says whose a change is that is there although its command did not succeed. Only the cloud's own log can tell: a conflict is what gcloud
 * reports of somebody else's write and of its own lost reply. Where that log says nothing, only a conflict is a reason to doubt that it is ours.
 */
export async function judgeMaker(
  read: ReadVerdict,
  { step, action, failure }: Doubted,
  { whoMade }: Pick<RunHost, 'whoMade'>,
): Promise<{ verdict: Verdict; maker?: Maker }> {
  if (read !== 'applied') return { verdict: read }
  const refused = failure?.cause === 'conflict'
  const maker: Maker = (await whoMade?.({ step, action, refused })) ?? { by: 'not-known', why: 'nothing was asked' }
  switch (maker.by) {
    case 'us':
      return { verdict: 'applied', maker }
    case 'somebody-else':
      return { verdict: 'made-by-another', maker }
    case 'not-known':
      return refused ? { verdict: 'made-by-unknown', maker } : { verdict: 'applied' }
  }
}

/** Whether somebody made a step right in a run that can't claim it as its own change. */
export const isMadeRight = (status: string | undefined): status is 'made-by-another' | 'made-by-unknown' =>
  status === 'made-by-another' || status === 'made-by-unknown'

/** What is right and no change of this run, in a few words. */
export const MADE_RIGHT = {
  'made-by-another': 'already correct: made right by somebody else during this run',
  'made-by-unknown': 'right after a conflict, by whom is not known',
} as const

/** Describes who made a step right, in the words of every screen and record. */
export function describeMaker(status: 'made-by-another' | 'made-by-unknown', maker: Maker | undefined): string {
  if (maker === undefined) return MADE_RIGHT[status]
  if (maker.by === 'not-known') return `${MADE_RIGHT[status]}: ${maker.why}`
  const { principal, at, method, id, mark } = maker.call
  const sender = mark === undefined ? '' : `, sent by another Breakglass (${mark})`
  return `${MADE_RIGHT[status]}, by ${principal} at ${at} (${method}, audit log entry ${id}${sender})`
}
