import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { Workspace } from '../disk/workspace.ts'
import { exitCodeOf } from '../exit-codes.ts'
import { planDigest } from '../plan/digest.ts'
import type { Plan } from '../plan/types.ts'
import type { RunEnd } from '../run/ending.ts'
import type { RunHost, SeenOf } from '../run/host.ts'
import { courseOf, follow } from '../run/loop.ts'
import { type GoingOn, goOn, unfinishedRun } from '../run/resume.ts'
import { foldRuns, type RunState } from '../run/state.ts'
import { seenAmong } from '../run/undo.ts'
import { leavingConflicts } from '../terminal/operator.ts'
import { previewPlan } from '../terminal/preview.ts'
import { begunBefore, sayBegunBefore } from './begun-before.ts'
import { bindUndos, refuseOtherUndo } from './bind-undos.ts'
import { chooseCloud } from './choose-cloud.ts'
import { refuseNobodyToAsk, refuseUnaskedChange } from './consent.ts'
import { refuseUnconsented } from './consent-of-others.ts'
import { deriveRecord } from './derive-record.ts'
import { noSuchIncident } from './existing-incident.ts'
import { bindAsLogged, refuseOtherSandbox, refuseOtherWorld } from './from-log.ts'
import { type Held, holdLogged, holdProject } from './hold.ts'
import { type LogRun, logPreamble, logRun, type Session } from './log-run.ts'
import { withNotices } from './notify.ts'
import {
  type CommonOptions,
  coldOption,
  keptOptions,
  makeCommand,
  namedIn,
  runbookOption,
  signKeyOption,
} from './options.ts'
import type { CloudChoice, Outside } from './outside.ts'
import { makePlan, observeShown, openFor, type Prepared } from './prepare.ts'
import { runHost } from './run-host.ts'
import { emit, sayer } from './say.ts'
import { progressFor } from './screen.ts'
import { workspaceFor } from './shipped.ts'

type ResumeOptions = CommonOptions & {
  sandbox?: string
  cold?: boolean
  yes?: boolean
  repo?: string
  runbook: string[]
  policy?: boolean
  signKey?: string
}

/** `breakglass resume INCIDENT`: goes on with the incident's last run where it was cut off or had to end. */
export function define(outside: Outside, exit: (code: number) => void): Command {
  return makeCommand('resume', 'go on with a run that was cut off, or had to end before it was done')
    .argument('<incident>', "the incident's id")
    .option('--sandbox <address>', 'where the sandbox is in which the run was')
    .option(
      '--repo <dir>',
      "the checkout of the repository that the run read (default: the workspace's own, where it was that)",
    )
    .addOption(runbookOption())
    .addOption(coldOption())
    .option('--policy', 'hold a run in a sandbox to the policy too, as a live run is')
    .addOption(signKeyOption())
    .option('--yes', 'no questions: consent to what the plan showed')
    .action(async (incident: string, options: ResumeOptions) => exit(await resume(incident, options, outside)))
}

async function resume(incident: string, options: ResumeOptions, outside: Outside): Promise<number> {
  const workspace = workspaceFor(options, outside)
  refuseNobodyToAsk({ yes: options.yes ?? false }, outside)
  const logs = resolve(outside.cwd, options.logs ?? workspace.logs)
  const request = { incident, env: '', takeOver: 'own' as const, ...(options.json ? { json: true } : {}) }
  return holdLogged(request, logs, outside, async (held) => {
    const runs = foldRuns(held.log.entries)
    const last = runs.at(-1)
    if (last === undefined) throw await noSuchIncident(logs, incident)
    const run = unfinishedRun(runs)
    if (run === undefined) return nothingLeft(last, held, options, outside)
    const choice = await chooseCloud(options.sandbox, workspace, outside)
    refuseOtherWorld(run, choice)
    return inProject(run, runs, held, choice, workspace, options, outside)
  })
}

/** A run that was cut off after its end still gets its record. */
async function nothingLeft(
  run: RunState,
  { incident, paths }: Held,
  { json }: ResumeOptions,
  outside: Outside,
): Promise<number> {
  const say = sayer(json, outside)
  const ending = run.closed?.ending ?? 'done'
  await deriveRecord(paths)
  say(`Nothing is left to do: ${run.run} has ended (${ending}).`)
  if (json) emit({ incident, run: run.run, ending, exitCode: exitCodeOf(ending) }, outside)
  return exitCodeOf(ending)
}

async function inProject(
  run: RunState,
  runs: RunState[],
  held: Held,
  choice: CloudChoice,
  workspace: Workspace,
  options: ResumeOptions,
  outside: Outside,
): Promise<number> {
  const say = sayer(options.json, outside)
  const consent = { yes: options.yes ?? false, ...(run.opened.savedPlan ? { saved: run.opened.savedPlan } : {}) }
  const { undoes } = run.opened
  const named = namedIn(options)
  const undo = undoes && (await bindUndos(undoes, runs, named, choice, workspace, say, outside))
  if (undo) refuseOtherUndo(run, undo)
  const ready = undo ?? (await bindAsLogged(run, named, choice, workspace, say, outside))
  const seen = seenAmong(undo?.dones ?? [])
  const prepared = await openFor(ready, choice, options.cold ?? false, outside)
  const request = { incident: held.incident, env: ready.environment.name, takeOver: 'own' as const }
  return holdProject(prepared, held, request, say, outside, (mine) => {
    const { cloud } = prepared
    refuseOtherSandbox(run, cloud)
    refuseUnaskedChange(prepared, consent)
    refuseUnconsented(run, prepared, options)
    const session: Omit<Session, 'notifier'> = {
      held: mine,
      prepared,
      opened: { ...run.opened, operator: outside.operator, gcloud: cloud.gcloud, engine: outside.version },
      ...keptOptions(options),
      progress: progressFor(options.json, say, outside),
      say,
      outside,
    }
    return withNotices(prepared, outside, (notifier) =>
      logRun({ ...session, notifier }, run.run, (log) => opened(run, { ...session, notifier }, consent, seen, log)),
    )
  })
}

async function opened(
  run: RunState,
  session: Session,
  consent: Parameters<typeof runHost>[1],
  seen: SeenOf,
  log: LogRun,
): Promise<RunEnd> {
  const { held, prepared, say, outside } = session
  say(`Going on with ${run.run}, opened by ${run.opened.operator} at ${run.openedAt}.`)
  await log.append({
    type: 'run.resumed',
    body: {
      by: outside.operator,
      gcloud: prepared.cloud.gcloud,
      engine: outside.version,
      consent: consent.yes ? 'given-beforehand' : 'asked',
    },
  })
  await logPreamble(held, log.append)
  const host = runHost(session, consent, log)
  const unasked = run.opened.undoes && consent.yes ? { ...host, operator: leavingConflicts(host.operator) } : host
  const observe = () => observeShown(prepared.steps, prepared.cloud, session.progress, outside)
  const origin = begunBefore(held, prepared)
  const show = (plan: Plan) => {
    say(`\n${previewPlan(plan, outside.terminal)}`)
    sayBegunBefore(plan, origin, say)
  }
  const going = { observe, show, first: seen, origin }
  const { plan } = run
  return plan ? goOn({ ...run, plan }, prepared, going, unasked) : fromTheStart(prepared, going, unasked)
}

/** The run was cut off before its plan was made: nothing was consented to, and nothing done. */
async function fromTheStart(
  prepared: Prepared,
  { observe, show, first, origin }: GoingOn,
  host: RunHost,
): Promise<RunEnd> {
  const plan = makePlan(prepared, await observe())
  show(plan)
  await host.append({ type: 'plan.made', body: { plan, digest: planDigest(plan) } })
  return follow(courseOf(plan, first, origin), prepared, host)
}
