import { resolve } from 'node:path'
import type { Command } from 'commander'
import { UserError } from '../../base/problem.ts'
import { planDigest } from '../../plan/digest.ts'
import { riskOf } from '../../plan/risk.ts'
import type { Plan } from '../../plan/types.ts'
import { progressOf, runToEnd } from '../../run/loop.ts'
import { foldRuns } from '../../run/model/fold-runs.ts'
import { isInDoubt } from '../../run/model/partial-change.ts'
import type { Done } from '../../run/model/progress.ts'
import type { RunState } from '../../run/model/run-state.ts'
import { mayHaveTakenEffect, unfinishedRun } from '../../run/resume.ts'
import {
  conditionsOf,
  dependentsOf,
  doneIn,
  othersDependingOn,
  planUndo,
  undoKey,
  undoPlanned,
} from '../../run/undo.ts'
import { refuseNobodyToAsk } from '../../session/approvals/consent.ts'
import { type ConsentRequest, policyApplied } from '../../session/approvals/gate.ts'
import { EXIT } from '../../session/exit-codes.ts'
import { chooseCloud } from '../../session/host/choose-cloud.ts'
import { workspaceFor } from '../../session/host/default-workspace.ts'
import type { AccessOptions, CommonOptions, ConsentOptions } from '../../session/host/options.ts'
import { emit, printer } from '../../session/host/output.ts'
import type { Runtime } from '../../session/host/runtime.ts'
import { type LockedIncident, withLoggedIncident } from '../../session/locks/locked-incident.ts'
import type { Session } from '../../session/log/session.ts'
import { bindUndos, type ReadyUndo } from '../../session/prepare/bind-undos.ts'
import { refuseOtherWorld } from '../../session/prepare/from-log.ts'
import { planHead } from '../../session/prepare/prepare.ts'
import { type Reading, readDoubts } from '../../session/resolve-doubts.ts'
import { type Shown, withSession } from '../../session/with-session.ts'
import { detailOf, previewPlan } from '../../terminal/preview.ts'
import type { Context } from '../command.ts'
import {
  addConsentOptions,
  addIncidentOptions,
  coldOption,
  namedIn,
  runbookOption,
  takeOverOption,
} from '../options.ts'

type UndoOptions = CommonOptions &
  AccessOptions &
  ConsentOptions & {
    cold?: boolean
    sandbox?: string
    runbook: string[]
    step?: string
    run?: string
    reason?: string
    takeOver?: boolean
  }

/** `breakglass undo INCIDENT`: undoes the incident's changes, newest first. */
export function define(command: Command, { runtime, exit }: Context): void {
  addConsentOptions(
    addIncidentOptions(command)
      .option('--step <key>', 'Undo only this step, by the key that the plan and the log show')
      .option('--run <id>', 'Undo only the changes of this run (default: all runs in the environment of the last one)')
      .option('--reason <text>', 'Why the changes are undone; it appears in the record')
      .addOption(runbookOption())
      .addOption(coldOption()),
    'Ask no questions: undo every change that is still as the run left it',
  )
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
    const opened = {
      incident,
      title: run.opened.title,
      reason: (options.reason ?? 'Changes are undone.').trim(),
      undoes,
    }
    const consent = consentTo(undoes, runs, incident, options)
    const show = (session: Session) => shown({ ...ready, stays }, session)
    return withSession({ locked, ready, choice, options, consent, opened, earlier: run, show }, runtime)
  })
}

/** What is known of the consent to an undo: it is held to the policy where one of the runs was that it undoes. */
function consentTo(
  undoes: { run: string }[],
  runs: RunState[],
  incident: string,
  { yes, policy, key, override }: UndoOptions,
): ConsentRequest {
  const undone = runs.filter(({ run }) => undoes.some((each) => each.run === run))
  return {
    incident,
    yes: yes ?? false,
    ...(policy || undone.some(policyApplied) ? { policy: true } : {}),
    ...(key === undefined ? {} : { key }),
    ...(override === undefined ? {} : { override }),
  }
}

/** Observes and shows what is to be undone. */
async function shown({ stays, ...ready }: ReadyUndo & { stays: Done[] }, session: Session): Promise<Shown> {
  const { locked, prepared, print, runtime } = session
  const { steps, dones } = ready
  const { world, name } = prepared.cloud
  const planned = await planUndo(planHead(ready), steps, { world, width: runtime.width })
  const plan = noteDependents(planned, dones, stays, foldRuns(locked.log.entries))
  print('')
  print(previewPlan(plan, name, runtime.terminal, detailOf(session)))
  return {
    subject: { risk: riskOf(plan), digest: planDigest(plan) },
    planned: undoPlanned(plan),
    run: (host) => runToEnd(progressOf(plan, conditionsOf(dones)), { steps, checks: [], backfill: [] }, host),
  }
}

/** Which doubts an undo must know the end of: those of the run and of the step that it is about, as far as there is such a step. */
function askedFor({ run: only, step }: UndoOptions, runs: RunState[]): Reading['isDoubtful'] {
  const isStep = step !== undefined && runs.some(({ steps }) => steps.has(step))
  return (state, { run }) =>
    mayHaveTakenEffect(state) && (only ?? run) === run && (!isStep || state.planned.key === step)
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
    `there is no change of a step ${step} to undo`,
    `there are: ${there.map(({ planned }) => planned.key).join(', ') || 'none'}`,
  )
}

/** Adds a note to each change that is undone: which changes stay and depend on it. */
function noteDependents(plan: Plan, dones: Done[], stays: Done[], runs: RunState[]): Plan {
  const steps = plan.steps.map((step) => {
    const done = dones.find(({ run, planned }) => undoKey(run, planned.key) === step.key)
    const dependents = done ? [...dependentsOf(done, stays), ...othersDependingOn(runs, done.planned)] : []
    if (dependents.length === 0) return step
    const stay = `these changes stay and depend on it: ${dependents.join(', ')}`
    return { ...step, note: step.note === undefined ? stay : `${step.note}; ${stay}` }
  })
  return { ...plan, steps }
}

function nothingToUndo(incident: string, runs: RunState[], { json }: UndoOptions, runtime: Runtime): number {
  const steps = runs.flatMap((run) => [...run.steps.values()])
  const theirs = steps.filter(({ status, planned }) => status === 'made-by-another' && !planned.undoes).length
  const stays = theirs === 0 ? '' : ` ${theirs} corrected by somebody else during the incident, which stays.`
  printer(json, runtime)(`Nothing is left to undo.${stays}`)
  if (json) emit({ incident, undone: [], exitCode: EXIT.done }, runtime)
  return EXIT.done
}
