import { resolve } from 'node:path'
import type { Command } from 'commander'
import { UserError } from '../../base/problem.ts'
import { planDigest } from '../../plan/digest.ts'
import { riskOf } from '../../plan/risk.ts'
import type { Plan, PlannedStep } from '../../plan/types.ts'
import { courseOf, follow } from '../../run/loop.ts'
import type { Done, RunEnd } from '../../run/model/course.ts'
import { foldRuns } from '../../run/model/fold-runs.ts'
import { isInDoubt } from '../../run/model/partial-change.ts'
import type { RunState } from '../../run/model/run-state.ts'
import { mayYetBeThere, unfinishedRun } from '../../run/resume.ts'
import { doneIn, leaningOn, planUndo, seenAmong, theirsLeaningOn, undoKey, undoPlanned } from '../../run/undo.ts'
import { refuseNobodyToAsk } from '../../session/approvals/consent.ts'
import {
  alsoAlone,
  type ConsentRequest,
  type Passed,
  passGate,
  refuseBeforehand,
  wasHeld,
} from '../../session/approvals/gate.ts'
import { EXIT } from '../../session/exit-codes.ts'
import { progressFor } from '../../session/host/announce.ts'
import { chooseCloud } from '../../session/host/choose-cloud.ts'
import { workspaceFor } from '../../session/host/default-workspace.ts'
import { type AccessOptions, type CommonOptions, keptOptions } from '../../session/host/options.ts'
import { emit, printer } from '../../session/host/output.ts'
import type { Runtime } from '../../session/host/runtime.ts'
import { type LockedIncident, withLoggedIncident, withProjects } from '../../session/locks/locked-incident.ts'
import { keepBeside } from '../../session/log/archive-inputs.ts'
import { type LogRun, logPreamble, logRun, meansOf, newRun } from '../../session/log/log-run.ts'
import type { Opened, Session } from '../../session/log/session.ts'
import { withNotices } from '../../session/notify.ts'
import { bindUndos, type ReadyUndo } from '../../session/prepare/bind-undos.ts'
import { refuseOtherSandbox, refuseOtherWorld, sayOtherAccess } from '../../session/prepare/from-log.ts'
import { openFor, planHead } from '../../session/prepare/prepare.ts'
import { type Reading, readDoubts } from '../../session/resolve-doubts.ts'
import { runHost } from '../../session/run-host.ts'
import { leavingConflicts } from '../../terminal/operator.ts'
import { previewPlan } from '../../terminal/preview.ts'
import type { Context } from '../command.ts'
import {
  addIncidentOptions,
  coldOption,
  keyOption,
  namedIn,
  overrideOption,
  policyOption,
  runbookOption,
  signKeyOption,
  takeOverOption,
} from '../options.ts'

type UndoOptions = CommonOptions &
  AccessOptions & {
    cold?: boolean
    sandbox?: string
    runbook: string[]
    step?: string
    run?: string
    reason?: string
    policy?: boolean
    key?: string
    override?: string
    yes?: boolean
    takeOver?: boolean
    signKey?: string
  }

/** `breakglass undo INCIDENT`: undoes the incident's changes, newest first. */
export function define(command: Command, { runtime, exit }: Context): void {
  addIncidentOptions(command)
    .option('--step <key>', 'Undo only this step, by the key that the plan and the log show')
    .option('--run <id>', 'Undo only the changes of this run (default: all runs in the environment of the last one)')
    .option('--reason <text>', 'Why the changes are undone; it appears in the record')
    .addOption(runbookOption())
    .addOption(coldOption())
    .addOption(keyOption())
    .addOption(overrideOption())
    .addOption(policyOption())
    .option('--yes', 'Ask no questions: undo every change that is still as the run left it')
    .addOption(signKeyOption())
    .addOption(takeOverOption())
    .action(async (incident: string, options: UndoOptions) => exit(await undo(incident, options, runtime)))
}

async function undo(incident: string, options: UndoOptions, runtime: Runtime): Promise<number> {
  const workspace = workspaceFor(options, runtime)
  const print = printer(options.json, runtime)
  const yes = options.yes ?? false
  refuseNobodyToAsk({ yes }, runtime)
  const logs = resolve(runtime.cwd, options.logs ?? workspace.logs)
  return withLoggedIncident({ ...options, incident, env: '' }, logs, runtime, async (logged) => {
    refuseInDoubt(foldRuns(logged.log.entries), logged)
    const choice = await chooseCloud(options.sandbox, workspace, runtime)
    const locked = await readDoubts(logged, {
      isDoubtful: askedFor(options, foldRuns(logged.log.entries)),
      ...{ choice, workspace, named: namedIn(options), request: options, print, runtime },
      next: `find out first, with \`breakglass resume ${incident}\`; then undo`,
    })
    if (typeof locked === 'number') return locked
    const runs = foldRuns(locked.log.entries)
    const there = changesThere(runs, options.run)
    const [last, ...dones] = chosen(there, options.step)
    if (last === undefined) return nothingToUndo(incident, runs, options, runtime)
    const run = runs.find((each) => each.run === last.run) as RunState
    refuseOtherWorld(run, choice)
    const undoes = [last, ...dones].map((done) => ({ run: done.run, step: done.planned.key }))
    const isUndone = (done: Done) => undoes.some(({ run, step }) => run === done.run && step === done.planned.key)
    const here = runs.filter(({ plan }) => plan?.environment.name === run.plan?.environment.name)
    const stays = here.flatMap(doneIn).filter((done) => !isUndone(done))
    const ready = await bindUndos(undoes, runs, namedIn(options), choice, workspace, print, runtime)
    const prepared = await openFor(ready, choice, options, runtime)
    return withProjects(
      prepared,
      locked,
      { ...options, incident, env: ready.environment.name },
      print,
      runtime,
      (mine) => {
        const { cloud } = prepared
        refuseOtherSandbox(run, cloud)
        sayOtherAccess(run, cloud, print)
        const consent = consentTo(undoes, runs, options)
        refuseBeforehand(prepared, consent)
        const opened: Opened = {
          incident,
          title: run.opened.title,
          reason: (options.reason ?? 'Changes are taken back.').trim(),
          operator: runtime.operator,
          cloud: cloud.name,
          ...meansOf(cloud),
          engine: runtime.version,
          consent: yes ? 'given-beforehand' : 'asked',
          undoes,
        }
        const progress = progressFor(options.json, print, runtime)
        const session = { locked: mine, prepared, opened, ...keptOptions(options), progress, print, runtime }
        return withNotices(prepared, runtime, (notifier) =>
          consentedTo({ ...ready, stays }, { ...session, notifier }, consent),
        )
      },
    )
  })
}

/** What is known of the consent to an undo: it is held to the policy where one of the runs was that it undoes. */
function consentTo(
  undoes: { run: string }[],
  runs: RunState[],
  { yes, policy, key, override }: UndoOptions,
): Omit<ConsentRequest, 'incident'> {
  const undone = runs.filter(({ run }) => undoes.some((each) => each.run === run))
  return {
    yes: yes ?? false,
    ...(policy || undone.some(wasHeld) ? { policy: true } : {}),
    ...(key === undefined ? {} : { key }),
    ...(override === undefined ? {} : { override }),
  }
}

/** Shows what is to be undone; where the gate is passed, has it carried out. */
async function consentedTo(
  { stays, ...ready }: ReadyUndo & { stays: Done[] },
  session: Session,
  consent: Omit<ConsentRequest, 'incident'>,
): Promise<number> {
  const { prepared, print, runtime } = session
  const { steps, dones } = ready
  const { world } = prepared.cloud
  const planned = await planUndo(planHead(ready), steps, { world, width: runtime.width })
  const undoPlan = noteLeaning(planned, dones, stays, foldRuns(session.locked.log.entries))
  print('')
  print(previewPlan(undoPlan, prepared.cloud.name, runtime.terminal))
  const run = newRun(runtime, 'undo')
  const request = { ...consent, incident: session.locked.incident }
  const passed = await passGate({ risk: riskOf(undoPlan), digest: planDigest(undoPlan) }, session, run, request)
  const opened = { ...session.opened, protection: passed.protection }
  return logRun({ ...session, opened }, run, (log) =>
    undone(undoPlan, { steps, dones }, { ...session, opened }, request, passed, log),
  )
}

/** Which doubts an undo must know the end of: those of the run and of the step that it is about, as far as there is such a step. */
function askedFor({ run: only, step }: UndoOptions, runs: RunState[]): Reading['isDoubtful'] {
  const isStep = step !== undefined && runs.some(({ steps }) => steps.has(step))
  return (state, { run }) => mayYetBeThere(state) && (only ?? run) === run && (!isStep || state.planned.key === step)
}

/** What an undo left in doubt is for a resume of that undo. Throws UserError. */
function refuseInDoubt(runs: RunState[], { incident }: LockedIncident): void {
  const unfinished = unfinishedRun(runs)
  if (unfinished?.opened.undoes === undefined) return
  const open = [...unfinished.steps.values()].filter(isInDoubt)
  if (open.length === 0) return
  throw new UserError(
    open
      .map(
        ({ planned, person }) =>
          `${planned.title}: ${person === undefined ? 'a command was started' : `${person} began it by hand`}, and nobody knows what became of it`,
      )
      .join('; '),
    `find out first, with \`breakglass resume ${incident}\`; then undo`,
    EXIT.inDoubt,
  )
}

/** The changes that are there, newest first: of one run, or of all runs in the environment of the last one that has any. Throws UserError. */
function changesThere(runs: RunState[], only: string | undefined): Done[] {
  if (only !== undefined && !runs.some(({ run }) => run === only))
    throw new UserError(`there is no run ${only} in the log`, `there are: ${runs.map(({ run }) => run).join(', ')}`)
  const newest = runs
    .toReversed()
    .filter(({ run }) => only === undefined || run === only)
    .map((run) => ({ run, dones: doneIn(run) }))
    .filter(({ dones }) => dones.length > 0)
  const there = newest[0]?.run.plan?.environment.name
  return newest.filter(({ run }) => run.plan?.environment.name === there).flatMap((each) => each.dones)
}

/** All of them, or the newest of one step. Throws UserError. */
function chosen(there: Done[], step: string | undefined): Done[] {
  if (step === undefined) return there
  const named = there.filter(({ planned }) => planned.key === step)
  if (named.length > 0) return named.slice(0, 1)
  throw new UserError(
    `no change of a step ${step} is there to take back`,
    `there are: ${there.map(({ planned }) => planned.key).join(', ') || 'none'}`,
  )
}

/** Says of each change that is taken back which others need it and stay. */
function noteLeaning(plan: Plan, dones: Done[], stays: Done[], runs: RunState[]): Plan {
  const steps = plan.steps.map((step) => {
    const done = dones.find(({ run, planned }) => undoKey(run, planned.key) === step.key)
    const leaning = done ? [...leaningOn(done, stays), ...theirsLeaningOn(runs, done.planned)] : []
    if (leaning.length === 0) return step
    const stay = `what needs it stays as it is: ${leaning.join(', ')}`
    return { ...step, note: step.note === undefined ? stay : `${step.note}; ${stay}` }
  })
  return { ...plan, steps }
}

function nothingToUndo(incident: string, runs: RunState[], { json }: UndoOptions, runtime: Runtime): number {
  const steps = runs.flatMap((run) => [...run.steps.values()])
  const theirs = steps.filter(({ status, planned }) => status === 'made-by-another' && !planned.undoes).length
  const stays = theirs === 0 ? '' : ` ${theirs} made right by somebody else during the incident, which stays.`
  printer(json, runtime)(`Nothing is left to undo.${stays}`)
  if (json) emit({ incident, undone: [], exitCode: EXIT.done }, runtime)
  return EXIT.done
}

async function undone(
  plan: Plan,
  { steps, dones }: Pick<ReadyUndo, 'steps' | 'dones'>,
  session: Session,
  request: ConsentRequest,
  passed: Passed,
  log: LogRun,
): Promise<RunEnd> {
  const { locked, opened, print } = session
  await log.append({ type: 'run.opened', body: opened })
  await logPreamble(locked, log.append)
  const host = runHost(session, alsoAlone(request, passed), log)
  await log.append(undoPlanned(plan))
  for (const event of passed.events) await log.append(event)
  await keepBeside(locked, passed.checkedWith, print)
  const theirs = (step: PlannedStep) => theirsLeaningOn(foldRuns(locked.log.entries), step)
  const operator = request.yes ? leavingConflicts(host.operator, theirs) : host.operator
  return follow(courseOf(plan, seenAmong(dones)), { steps, checks: [], backfill: [] }, { ...host, operator })
}
