import { resolve } from 'node:path'
import { readSource } from '../disk/read-source.ts'
import type { Workspace } from '../disk/workspace.ts'
import { changesBetween, type PlanChange } from '../plan/changes.ts'
import type { CloudName, Plan, PlanSource, SavedPlan } from '../plan/types.ts'
import { formatDuration } from '../runbook/duration.ts'
import { printable } from '../runbook/printable.ts'
import { Problem } from '../runbook/problem.ts'
import { digestOf } from './load.ts'
import type { Cloud, CloudChoice, Outside } from './outside.ts'

/** How far two clocks may be apart before a plan seems to come from the future. */
const CLOCK_SLACK_MS = 60_000

/** Refuses a plan whose time is up, or whose time can't be told. Throws Problem. */
export function refuseExpired({ id, madeAt, expiresAt }: SavedPlan, now: Date): void {
  const over = now.getTime() - new Date(expiresAt).getTime()
  if (over >= 0)
    throw new Problem(
      `the plan ${id} expired at ${expiresAt}, ${formatDuration(over)} ago; nothing was changed`,
      'make it anew: the world may have moved on',
      4,
    )
  if (new Date(madeAt).getTime() - now.getTime() > CLOCK_SLACK_MS)
    throw new Problem(
      `the plan ${id} was made at ${madeAt}, and here it is ${now.toISOString()}: one of the clocks is wrong; nothing was changed`,
      'set the clocks right, then make it anew',
      4,
    )
}

/** Refuses a plan for another kind of cloud before any cloud is opened. Throws Problem. */
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

const otherCloud = (saved: SavedPlan, is: string): Problem =>
  unfit(saved, [{ what: 'cloud', was: describeCloud(saved.cloud), is }])

const describeCloud = (name: CloudName): string =>
  name.kind === 'live' ? 'the real one' : `the sandbox ${name.scenario}`

/** Refuses a plan whose runbooks or inventory have another text by now, or are gone. Throws Problem. */
export async function refuseOtherFiles(saved: SavedPlan, workspace: Workspace): Promise<void> {
  const changes = await changedFiles(saved.sources, workspace)
  if (changes.length > 0) throw unfit(saved, changes)
}

/** Which of the files have another text by now, or are gone. */
export async function changedFiles(sources: PlanSource[], { root }: Workspace): Promise<PlanChange[]> {
  const changes: PlanChange[] = []
  for (const { what, name, path, digest } of sources) {
    const file = resolve(root, path)
    const found = readSource(file, path)
    const is = found.ok ? digestOf(found.source) : (found.diagnostics[0]?.message ?? 'it cannot be read')
    if (is !== digest) changes.push({ what: `${what} ${name} (${path})`, was: digest, is })
  }
  return changes
}

/** Refuses a plan that is not, in everything, the one that the world gives now. Throws Problem. */
export function refuseMoved(saved: SavedPlan, now: Plan, cloud: Cloud, outside: Outside): void {
  refuseOtherCloud(saved, cloud.name)
  refuseExpired(saved, outside.now())
  const changes = changesBetween(saved.plan, now)
  if (changes.length > 0) throw unfit(saved, changes)
}

/** What differs, a line each. */
export const describeChanges = (changes: PlanChange[]): string =>
  changes.map(({ what, was, is }) => `  ${printable(`${what}: ${was} → ${is}`)}`).join('\n')

function unfit({ id }: SavedPlan, changes: PlanChange[]): Problem {
  return new Problem(
    `the plan ${id} no longer fits, and nothing was changed. What differs:\n${describeChanges(changes)}`,
    'look at what differs, then make the plan anew',
    4,
  )
}
