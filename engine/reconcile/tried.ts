import type { Recorded } from '../run/model/recorded.ts'

/** When a step was first tried since it was last right: what was committed from then on may have made it so. */
export function triedSince(entries: readonly Recorded[], step: string): Date | undefined {
  let since: Date | undefined
  for (const event of entries) {
    if (event.type === 'step.intent' && event.body.step === step) since ??= new Date(event.time)
    const ended = event.type === 'step.outcome' || event.type === 'step.resolved' ? event.body : undefined
    if (ended?.step === step && ended.verdict === 'applied') since = undefined
  }
  return since
}

/** Whether a process that wrote some of these entries marked none of its requests. */
export const isUnmarked = (entries: readonly Recorded[]): boolean =>
  entries.some(
    (event) => (event.type === 'run.opened' || event.type === 'run.resumed') && event.body.gcloud.mark === undefined,
  )

/** The marks of every process that wrote these entries. */
export const marksIn = (entries: readonly Recorded[]): string[] =>
  entries.flatMap((event) =>
    event.type === 'run.opened' || event.type === 'run.resumed' ? (event.body.gcloud.mark ?? []) : [],
  )
