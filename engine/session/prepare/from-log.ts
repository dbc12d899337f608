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

/** What a person names themselves where a run is gone on with or undone: files and a checkout that the log only speaks of. */
export type NamedForRun = NamedByPerson & { repo?: string }

/**
 * Binds again what a run of the log was made from, and compares all of it with the log before anything is observed. The
 * log only names its files: they are taken from what the workspace lists and what the person names. Throws UserError where
 * anything differs, with what does.
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
      `the log doesn't say what ${run.run} was made from: an earlier Breakglass wrote it`,
      'run its runbooks anew: what is right by then is left alone',
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

/** Refuses a runbook that a person names and no run was made from: it would be dropped. Throws UserError. */
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

/** The checkout that a log names is opened unasked only where it is the workspace's own; else the person names it. */
function ownCheckout({ repository }: RunFrom, workspace: Workspace, print: Print): string | undefined {
  if (repository === undefined) return undefined
  const own = checkoutAround(workspace.root)
  if (own !== undefined && pathIn(workspace, own) === repository) return own
  print(
    printable(
      `The checkout ${repository} is only named by the log, so it is not read; name it with --repo DIR to see what it says.`,
    ),
  )
  return undefined
}

/** The checkout that is named must be the one that the run read, or a copy of it: it has the commit that was there. */
async function repositoryChanges(
  { repositoryCommit }: RunFrom,
  repository: Repository | undefined,
): Promise<PlanChange[]> {
  if (repository === undefined || repositoryCommit === undefined || (await repository.has(repositoryCommit))) return []
  const is = `no such commit in ${repository.name}${repository.head === undefined ? '' : `, which is at ${repository.head}`}`
  return [{ what: 'repository', was: `commit ${repositoryCommit}`, is }]
}

/** Says that a run was made from something else than what is here. */
export const otherwise = ({ run }: Pick<RunState, 'run'>, changes: PlanChange[]): UserError =>
  new UserError(
    `${run} was made from something else than what is here now, and nothing was changed. What differs:\n${describeChanges(changes)}`,
    'put the files back as they were, and name those outside the workspace with --runbook FILE and --inventory FILE; or run the runbooks anew: what is right by then is left alone',
  )

/** Refuses to go on with a run in another world than it was in. Throws UserError. */
export function refuseOtherWorld({ run, opened }: RunState, choice: CloudChoice): void {
  const { cloud } = opened
  if (cloud.kind === 'live') {
    if (choice.kind === 'live') return
    throw new UserError(
      `${run} changed the real cloud, and this is a sandbox`,
      'leave out --sandbox and BREAKGLASS_SANDBOX',
    )
  }
  if (choice.kind === 'sandbox') return
  throw new UserError(
    `${run} was in the sandbox ${cloud.scenario}, which must still be running to go on in it; a sandbox that a rehearsal has started for itself is gone with it`,
    'name its address with --sandbox http://127.0.0.1:PORT, or rehearse anew',
  )
}

/** Says, before anybody consents, where Google Cloud is reached another way, or as somebody else, than the run did last. */
export function sayOtherAccess(
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

/** Refuses to go on in another sandbox than the run was in, though it plays the same scenario. Throws UserError. */
export function refuseOtherSandbox({ run, opened }: RunState, { name }: Cloud): void {
  const { cloud } = opened
  if (cloud.kind === 'live' || name.kind === 'live' || cloud.id === undefined || cloud.id === name.id) return
  throw new UserError(
    `${run} was in another sandbox of ${cloud.scenario} than this one of ${name.scenario}, so what it changed is not here`,
    'name the address of the one it was in, or rehearse anew',
  )
}
