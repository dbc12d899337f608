import { dirname, resolve } from 'node:path'
import type { Command } from 'commander'
import { printable } from '../../base/printable.ts'
import { UserError } from '../../base/problem.ts'
import type { Workspace } from '../../disk/workspace.ts'
import { planDigest } from '../../plan/digest.ts'
import { highest, riskOf } from '../../plan/risk.ts'
import type { Plan, PlannedStep, SavedPlan } from '../../plan/types.ts'
import { progressOf, runToEnd } from '../../run/loop.ts'
import { foldRuns } from '../../run/model/fold-runs.ts'
import type { ConditionOf, RunHost } from '../../run/model/host.ts'
import type { RunEnd } from '../../run/model/progress.ts'
import type { RunState } from '../../run/model/run-state.ts'
import { isLeftInDoubt, leftOf, type Resumption, resumeRun, unfinishedRun } from '../../run/resume.ts'
import { conditionsOf } from '../../run/undo.ts'
import { refuseNobodyToAsk } from '../../session/approvals/consent.ts'
import { type ConsentRequest, hasPolicy, policyApplied, type Subject } from '../../session/approvals/gate.ts'
import { EXIT, exitCodeOf } from '../../session/exit-codes.ts'
import { chooseCloud } from '../../session/host/choose-cloud.ts'
import { workspaceFor } from '../../session/host/default-workspace.ts'
import { noSuchIncident } from '../../session/host/existing-incident.ts'
import type { AccessOptions, CommonOptions, ConsentOptions } from '../../session/host/options.ts'
import { emit, printer } from '../../session/host/output.ts'
import type { CloudChoice, Runtime } from '../../session/host/runtime.ts'
import { type LockedIncident, withLoggedIncident } from '../../session/locks/locked-incident.ts'
import { deriveRecord } from '../../session/log/derive-record.ts'
import type { Session } from '../../session/log/session.ts'
import { bindUndos, refuseOtherUndo } from '../../session/prepare/bind-undos.ts'
import { bindAsLogged, refuseOtherWorld, refuseStrangeRunbooks } from '../../session/prepare/from-log.ts'
import { observeShown } from '../../session/prepare/observe-shown.ts'
import { partialChanges, printPartialChanges } from '../../session/prepare/partial-changes.ts'
import { makePlan, type Prepared } from '../../session/prepare/prepare.ts'
import { readDoubts } from '../../session/resolve-doubts.ts'
import { refuseMoved, refuseUsed } from '../../session/saved-plan/plan-fits.ts'
import { savedPlanAgain } from '../../session/saved-plan/saved-again.ts'
import { type Shown, withSession } from '../../session/with-session.ts'
import { detailOf, previewPlan } from '../../terminal/preview.ts'
import type { Context } from '../command.ts'
import {
  addConsentOptions,
  addIncidentOptions,
  approvalOption,
  coldOption,
  namedIn,
  runbookOption,
} from '../options.ts'

type ResumeOptions = CommonOptions &
  AccessOptions &
  ConsentOptions & {
    sandbox?: string
    cold?: boolean
    repo?: string
    runbook: string[]
    plan?: string
    approval: string[]
  }

/** `breakglass resume INCIDENT`: resumes the incident's last run where it was cut off or had to end. */
export function define(command: Command, { runtime, exit }: Context): void {
  addConsentOptions(
    addIncidentOptions(command)
      .option(
        '--repo <dir>',
        "Checkout of the repository that the run read (default: the workspace's own, if the run read that)",
      )
      .addOption(runbookOption())
      .addOption(coldOption())
      .option('--plan <file>', "Saved plan of the run (default: the copy in the incident's folder)")
      .addOption(approvalOption()),
  ).action(async (incident: string, options: ResumeOptions) => exit(await resume(incident, options, runtime)))
}

async function resume(incident: string, options: ResumeOptions, runtime: Runtime): Promise<number> {
  const workspace = workspaceFor(options, runtime)
  refuseNobodyToAsk({ yes: options.yes ?? false }, runtime)
  const logs = resolve(runtime.cwd, options.logs ?? workspace.logs)
  const request = { incident, env: '', takeOver: 'own' as const, ...(options.json ? { json: true } : {}) }
  return withLoggedIncident(request, logs, runtime, async (locked) => {
    const runs = foldRuns(locked.log.entries)
    const last = runs.at(-1)
    if (last === undefined) throw await noSuchIncident(logs, incident)
    const run = unfinishedRun(runs)
    const choice = await chooseCloud(options.sandbox, workspace, runtime)
    if (run === undefined) return readEarlier(last, locked, choice, options, runtime)
    refuseOtherWorld(run, choice)
    return inProject(run, runs, locked, choice, workspace, options, runtime)
  })
}

/** Reads what runs before the last one have left in doubt; a last one that was cut off after its end gets its record. */
async function readEarlier(
  last: RunState,
  logged: LockedIncident,
  choice: CloudChoice,
  options: ResumeOptions,
  runtime: Runtime,
) {
  const { json } = options
  const { incident } = logged
  const workspace = workspaceFor(options, runtime)
  const print = printer(json, runtime)
  const locked = await readDoubts(logged, {
    isDoubtful: isLeftInDoubt,
    ...{ choice, workspace, named: namedIn(options), request: { ...options, takeOver: 'own' }, print, runtime },
    next: `wait, or see to what could not be read; then \`breakglass resume ${incident}\` again`,
  })
  if (typeof locked === 'number') return locked
  await deriveRecord(locked.paths, locked.log)
  const now = foldRuns(locked.log.entries)
  const wrong = foldRuns(logged.log.entries).flatMap(({ run, steps }) =>
    [...steps.values()].filter(isLeftInDoubt).flatMap(({ planned: { key, title } }) => {
      const status = now.find((each) => each.run === run)?.steps.get(key)?.status
      return status === 'not-applied' || status === 'not-done' || status === 'ambiguous' ? [{ run, title }] : []
    }),
  )
  for (const { run, title } of wrong)
    print(printable(`${title} (${run}) is not as it must be. Run its runbook again under ${incident} to change it.`))
  const ending = last.closed?.ending ?? 'done'
  print(`Nothing is left to do: ${last.run} has ended (${ending}).`)
  const exitCode = wrong.length > 0 && ending === 'done' ? EXIT.drift : exitCodeOf(ending)
  if (json) emit({ incident, run: last.run, ending, exitCode }, runtime)
  return exitCode
}

async function inProject(
  run: RunState,
  runs: RunState[],
  locked: LockedIncident,
  choice: CloudChoice,
  workspace: Workspace,
  options: ResumeOptions,
  runtime: Runtime,
): Promise<number> {
  const print = printer(options.json, runtime)
  const { undoes } = run.opened
  const saved = await savedPlanAgain(run, locked, options.plan, runtime)
  const named = namedIn(options)
  const undo = undoes && (await bindUndos(undoes, runs, named, choice, workspace, print, runtime))
  if (undo) refuseOtherUndo(run, undo)
  const ready = undo ?? (await bindAsLogged(run, named, choice, workspace, print, runtime))
  if (!undo) refuseStrangeRunbooks(named, [ready], runtime)
  const seen = conditionsOf(undo?.dones ?? [])
  const consent = consentOf(run, saved, options)
  return withSession(
    {
      ...{ locked, ready, choice, consent, opened: run.opened, earlier: run, resumes: true },
      options: { ...options, takeOver: 'own' },
      show: (session) => shown(run, session, consent, seen),
    },
    runtime,
  )
}

/** What is known of the consent to a run that somebody goes on with: it is held to the policy where it was when it began. */
function consentOf(
  run: RunState,
  saved: SavedPlan | undefined,
  { yes, policy, key, override, approval }: ResumeOptions,
): ConsentRequest {
  if (approval.length > 0 && saved === undefined)
    throw new UserError(`--approval is for a saved plan, and ${run.run} did not carry out one`, 'leave out --approval')
  return {
    incident: run.opened.incident,
    yes: yes ?? false,
    ...(saved ? { saved } : {}),
    ...(policy || policyApplied(run) ? { policy: true } : {}),
    approval,
    ...(key === undefined ? {} : { key }),
    ...(override === undefined ? {} : { override }),
    logged: run.approvals,
  }
}

/** The steps of a run as they are before anybody is asked to consent to what is left of it, and which are in doubt. */
type Observed = Subject & { steps: PlannedStep[]; doubtful: string[] }

/** Observes what is left of a run and shows it, so that whoever goes on with it knows to what they consent. */
async function observeLeft(run: RunState, saved: SavedPlan | undefined, session: Session): Promise<Observed> {
  const { locked, prepared, progress, print, runtime } = session
  const steps = await observeShown(prepared.steps, prepared.cloud, progress, runtime)
  const plan = run.plan ? { ...run.plan, steps } : firstPlan(prepared, steps, saved, runtime)
  const { left, doubtful } = leftOf(run, steps, plan)
  print(`\n${previewPlan(left, prepared.cloud.name, runtime.terminal, detailOf(session))}`)
  printPartialChanges(left, partialChanges(locked, prepared), print)
  const inDoubt = steps.filter(({ key }) => doubtful.includes(key)).map(({ risk }) => risk)
  const risk = highest([riskOf(left), ...inDoubt])
  return { steps, doubtful, risk, digest: planDigest(run.plan ?? plan) }
}

/** Shows what is left of a run, if others may have to approve it; otherwise it is shown once its doubts are resolved. */
async function shown(run: RunState, session: Session, consent: ConsentRequest, seen: ConditionOf): Promise<Shown> {
  const { locked, prepared, print, runtime } = session
  const { saved } = consent
  const observed = hasPolicy(prepared, consent) ? await observeLeft(run, saved, session) : undefined
  // A copy of a log would let an approved plan run again.
  if (saved) await refuseUsed(saved, dirname(locked.paths.folder), { incident: locked.incident, run: run.run })
  const baseline = partialChanges(locked, prepared)
  const show = (plan: Plan) => {
    // Consented to as it was shown a moment ago.
    if (observed && observed.doubtful.length === 0) return
    print(`\n${previewPlan(plan, prepared.cloud.name, runtime.terminal, detailOf(session))}`)
    printPartialChanges(plan, baseline, print)
  }
  const going = { observe: () => observeAgain(session, observed), show, first: seen, baseline }
  const { plan } = run
  return {
    subject: { risk: observed?.risk, digest: saved?.digest ?? observed?.digest ?? '' },
    run(host) {
      print(`Resuming ${run.run}, opened by ${run.opened.operator} at ${run.openedAt}.`)
      return plan
        ? resumeRun({ ...run, plan }, prepared, going, host)
        : fromTheStart(prepared, saved, going, host, runtime)
    },
  }
}

/** Observes all steps, or where they were observed for the consent a moment ago, only those that were in doubt then. */
async function observeAgain(
  { prepared, progress, runtime }: Session,
  observed: Observed | undefined,
): Promise<PlannedStep[]> {
  if (observed === undefined) return observeShown(prepared.steps, prepared.cloud, progress, runtime)
  const doubtful = prepared.steps.filter(({ key }) => observed.doubtful.includes(key))
  if (doubtful.length === 0) return observed.steps
  const now = await observeShown(doubtful, prepared.cloud, progress, runtime)
  return observed.steps.map((step) => now.find(({ key }) => key === step.key) ?? step)
}

/** The run was cut off before its plan was made: nothing was consented to, and nothing done. */
async function fromTheStart(
  prepared: Prepared,
  saved: SavedPlan | undefined,
  { observe, show, first, baseline }: Resumption,
  host: RunHost,
  runtime: Runtime,
): Promise<RunEnd> {
  const plan = firstPlan(prepared, await observe(), saved, runtime)
  show(plan)
  await host.append({ type: 'plan.made', body: { plan, digest: planDigest(plan) } })
  return runToEnd(progressOf(plan, first, baseline), prepared, host)
}

/** Makes the plan of a run that had none yet; where it is to carry out a saved plan, that very plan. Throws UserError. */
function firstPlan(prepared: Prepared, steps: PlannedStep[], saved: SavedPlan | undefined, runtime: Runtime): Plan {
  const plan = makePlan(prepared, steps)
  if (saved) refuseMoved(saved, plan, prepared.cloud, runtime)
  return plan
}
