import type { RunHost } from '../run/host.ts'
import { operatorFor } from './consent.ts'
import { followMoments } from './follow.ts'
import type { LogRun, Session } from './log-run.ts'

/** All that the loop needs of a session: its cloud, its person, its log. */
export function runHost(
  { prepared, progress, say, outside }: Session,
  consent: Parameters<typeof operatorFor>[0],
  { run, append, openUndo }: LogRun,
): RunHost {
  return {
    world: prepared.cloud.world,
    width: outside.width,
    operator: operatorFor(consent, progress, say, outside),
    ...(prepared.repository ? { repository: prepared.repository } : {}),
    append,
    openUndo: async (step) => ({ run, append: await openUndo(step) }),
    tell: followMoments(progress, say, outside.stopping),
    stopRequested: () => outside.stopping.aborted,
    noMore: () => outside.stopping.aborted,
    random: () => Buffer.from(outside.random(4)).readUInt32LE() / 2 ** 32,
  }
}
