import { resolve } from 'node:path'
import { type Json, sameJson } from '../../base/json.ts'
import { printable } from '../../base/printable.ts'
import { UserError } from '../../base/problem.ts'
import { checkoutAround, nameOf, shownPath, type Workspace } from '../../disk/workspace.ts'
import type { PlanChange } from '../../plan/changes.ts'
import type { Repository } from '../../run/backfill.ts'
import { refuseOtherIntents } from '../../run/derive-undo.ts'
import type { RunFrom } from '../../run/model/events.ts'
import type { RunState } from '../../run/model/run-state.ts'
import { describeAccess } from '../../runbook/access.ts'
import { inventoryOf } from '../host/choose-cloud.ts'
import type { Print } from '../host/output.ts'
import type { Cloud, CloudChoice, Runtime } from '../host/runtime.ts'
import { describeChanges } from '../saved-plan/plan-fits.ts'
import { changesFromBinding } from './binding.ts'
import { findNamedFiles, type NamedByPerson } from './named-files.ts'
import { type Ready, type Request, readAndBind } from './prepare.ts'
import { pathIn } from './sources.ts'

/** What a person names to resume or undo a run: files, and a checkout that the log only mentions. */
export type NamedForRun = NamedByPerson & { repo?: string }

/**
 * Binds again what a run in the log was made from, and compares all of it with the log before anything is observed. The log
 * only names its files: they are taken from what the workspace lists and the person names. Throws UserError with the
 * differences, if there are any.
 */
export async function bindAsLogged(
  run: RunState,
  named: NamedForRun,
  choice: CloudChoice,
  workspace: Workspace,
  print: Print,
  runtime: Runtime,
): Promise<Ready> {
  const { from } = run.opened
  if (from === undefined)
    throw new UserError(
      `the log does not say what ${run.run} was made from: an earlier version of Breakglass wrote it`,
      'run its runbooks again: steps that are already correct are left alone',
    )
  const files = await findNamedFiles(from.sources, named, await inventoryOf(choice), workspace, runtime)
  if (files.changes.length > 0) throw otherwise(run, files.changes)
  const repo = named.repo ?? ownCheckout(from, workspace, print)
  const request: Request = {
    runbooks: files.runbooks,
    env: from.environment,
    input: from.given,
    inventory: files.inventory,
    ...(repo === undefined ? {} : { repo }),
  }
  const ready = await readAndBind(request, undefined, workspace, runtime)
  const changes = [
    ...changesFromBinding(from, run.opened.undoes === undefined ? run.plan : undefined, ready),
    ...(await repositoryChanges(from, ready.repository)),
  ]
  if (changes.length > 0) throw otherwise(run, changes)
  refuseOtherIntents(run.steps, ready.steps)
  return ready
}

/** Refuses a given runbook that no run was made from: it would be ignored. Throws UserError. */
export function refuseStrangeRunbooks({ runbooks }: NamedForRun, readies: Ready[], { cwd }: Runtime): void {
  const used = readies.flatMap((ready) => [...ready.runbooks, ...ready.gates].map(({ file }) => shownPath(file, cwd)))
  const strange = runbooks.filter(
    (given) =>
      !used.some((file) => file === given || nameOf(file) === given || shownPath(resolve(cwd, given), cwd) === file),
  )
  if (strange.length === 0) return
  throw new UserError(
    printable(`--runbook ${strange.join(', ')}: the run was not made from ${strange.length === 1 ? 'it' : 'them'}`),
    'leave it out; `breakglass audit show` names the runbooks of a run',
  )
}

/** Returns the checkout that a log names only if it is the workspace's own; the person must name any other. */
function ownCheckout({ repository }: RunFrom, workspace: Workspace, print: Print): string | undefined {
  if (repository === undefined) return undefined
  const own = checkoutAround(workspace.root)
  if (own !== undefined && pathIn(workspace, own) === repository) return own
  print(
    printable(
      `The checkout ${repository} is named only by the log, so it is not read. To compare with it, add --repo DIR.`,
    ),
  )
  return undefined
}

/** Compares the given checkout with the one that the run read: it must be that or a copy of it, with the same commit. */
async function repositoryChanges(
  { repositoryCommit }: RunFrom,
  repository: Repository | undefined,
): Promise<PlanChange[]> {
  if (repository === undefined || repositoryCommit === undefined || (await repository.has(repositoryCommit))) return []
  const is = `no such commit in ${repository.name}${repository.head === undefined ? '' : `, which is at ${repository.head}`}`
  return [{ what: 'repository', was: `commit ${repositoryCommit}`, is }]
}

/** Returns the error for a run that was made from something other than what is here. */
export const otherwise = ({ run }: Pick<RunState, 'run'>, changes: PlanChange[]): UserError =>
  new UserError(
    `${run} was made from something other than what is here now, and nothing was changed. Differences:\n${describeChanges(changes)}`,
    'restore the files, and name those outside the workspace with --runbook FILE and --inventory FILE; or run the runbooks again: steps that are already correct are left alone',
  )

/** Refuses to continue a run in another world. Throws UserError. */
export function refuseOtherWorld({ run, opened }: RunState, choice: CloudChoice): void {
  const { cloud } = opened
  if (cloud.kind === 'live') {
    if (choice.kind === 'live') return
    throw new UserError(
      `${run} changed the real cloud, but this is a sandbox`,
      'leave out --sandbox and BREAKGLASS_SANDBOX',
    )
  }
  if (choice.kind === 'sandbox') return
  throw new UserError(
    `${run} ran in the sandbox ${cloud.scenario}, which must still be running; the sandbox of a rehearsal ends with it`,
    'name its address with --sandbox http://127.0.0.1:PORT, or rehearse again',
  )
}

/** Prints, before anybody consents, how Google Cloud is reached now, if that is another way or as somebody else than before. */
export function printOtherAccess(
  { run, opened, resumed }: RunState,
  { name, gcloud, access }: Cloud,
  print: Print,
): void {
  const was = resumed.at(-1) ?? opened
  const isSame = sameJson((was.access ?? null) as Json, (access ?? null) as Json)
  if (name.kind !== 'live' || (isSame && was.gcloud.account === gcloud.account)) return
  const words = (means: Pick<typeof was, 'gcloud' | 'access'>) =>
    `${describeAccess(means.access)} (account ${means.gcloud.account})`
  print(
    printable(
      `${run} reached Google Cloud ${words(was)}; now it is reached ${words({ gcloud, ...(access ? { access } : {}) })}.`,
    ),
  )
}

/** Refuses to continue in a sandbox other than the run's, even one with the same scenario. Throws UserError. */
export function refuseOtherSandbox({ run, opened }: RunState, { name }: Cloud): void {
  const { cloud } = opened
  if (cloud.kind === 'live' || name.kind === 'live' || cloud.id === undefined || cloud.id === name.id) return
  throw new UserError(
    `${run} ran in another sandbox (scenario ${cloud.scenario}) than this one (scenario ${name.scenario}), so its changes are not here`,
    'use the address of the sandbox it ran in, or rehearse again',
  )
}
