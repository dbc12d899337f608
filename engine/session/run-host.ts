import { printable } from '../base/printable.ts'
import { UserError } from '../base/problem.ts'
import { planDigest } from '../plan/digest.ts'
import { riskOf } from '../plan/risk.ts'
import type { Plan } from '../plan/types.ts'
import { isUnmarked, marksIn, triedSince } from '../reconcile/tried.ts'
import { whoMade } from '../reconcile/who-made.ts'
import type { RunEvent } from '../run/model/events.ts'
import type { RunHost } from '../run/model/host.ts'
import type { Recorded } from '../run/model/recorded.ts'
import { actingAs } from '../runbook/access.ts'
import { markOf } from '../steps/mark.ts'
import { operatorFor } from './approvals/consent.ts'
import { type ConsentRequest, hasPolicy, passGate } from './approvals/gate.ts'
import type { Cloud, Runtime } from './host/runtime.ts'
import { keepBeside } from './log/archive-inputs.ts'
import type { LogRun } from './log/log-run.ts'
import type { Session } from './log/session.ts'
import { siteOfPrepared } from './prepare/prepare.ts'
import { followMoments } from './show-progress.ts'

/** What a run within another needs of the consent of others: nobody has approved it. */
async function consentWithin(
  plan: Plan,
  session: Session,
  run: string,
  { saved: _, approval: __, logged: ___, ...request }: Parameters<typeof runHost>[1],
): Promise<{ events: RunEvent[] } | { declined: string }> {
  if (!hasPolicy(session.prepared, request)) return { events: [] }
  try {
    const { events, checkedWith } = await passGate(
      { risk: riskOf(plan), digest: planDigest(plan) },
      session,
      run,
      request,
    )
    await keepBeside(session.locked, checkedWith, session.print)
    return { events }
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    session.print(printable(`${error.message}.`))
    return { declined: error.message }
  }
}

/** Asks whose a change is: by the entries of its run so far, and by those of the whole log before. */
function makerAsker(
  cloud: Cloud,
  sofar: () => readonly Recorded[],
  before: readonly Recorded[],
  { now }: Pick<Runtime, 'now'>,
): NonNullable<RunHost['whoMade']> {
  return ({ step, action, refused }) => {
    const own = sofar()
    const asked = {
      ...{ action, refused },
      since: triedSince(own, step) ?? now(),
      account: actingAs(cloud.gcloud.account, cloud.access),
      marks: new Set(marksIn(own).map((mark) => markOf(mark, step))),
      processes: marksIn([...before, ...own]),
      unmarked: isUnmarked(own),
    }
    return whoMade(asked, cloud.world, now)
  }
}

/** What reading what became of a run's changes needs: nothing is changed, and whatever it finds out is for `append`. */
export function readingHost(
  { prepared, progress, print, runtime }: Pick<Session, 'prepared' | 'progress' | 'print' | 'runtime'>,
  request: Parameters<typeof operatorFor>[0],
  append: RunHost['append'],
  entries: readonly Recorded[],
  run: string,
): RunHost {
  const own = entries.filter((entry) => entry.run === run)
  return {
    world: prepared.cloud.world,
    width: runtime.width,
    operator: operatorFor(request, prepared, print, runtime),
    append,
    whoMade: makerAsker(prepared.cloud, () => own, entries, runtime),
    openUndo: async () => {
      throw new Error('nothing is undone while it is only read')
    },
    tell: followMoments(progress, print, siteOfPrepared(prepared), runtime.terminal.colour),
    stopRequested: () => runtime.stopping.aborted,
    noMore: () => runtime.stopping.aborted,
    random: () => 0,
  }
}

/** All that the loop needs of a session: its cloud, its person, its log. */
export function runHost(
  session: Session,
  request: Parameters<typeof operatorFor>[0] & Omit<ConsentRequest, 'saved'>,
  { run, append, openUndo, sofar }: LogRun,
): RunHost {
  const { locked, prepared, progress, print, runtime } = session
  const { cloud } = prepared
  return {
    world: cloud.world,
    width: runtime.width,
    operator: operatorFor(request, prepared, print, runtime),
    ...(prepared.repository ? { repository: prepared.repository } : {}),
    append,
    whoMade: makerAsker(cloud, sofar, locked.log.entries, runtime),
    openUndo: async (step) => {
      const inner = await openUndo(step)
      const consent = (plan: Plan) => consentWithin(plan, session, inner.run, request)
      return { run, append: inner.append, consent }
    },
    tell: followMoments(progress, print, siteOfPrepared(prepared), runtime.terminal.colour),
    stopRequested: () => runtime.stopping.aborted,
    noMore: () => runtime.stopping.aborted,
    random: () => Buffer.from(runtime.random(4)).readUInt32LE() / 2 ** 32,
  }
}
