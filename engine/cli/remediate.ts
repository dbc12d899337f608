import { dirname, resolve } from 'node:path'
import { EMPTY } from '../audit/chain.ts'
import { checkpointOf, formatCheckpoint } from '../audit/checkpoint.ts'
import { verifyLog } from '../audit/verify.ts'
import { LogNotWritten, makeWriter } from '../audit/writer.ts'
import { type IncidentFolder, incidentFolder, openLog, readLog, writeCheckpoint } from '../disk/incident-folder.ts'
import { lookAtLogs } from '../disk/log-room.ts'
import { shownPath, type Workspace } from '../disk/workspace.ts'
import { exitCodeOf } from '../exit-codes.ts'
import { planDigest } from '../plan/digest.ts'
import type { Plan, SavedPlan } from '../plan/types.ts'
import type { RunEvent } from '../run/events.ts'
import type { Operator } from '../run/host.ts'
import { carryOut, type RunEnd } from '../run/loop.ts'
import { foldRuns, type Recorded } from '../run/state.ts'
import { Problem } from '../runbook/problem.ts'
import { askingOperator, heldToPlan, yesOperator } from '../terminal/operator.ts'
import { previewPlan } from '../terminal/preview.ts'
import type { Progress } from '../terminal/progress.ts'
import { questionsUntil } from '../terminal/questions.ts'
import { summarize } from '../terminal/summary.ts'
import { deriveRecord } from './derive-record.ts'
import { followMoments } from './follow.ts'
import type { CommonOptions } from './options.ts'
import type { Cloud, CloudChoice, Outside } from './outside.ts'
import { refuseMoved } from './plan-fits.ts'
import { makePlan, observeShown, type Prepared, prepareIn, type Request } from './prepare.ts'
import { announce, emit, progressFor, type Say, sayer } from './screen.ts'
import { lockIncident, lockProject, type TakeOver } from './take-locks.ts'

/** What a guided remediation needs to be told. */
export type Remediation = Request &
  CommonOptions & {
    incident: string
    reason: string
    title: string
    yes: boolean
    takeOver?: boolean
    repo?: string
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
  const paths = incidentFolder(resolve(outside.cwd, request.logs ?? workspace.logs), request.incident)
  refuseBadReason(request)
  if (!request.yes && !outside.terminal.interactive)
    throw new Problem(
      'there is no terminal to ask for consent',
      'run it in a terminal, or give --yes to consent to what the plan shows',
    )
  const room = await lookAtLogs(dirname(paths.folder))
  if (room.status === 'failed') throw new Problem(room.says, room.mend ?? '', 1)
  const lock = await lockIncident(paths, request, outside)
  if (!lock.ok) return lock.exitCode
  try {
    const prepared = await prepareIn(choice, workspace, request, outside)
    return await lockedIn(prepared, paths, request, lock.takeOvers, say, outside).finally(() => prepared.cloud.close())
  } finally {
    await lock.release()
  }
}

/** The same with the project's lock: nobody else on this machine changes it meanwhile. */
async function lockedIn(
  prepared: Prepared,
  paths: IncidentFolder,
  request: Remediation,
  before: TakeOver[],
  say: Say,
  outside: Outside,
): Promise<number> {
  const lock = await lockProject(prepared.cloud, prepared.environment.project, request, outside)
  if (!lock.ok) return lock.exitCode
  try {
    return await carriedOut(prepared, paths, request, [...before, ...lock.takeOvers], say, outside)
  } finally {
    await lock.release()
  }
}

function refuseBadReason({ reason, title }: Remediation): void {
  for (const [option, text] of [
    ['--reason', reason],
    ['--title', title],
  ] as const) {
    if (text.trim() === '')
      throw new Problem(`${option} is empty`, 'say in a few words why production is changed by hand')
    if (text.length > 2000)
      throw new Problem(
        `${option} is longer than 2,000 characters`,
        'shorten it; details belong in the record, in the places for your own words',
      )
    if (!text.isWellFormed()) throw new Problem(`${option} is not well-formed text`, 'type it again')
  }
}

async function carriedOut(
  prepared: Prepared,
  paths: IncidentFolder,
  request: Remediation,
  takeOvers: TakeOver[],
  say: Say,
  outside: Outside,
): Promise<number> {
  const { cloud } = prepared
  announce(cloud, say, outside)
  const before = verifyLog(await readLog(paths))
  if (before.damage.length > 0)
    throw new Problem(
      `the log of ${request.incident} is damaged, so nothing is added to it`,
      `look at it with \`breakglass audit verify ${request.incident}\`, or use another incident id`,
    )
  refuseUnaskedChange(prepared, request)
  refuseMixedClouds(before.entries, cloud, request.incident)
  const progress = progressFor(request.json, say, outside)
  const steps = await observeShown(prepared.steps, cloud, progress, outside)
  const plan = makePlan(prepared, steps)
  if (request.saved) refuseMoved(request.saved, plan, cloud, outside)
  say('')
  say(previewPlan(plan, outside.terminal))
  const log = await openLog(paths)
  try {
    const head = before.size === 0 ? EMPTY : { size: before.size, hash: before.head }
    const run = `run-${Buffer.from(outside.random(6)).toString('hex')}`
    const writer = makeWriter(log, head, run, outside.now, cloud.mask)
    const end = await runLogged(plan, prepared, request, takeOvers, writer, progress, say, outside)
    await progress.settled()
    await deriveRecord(paths)
    say('')
    const after = verifyLog(await readLog(paths))
    const checkpoint = formatCheckpoint(checkpointOf(request.incident, after.lines))
    await writeCheckpoint(paths, checkpoint)
    const places = {
      log: shownPath(paths.log, outside.cwd),
      record: shownPath(paths.record, outside.cwd),
      checkpoint: checkpoint.trimEnd().replaceAll('\n', ' '),
    }
    say(summarize(after.entries, run, places, outside.terminal))
    if (request.json)
      emit(
        {
          incident: request.incident,
          run,
          ending: end.ending,
          reason: end.reason,
          exitCode: exitCodeOf(end.ending),
          log: paths.log,
          record: paths.record,
          head: writer.head(),
        },
        outside,
      )
    return exitCodeOf(end.ending)
  } finally {
    await log.close()
  }
}

/** Nobody changes a protected environment of the real world without being asked. */
function refuseUnaskedChange({ cloud, environment }: Prepared, { yes }: Remediation): void {
  if (cloud.name.kind !== 'live' || !environment.protected || !yes) return
  throw new Problem(
    `${environment.name} is protected, so --yes is not enough to change it`,
    'run it in a terminal without --yes: it asks before each change',
    4,
  )
}

/** What was rehearsed and what was real must never stand in one record. */
function refuseMixedClouds(entries: Recorded[], cloud: Cloud, incident: string): void {
  const other = foldRuns(entries).find(({ opened }) => opened.cloud.kind !== cloud.name.kind)
  if (other === undefined) return
  const [was, is] = cloud.name.kind === 'live' ? ['a rehearsal', 'real'] : ['real', 'a rehearsal']
  throw new Problem(`incident ${incident} is ${was}, and this run would be ${is}`, 'use another incident id')
}

async function runLogged(
  plan: Plan,
  prepared: Prepared,
  request: Remediation,
  takeOvers: TakeOver[],
  writer: { append(event: RunEvent): Promise<void> },
  progress: Progress,
  say: Say,
  outside: Outside,
): Promise<RunEnd> {
  const { cloud } = prepared
  try {
    await writer.append({ type: 'run.opened', body: openedBody(request, prepared, outside) })
    for (const each of takeOvers) {
      await writer.append(each.event)
      each.logged = true
    }
    await writer.append({ type: 'plan.made', body: { plan, digest: planDigest(plan) } })
    return await carryOut(plan, prepared, {
      world: cloud.world,
      width: outside.width,
      operator: operatorFor(request, progress, say, outside),
      ...(prepared.repository ? { repository: prepared.repository } : {}),
      append: writer.append,
      tell: followMoments(progress, say),
      stopRequested: () => outside.stopping.aborted,
    })
  } catch (error) {
    if (!(error instanceof LogNotWritten)) throw error
    throw new Problem(
      error.message,
      'the run was stopped; check the log folder, then look at what is there with `breakglass check`',
      1,
    )
  }
}

function operatorFor({ yes, saved }: Remediation, progress: Progress, say: Say, outside: Outside): Operator {
  const operator = yes
    ? yesOperator(outside.operator)
    : askingOperator(outside.operator, outside.terminal, questionsUntil(outside.stopping), progress, say)
  return saved ? heldToPlan(operator, saved.id) : operator
}

function openedBody(
  request: Remediation,
  { cloud }: Prepared,
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
