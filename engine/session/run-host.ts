import { printable } from '../base/printable.ts'
import { UserError } from '../base/problem.ts'
import { planDigest } from '../plan/digest.ts'
import { riskOf } from '../plan/risk.ts'
import type { Plan, PlannedStep } from '../plan/types.ts'
import { isUnmarked, marksIn, triedSince, whoMade } from '../reconcile/who-made.ts'
import type { RunEvent } from '../run/model/events.ts'
import { foldRuns } from '../run/model/fold-runs.ts'
import type { RunHost } from '../run/model/host.ts'
import type { Recorded } from '../run/model/recorded.ts'
import { othersDependingOn } from '../run/undo.ts'
import { actingAs } from '../runbook/access.ts'
import { markOf } from '../steps/mark.ts'
import { leavingConflicts } from '../terminal/operator.ts'
import { operatorFor } from './approvals/consent.ts'
import { type ConsentRequest, hasPolicy, passGate } from './approvals/gate.ts'
import type { Cloud, Runtime } from './host/runtime.ts'
import { archiveFiles } from './log/archive-inputs.ts'
import type { LogRun } from './log/log-run.ts'
import type { Session } from './log/session.ts'
import { siteOfPrepared } from './prepare/prepare.ts'
import { followMoments } from './show-progress.ts'

/** Passes the gate for an undo within a run, which nobody can have approved; returns its events, or why it was declined. */
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
    await archiveFiles(session.locked, checkedWith, session.print)
    return { events }
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    session.print(printable(`${error.message}.`))
    return { declined: error.message }
  }
}

/** Returns a function that finds out who made a change, from the run's entries so far and the whole log before it. */
function makerAsker(
  cloud: Cloud,
  soFar: () => readonly Recorded[],
  before: readonly Recorded[],
  { now }: Pick<Runtime, 'now'>,
): NonNullable<RunHost['whoMade']> {
  return ({ step, action, refused }) => {
    const own = soFar()
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

/** Returns the host for reading the result of a run's changes: it changes nothing, and passes what it finds to `append`. */
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
      throw new Error('a host that only reads undoes nothing')
    },
    report: followMoments(progress, print, siteOfPrepared(prepared), runtime.terminal.colour),
    stopRequested: () => runtime.stopping.aborted,
    noMore: () => runtime.stopping.aborted,
    random: () => 0,
  }
}

/** Returns everything that the run loop needs of a session: its cloud, its person, its log. */
export function runHost(
  session: Session,
  request: Parameters<typeof operatorFor>[0] & Omit<ConsentRequest, 'saved'>,
  { run, append, openUndo, soFar }: LogRun,
): RunHost {
  const { locked, prepared, opened, progress, print, runtime } = session
  const { cloud } = prepared
  const operator = operatorFor(request, prepared, print, runtime)
  const theirs = (step: PlannedStep) => othersDependingOn(foldRuns(locked.log.entries), step)
  return {
    world: cloud.world,
    width: runtime.width,
    operator: opened.undoes && request.yes ? leavingConflicts(operator, theirs) : operator,
    ...(prepared.repository ? { repository: prepared.repository } : {}),
    append,
    whoMade: makerAsker(cloud, soFar, locked.log.entries, runtime),
    openUndo: async (step) => {
      const inner = await openUndo(step)
      const consent = (plan: Plan) => consentWithin(plan, session, inner.run, request)
      return { run, append: inner.append, consent }
    },
    report: followMoments(progress, print, siteOfPrepared(prepared), runtime.terminal.colour),
    stopRequested: () => runtime.stopping.aborted,
    noMore: () => runtime.stopping.aborted,
    random: () => Buffer.from(runtime.random(4)).readUInt32LE() / 2 ** 32,
  }
}
