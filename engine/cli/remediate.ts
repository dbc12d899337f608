import { resolve } from 'node:path'
import type { Workspace } from '../disk/workspace.ts'
import { planDigest } from '../plan/digest.ts'
import type { Plan, SavedPlan } from '../plan/types.ts'
import type { RunEvent } from '../run/events.ts'
import type { RunHost } from '../run/host.ts'
import { carryOut, type RunEnd } from '../run/loop.ts'
import { fitsOwnWords } from '../run/own-words.ts'
import { Problem } from '../runbook/problem.ts'
import { previewPlan } from '../terminal/preview.ts'
import { operatorFor, refuseNobodyToAsk, refuseUnaskedChange } from './consent.ts'
import { followMoments } from './follow.ts'
import { holdIncident, holdProject } from './hold.ts'
import { logPreamble, logRun, newRun, type Session } from './log-run.ts'
import type { CommonOptions } from './options.ts'
import type { CloudChoice, Outside } from './outside.ts'
import { refuseMoved } from './plan-fits.ts'
import { makePlan, observeShown, prepareIn, type Request } from './prepare.ts'
import { refuseRevealing } from './revealing.ts'
import { progressFor, sayer } from './screen.ts'

/** What a guided remediation needs to be told. */
export type Remediation = Request &
  CommonOptions & {
    incident: string
    reason: string
    title: string
    yes: boolean
    takeOver?: boolean
    repo?: string
    signKey?: string
    /** The saved plan that it is to be, and nothing else. */
    saved?: SavedPlan
  }

/** Observes, shows the plan, carries it out step by step with consent, and writes the record: a run or a rehearsal. */
export async function remediate(
  choice: CloudChoice,
  workspace: Workspace,
  request: Remediation,
  outside: Outside,
): Promise<number> {
  const say = sayer(request.json, outside)
  refuseBadReason(request)
  refuseNobodyToAsk(request, outside)
  return holdIncident(request, resolve(outside.cwd, request.logs ?? workspace.logs), outside, async (incident) => {
    const prepared = await prepareIn(choice, workspace, request, outside)
    return holdProject(prepared, incident, request, say, outside, (held) => {
      const { json, signKey } = request
      const progress = progressFor(json, say, outside)
      const own = { ...(json ? { json } : {}), ...(signKey === undefined ? {} : { signKey }) }
      return planned({ held, prepared, ...own, progress, say, outside }, request)
    })
  })
}

function refuseBadReason({ reason, title }: Remediation): void {
  for (const [option, text] of [
    ['--reason', reason],
    ['--title', title],
  ] as const) {
    const fits = fitsOwnWords(text)
    if (fits !== true) throw new Problem(`${option} can't be kept as it is`, fits)
  }
}

/** Observes all steps, shows the plan that follows, and has it carried out. */
async function planned(session: Session, request: Remediation): Promise<number> {
  const { prepared, progress, say, outside } = session
  refuseUnaskedChange(prepared, request)
  const steps = await observeShown(prepared.steps, prepared.cloud, progress, outside)
  const plan = makePlan(prepared, steps)
  if (request.saved) refuseMoved(request.saved, plan, prepared.cloud, outside)
  refuseRevealing(openedBody(request, prepared.cloud, outside), prepared.cloud)
  say('')
  say(previewPlan(plan, outside.terminal))
  return logRun(session, newRun(outside), (append) => carriedOut(plan, session, request, append))
}

async function carriedOut(
  plan: Plan,
  { held, prepared, progress, say, outside }: Session,
  request: Remediation,
  append: RunHost['append'],
): Promise<RunEnd> {
  await append({ type: 'run.opened', body: openedBody(request, prepared.cloud, outside) })
  await logPreamble(held, append)
  await append({ type: 'plan.made', body: { plan, digest: planDigest(plan) } })
  return carryOut(plan, prepared, {
    world: prepared.cloud.world,
    width: outside.width,
    operator: operatorFor(request, progress, say, outside),
    ...(prepared.repository ? { repository: prepared.repository } : {}),
    append,
    tell: followMoments(progress, say),
    stopRequested: () => outside.stopping.aborted,
  })
}

function openedBody(
  request: Remediation,
  cloud: Session['prepared']['cloud'],
  outside: Outside,
): Extract<RunEvent, { type: 'run.opened' }>['body'] {
  return {
    incident: request.incident,
    title: request.title.trim(),
    reason: request.reason.trim(),
    operator: outside.operator,
    cloud: cloud.name,
    gcloud: cloud.gcloud,
    engine: outside.version,
    consent: request.yes ? 'given-beforehand' : 'asked',
    ...(request.saved ? { savedPlan: nameOf(request.saved) } : {}),
  }
}

const nameOf = ({ id, digest, madeAt, madeBy }: SavedPlan) => ({ id, digest, madeAt, madeBy })
