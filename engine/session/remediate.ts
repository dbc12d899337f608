import { resolve } from 'node:path'
import { UserError } from '../base/problem.ts'
import type { Workspace } from '../disk/workspace.ts'
import { planDigest } from '../plan/digest.ts'
import { riskOf } from '../plan/risk.ts'
import type { Plan, SavedPlan } from '../plan/types.ts'
import { fitsOwnWords } from '../run/free-text.ts'
import { runPlan } from '../run/loop.ts'
import type { RunEnd } from '../run/model/course.ts'
import { detailOf, previewPlan } from '../terminal/preview.ts'
import { refuseNobodyToAsk } from './approvals/consent.ts'
import { alsoAlone, type ConsentRequest, type Passed, passGate, refuseBeforehand } from './approvals/gate.ts'
import { progressFor } from './host/announce.ts'
import { inventoryOf } from './host/choose-cloud.ts'
import { type CommonOptions, keptOptions } from './host/options.ts'
import { printer } from './host/output.ts'
import type { CloudChoice, Runtime } from './host/runtime.ts'
import { withIncident, withProjects } from './locks/locked-incident.ts'
import { keepBeside, keepPlan } from './log/archive-inputs.ts'
import { type LogRun, logPreamble, logRun, meansOf, newRun } from './log/log-run.ts'
import type { Opened, Session } from './log/session.ts'
import { withNotices } from './notify.ts'
import { digestsOfBound } from './prepare/binding.ts'
import { begunBefore, sayBegunBefore } from './prepare/partial-changes.ts'
import { makePlan, observeShown, openFor, type Prepared, type Request, readAndBind } from './prepare/prepare.ts'
import { refuseRevealing } from './prepare/refuse-sensitive.ts'
import { pathIn, sourcesOf } from './prepare/sources.ts'
import { runHost } from './run-host.ts'
import { refuseMoved, refuseOtherAccess, refuseOtherBinding } from './saved-plan/plan-fits.ts'

/** What a guided remediation needs to be told. */
export type Remediation = Request &
  CommonOptions & {
    incident: string
    reason: string
    title: string
    yes: boolean
    verbose?: boolean
    takeOver?: boolean
    repo?: string
    signKey?: string
    /** The saved plan that it is to be, and nothing else. */
    saved?: SavedPlan
  } & Omit<ConsentRequest, 'saved' | 'logged'>

/** Observes, shows the plan, carries it out step by step with consent, and writes the record: a run or a rehearsal. */
export async function remediate(
  choice: CloudChoice,
  workspace: Workspace,
  request: Remediation,
  runtime: Runtime,
): Promise<number> {
  const print = printer(request.json, runtime)
  refuseBadReason(request)
  refuseNobodyToAsk(request, runtime)
  return withIncident(request, resolve(runtime.cwd, request.logs ?? workspace.logs), runtime, async (incident) => {
    const ready = await readAndBind(request, await inventoryOf(choice), workspace, runtime)
    if (request.saved) refuseOtherBinding(request.saved, ready)
    const prepared = await openFor(ready, choice, request, runtime)
    return withProjects(prepared, incident, request, print, runtime, (locked) => {
      const progress = progressFor(request.json, print, runtime)
      const opened = openedBody(request, prepared, workspace, runtime)
      const session = { locked, prepared, opened, ...keptOptions(request), progress, print, runtime }
      return withNotices(prepared, runtime, (notifier) => planned({ ...session, notifier }, request))
    })
  })
}

function refuseBadReason({ reason, title, override }: Remediation): void {
  for (const [option, text] of [
    ['--reason', reason],
    ['--title', title],
    ['--override', override ?? 'none'],
  ] as const) {
    const fits = fitsOwnWords(text)
    if (fits !== true) throw new UserError(`${option} can't be kept as it is`, fits)
  }
}

/** Observes all steps, shows the plan that follows, and has it carried out. */
async function planned(session: Session, request: Remediation): Promise<number> {
  const { prepared, progress, print, runtime } = session
  refuseBeforehand(prepared, request)
  if (request.saved) refuseOtherAccess(request.saved, prepared.cloud)
  const steps = await observeShown(prepared.steps, prepared.cloud, progress, runtime)
  const plan = makePlan(prepared, steps)
  if (request.saved) refuseMoved(request.saved, plan, prepared.cloud, runtime)
  refuseRevealing(session.opened, prepared.cloud)
  print('')
  print(previewPlan(plan, prepared.cloud.name, runtime.terminal, detailOf(session)))
  sayBegunBefore(plan, begunBefore(session.locked, prepared), print)
  const run = newRun(runtime)
  const subject = { risk: riskOf(plan), digest: request.saved?.digest ?? planDigest(plan) }
  const passed = await passGate(subject, session, run, request)
  for (const { body } of passed.events) refuseRevealing(body, prepared.cloud)
  const opened = { ...session.opened, protection: passed.protection }
  return logRun({ ...session, opened }, run, (log) => carriedOut(plan, passed, { ...session, opened }, request, log))
}

async function carriedOut(
  plan: Plan,
  passed: Passed,
  session: Session,
  request: Remediation,
  log: LogRun,
): Promise<RunEnd> {
  const { locked, prepared, opened } = session
  if (request.saved) await keepPlan(locked, request.saved, session.print)
  await log.append({ type: 'run.opened', body: opened })
  await logPreamble(locked, log.append)
  await log.append({ type: 'plan.made', body: { plan, digest: planDigest(plan) } })
  for (const event of passed.events) await log.append(event)
  await keepBeside(locked, passed.checkedWith, session.print)
  const origin = begunBefore(locked, prepared)
  return runPlan(plan, prepared, runHost(session, alsoAlone(request, passed), log), origin)
}

function openedBody(request: Remediation, prepared: Prepared, workspace: Workspace, runtime: Runtime): Opened {
  const { cloud } = prepared
  return {
    incident: request.incident,
    title: request.title.trim(),
    reason: request.reason.trim(),
    operator: runtime.operator,
    cloud: cloud.name,
    ...meansOf(cloud),
    engine: runtime.version,
    consent: request.yes ? 'given-beforehand' : 'asked',
    ...(request.saved ? { savedPlan: nameOf(request.saved) } : {}),
    from: {
      environment: prepared.environment.name,
      sources: sourcesOf(prepared),
      given: request.input,
      bound: digestsOfBound(prepared),
      ...(prepared.repository?.head === undefined ? {} : { repositoryCommit: prepared.repository.head }),
      ...(request.repo === undefined ? {} : { repository: pathIn(workspace, resolve(runtime.cwd, request.repo)) }),
    },
  }
}

const nameOf = ({ id, digest, madeAt, madeBy, expiresAt }: SavedPlan) => ({ id, digest, madeAt, madeBy, expiresAt })
