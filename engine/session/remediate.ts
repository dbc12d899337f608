import { resolve } from 'node:path'
import { UserError } from '../base/problem.ts'
import type { Workspace } from '../disk/workspace.ts'
import { planDigest } from '../plan/digest.ts'
import { riskOf } from '../plan/risk.ts'
import type { SavedPlan } from '../plan/types.ts'
import { fitsOwnWords } from '../run/free-text.ts'
import { runPlan } from '../run/loop.ts'
import { detailOf, previewPlan } from '../terminal/preview.ts'
import { refuseNobodyToAsk } from './approvals/consent.ts'
import type { ConsentRequest } from './approvals/gate.ts'
import { inventoryOf } from './host/choose-cloud.ts'
import type { CommonOptions } from './host/options.ts'
import type { CloudChoice, Runtime } from './host/runtime.ts'
import { withIncident } from './locks/locked-incident.ts'
import type { Session } from './log/session.ts'
import { digestsOfBound } from './prepare/binding.ts'
import { observeShown } from './prepare/observe-shown.ts'
import { partialChanges, printPartialChanges } from './prepare/partial-changes.ts'
import { makePlan, type Ready, type Request, readAndBind } from './prepare/prepare.ts'
import { refuseSensitive } from './prepare/refuse-sensitive.ts'
import { pathIn, sourcesOf } from './prepare/sources.ts'
import { refuseMoved, refuseOtherAccess, refuseOtherBinding } from './saved-plan/plan-fits.ts'
import { type Change, type Shown, withSession } from './with-session.ts'

/** The input of a guided remediation. */
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
    /** The saved plan to run, and nothing else. */
    saved?: SavedPlan
  } & Omit<ConsentRequest, 'saved' | 'logged'>

/** Observes, shows the plan, runs it step by step with consent, and writes the record: a run or a rehearsal. */
export async function remediate(
  choice: CloudChoice,
  workspace: Workspace,
  request: Remediation,
  runtime: Runtime,
): Promise<number> {
  refuseBadReason(request)
  refuseNobodyToAsk(request, runtime)
  return withIncident(request, resolve(runtime.cwd, request.logs ?? workspace.logs), runtime, async (locked) => {
    const ready = await readAndBind(request, await inventoryOf(choice), workspace, runtime)
    if (request.saved) refuseOtherBinding(request.saved, ready)
    const opened = openedBody(request, ready, workspace, runtime)
    const show = (session: Session) => planned(session, request)
    return withSession({ locked, ready, choice, options: request, consent: request, opened, show }, runtime)
  })
}

function refuseBadReason({ reason, title, override }: Remediation): void {
  for (const [option, text] of [
    ['--reason', reason],
    ['--title', title],
    ['--override', override ?? 'none'],
  ] as const) {
    const fits = fitsOwnWords(text)
    if (fits === true) continue
    const hint = `${fits.charAt(0).toLowerCase()}${fits.slice(1).replace(/\.$/, '')}`
    throw new UserError(text.trim() === '' ? `${option} is empty` : `invalid ${option}`, hint)
  }
}

/** Observes all steps and shows the resulting plan. */
async function planned(session: Session, { saved }: Remediation): Promise<Shown> {
  const { locked, prepared, opened, progress, print, runtime } = session
  if (saved) refuseOtherAccess(saved, prepared.cloud)
  const plan = makePlan(prepared, await observeShown(prepared.steps, prepared.cloud, progress, runtime))
  if (saved) refuseMoved(saved, plan, prepared.cloud, runtime)
  refuseSensitive(opened, prepared.cloud)
  print('')
  print(previewPlan(plan, prepared.cloud.name, runtime.terminal, detailOf(session)))
  const baseline = partialChanges(locked, prepared)
  printPartialChanges(plan, baseline, print)
  const digest = planDigest(plan)
  return {
    subject: { risk: riskOf(plan), digest: saved?.digest ?? digest },
    planned: { type: 'plan.made', body: { plan, digest } },
    run: (host) => runPlan(plan, prepared, host, baseline),
  }
}

function openedBody(request: Remediation, ready: Ready, workspace: Workspace, runtime: Runtime): Change['opened'] {
  return {
    incident: request.incident,
    title: request.title.trim(),
    reason: request.reason.trim(),
    ...(request.saved ? { savedPlan: nameOf(request.saved) } : {}),
    from: {
      environment: ready.environment.name,
      sources: sourcesOf(ready),
      given: request.input,
      bound: digestsOfBound(ready),
      ...(ready.repository?.head === undefined ? {} : { repositoryCommit: ready.repository.head }),
      ...(request.repo === undefined ? {} : { repository: pathIn(workspace, resolve(runtime.cwd, request.repo)) }),
    },
  }
}

const nameOf = ({ id, digest, madeAt, madeBy, expiresAt }: SavedPlan) => ({ id, digest, madeAt, madeBy, expiresAt })
