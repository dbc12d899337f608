import { verifyLog } from '../../audit/verify.ts'
import { formatDuration } from '../../base/duration.ts'
import type { Json } from '../../base/json.ts'
import { printable } from '../../base/printable.ts'
import { UserError } from '../../base/problem.ts'
import { incidentFolder, incidentsIn, readLog } from '../../disk/logs/incident-folder.ts'
import type { Workspace } from '../../disk/workspace.ts'
import { changesBetween, type PlanChange, valueChanges } from '../../plan/changes.ts'
import { LONGEST_LIFETIME_MS } from '../../plan/saved.ts'
import type { CloudName, Plan, SavedPlan } from '../../plan/types.ts'
import { foldRuns } from '../../run/model/fold-runs.ts'
import type { Cloud, CloudChoice, Runtime } from '../host/runtime.ts'
import { changesFromBinding } from '../prepare/binding.ts'
import { type FoundFiles, findNamedFiles, type NamedByPerson } from '../prepare/named-files.ts'
import type { Ready } from '../prepare/prepare.ts'

/** The largest clock difference before a plan seems to come from the future. */
const CLOCK_SLACK_MS = 60_000

/** Refuses a plan that has expired, claims a longer lifetime than any plan has, or has invalid times. Throws UserError. */
export function refuseExpired({ id, madeAt, expiresAt }: SavedPlan, now: Date): void {
  const over = now.getTime() - new Date(expiresAt).getTime()
  if (over >= 0)
    throw new UserError(
      `the plan ${id} expired at ${expiresAt}, ${formatDuration(over)} ago; nothing was changed`,
      'make a new plan: the environment may have changed since',
      4,
    )
  if (new Date(madeAt).getTime() - now.getTime() > CLOCK_SLACK_MS)
    throw new UserError(
      `the plan ${id} was made at ${madeAt}, later than now (${now.toISOString()}): one of the clocks is wrong; nothing was changed`,
      'correct the clocks, then make a new plan',
      4,
    )
  const lifetime = new Date(expiresAt).getTime() - new Date(madeAt).getTime()
  if (!(lifetime > 0 && lifetime <= LONGEST_LIFETIME_MS))
    throw new UserError(
      `the plan ${id} claims to be valid from ${madeAt} to ${expiresAt}, but no plan is valid for longer than ${formatDuration(LONGEST_LIFETIME_MS)}; nothing was changed`,
      'make a new plan with `breakglass plan`',
      4,
    )
}

/** Refuses a plan for another kind of cloud before any cloud is opened. Throws UserError. */
export function refuseOtherKind(saved: SavedPlan, choice: CloudChoice): void {
  switch (choice.kind) {
    case 'live':
      refuseOtherCloud(saved, { kind: 'live' })
      return
    case 'scenario':
      refuseOtherCloud(saved, { kind: 'sandbox', scenario: choice.scenario.metadata.name })
      return
    case 'sandbox':
      if (saved.cloud.kind === 'live') throw otherCloud(saved, `the sandbox at ${choice.address}`)
  }
}

function refuseOtherCloud(saved: SavedPlan, name: CloudName): void {
  if (describeCloud(saved.cloud) !== describeCloud(name)) throw otherCloud(saved, describeCloud(name))
}

const otherCloud = (saved: SavedPlan, is: string): UserError =>
  unfit(saved, [{ what: 'cloud', was: describeCloud(saved.cloud), is }])

const describeCloud = (name: CloudName): string =>
  name.kind === 'live' ? 'the real cloud' : `the sandbox ${name.scenario}`

/**
 * Finds the files that a plan was made from among those that the workspace lists and the person names. Throws UserError if one
 * of them has changed or is missing.
 */
export async function filesOfPlan(
  saved: SavedPlan,
  named: NamedByPerson,
  own: string | undefined,
  workspace: Workspace,
  runtime: Runtime,
): Promise<FoundFiles> {
  const found = await findNamedFiles(saved.sources, named, own, workspace, runtime)
  if (found.changes.length > 0) throw unfit(saved, found.changes)
  return found
}

/** Refuses a plan whose files bind to something else now, before anything is observed or a script runs. Throws UserError. */
export function refuseOtherBinding(saved: SavedPlan, ready: Ready): void {
  const changes = changesFromBinding(saved, saved.plan, ready)
  if (changes.length > 0) throw unfit(saved, changes)
}

/** Refuses a plan that was made with another access to Google Cloud, or to run as somebody else. Throws UserError. */
export function refuseOtherAccess(saved: SavedPlan, { access }: Pick<Cloud, 'access'>): void {
  const [was, is] = [saved.access ?? {}, access ?? {}].map((each) => each as Record<string, Json>)
  const changes = valueChanges('access', was, is)
  if (changes.length === 0) return
  throw unfit(saved, changes, 'use the same access, with flags or in the inventory, or make a new plan with this one')
}

/** Refuses a plan that differs in any way from one made now. Throws UserError. */
export function refuseMoved(saved: SavedPlan, now: Plan, cloud: Cloud, runtime: Runtime): void {
  refuseOtherCloud(saved, cloud.name)
  refuseOtherAccess(saved, cloud)
  refuseExpired(saved, runtime.now())
  const changes = changesBetween(saved.plan, now)
  if (changes.length > 0) throw unfit(saved, changes)
}

/** Lists differences, one per line. */
export const describeChanges = (changes: PlanChange[]): string =>
  changes.map(({ what, was, is }) => `  ${printable(`${what}: ${was} → ${is}`)}`).join('\n')

const NEW_PLAN =
  'check what differs, then make a new plan; name files outside the workspace yourself, as RUNBOOK or with --inventory FILE'

function unfit({ id }: SavedPlan, changes: PlanChange[], hint = NEW_PLAN): UserError {
  return new UserError(
    `the plan ${id} no longer matches, and nothing was changed. Differences:\n${describeChanges(changes)}`,
    hint,
    4,
  )
}

/** Refuses a plan that another run in these logs was opened with. This folder's logs are the only state: a use elsewhere is not noticed. Throws UserError. */
export async function refuseUsed(
  saved: SavedPlan,
  logs: string,
  goesOn?: { incident: string; run: string },
): Promise<void> {
  for (const incident of await incidentsIn(logs)) {
    const bytes = await readLog(incidentFolder(logs, incident))
    if (!Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(saved.id)) continue
    const uses = foldRuns(verifyLog(bytes, incident).entries).filter(({ opened }) => opened.savedPlan?.id === saved.id)
    const own = goesOn?.incident === incident ? goesOn.run : undefined
    const use = uses.find(({ run, opened }) => own === undefined || (run !== own && opened.within !== own))
    if (own !== undefined && use === undefined) continue
    // A line that names the plan but can't be read doesn't prove that the plan is unused.
    const by = use
      ? `by ${use.run} of incident ${incident}, at ${use.openedAt}`
      : `according to the log of incident ${incident}, although no readable run in it used the plan`
    throw new UserError(
      `the plan ${saved.id} was already used, ${by}; nothing was changed`,
      `a plan can be used once per logs folder: make another with \`breakglass plan --out FILE\``,
      4,
    )
  }
}
