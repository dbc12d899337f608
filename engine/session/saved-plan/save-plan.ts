import { isAbsolute } from 'node:path'
import { describeRequirements, requirementsOf } from '../../approval/policy.ts'
import { formatDuration, parseDuration } from '../../base/duration.ts'
import { UserError } from '../../base/problem.ts'
import { writeHanded } from '../../disk/handed-file.ts'
import { shownPath } from '../../disk/workspace.ts'
import { needsApproval } from '../../notices/notice.ts'
import { environmentsOf } from '../../plan/affected-projects.ts'
import type { GivenInputs } from '../../plan/given-inputs.ts'
import { riskOf } from '../../plan/risk.ts'
import { formatPlan, LONGEST_LIFETIME_MS, sealPlan, spokenDigest } from '../../plan/saved.ts'
import type { Plan, PlanSource, SavedPlan } from '../../plan/types.ts'
import { type Print, printer } from '../host/output.ts'
import type { Runtime } from '../host/runtime.ts'
import { noticeSubject, withNotices } from '../notify.ts'
import { digestsOfBound } from '../prepare/binding.ts'
import type { Prepared } from '../prepare/prepare.ts'
import { refuseSensitive } from '../prepare/refuse-sensitive.ts'
import { sourcesOf } from '../prepare/sources.ts'

/** What is reported about a saved plan. */
export type Saved = Pick<SavedPlan, 'id' | 'digest' | 'madeAt' | 'expiresAt'> & { file: string }

/** Returns the lifetime of a plan to save. Throws UserError. */
export function lifetimeOf({ out, expires }: { out?: string; expires?: string }): number {
  if (expires !== undefined && out === undefined)
    throw new UserError('--expires applies only to a saved plan', 'add --out FILE, or leave out --expires')
  const lifetime = readDuration(expires ?? '1h')
  if (lifetime !== undefined && lifetime > 0 && lifetime <= LONGEST_LIFETIME_MS) return lifetime
  throw new UserError(`--expires ${expires} is not a valid lifetime`, 'use a duration such as 30m or 2h, up to 168h')
}

function readDuration(text: string): number | undefined {
  try {
    return parseDuration(text)
  } catch {
    return undefined
  }
}

/** Saves a plan for `run --plan` and prints its digest, so that it can be passed on to others. Throws UserError. */
export async function savePlan(
  plan: Plan,
  prepared: Prepared,
  request: { file: string; lifetimeMs: number; input: GivenInputs; json?: boolean },
  runtime: Runtime,
): Promise<Saved> {
  const { cloud } = prepared
  const made = runtime.now()
  const saved = sealPlan({
    apiVersion: 'breakglass/v1',
    kind: 'Plan',
    id: `plan-${Buffer.from(runtime.random(16)).toString('hex')}`,
    madeAt: made.toISOString(),
    expiresAt: new Date(made.getTime() + request.lifetimeMs).toISOString(),
    madeBy: runtime.operator,
    engine: runtime.version,
    cloud: cloud.name,
    ...(cloud.access ? { access: cloud.access } : {}),
    sources: savableSources(prepared),
    given: request.input,
    bound: digestsOfBound(prepared),
    plan,
  })
  refuseSensitive(saved, cloud)
  const shown = shownPath(request.file, runtime.cwd)
  const handed = { what: 'a plan', path: request.file, name: shown } as const
  await writeHanded(handed, formatPlan(saved), Buffer.from(runtime.random(6)).toString('hex'))
  const print = printer(request.json, runtime)
  print('')
  print(`plan        ${shown} (${saved.id})`)
  print(`digest      ${saved.digest}`)
  print(`by phone    ${spokenDigest(saved.digest)}`)
  print(`expires     ${saved.expiresAt} (in ${formatDuration(request.lifetimeMs)})`)
  print(`Next: run this plan, once, with \`breakglass run --plan ${shown} --incident ID --reason TEXT\`.`)
  await printRequirements(plan, prepared, print, runtime)
  const { id, digest, madeAt, expiresAt } = saved
  return { file: request.file, id, digest, madeAt, expiresAt }
}

/** Returns the files that a saved plan names; all must be in the workspace, since other files may have the same names elsewhere. Throws UserError. */
export function savableSources(prepared: Prepared): PlanSource[] {
  const sources = sourcesOf(prepared)
  const outer = sources.find(({ path }) => path.startsWith('..') || isAbsolute(path))
  if (outer === undefined) return sources
  throw new UserError(
    `cannot save the plan: ${outer.what} ${outer.name} is outside the workspace (${outer.path})`,
    'move it into the workspace, or choose the workspace that contains it with --workspace DIR',
  )
}

/** Prints which approvals the policy requires for a saved plan, and notifies the webhooks; does nothing if it requires none. */
async function printRequirements(plan: Plan, prepared: Prepared, print: Print, runtime: Runtime): Promise<void> {
  const { policy } = prepared.inventory.value
  const needs = policy ? requirementsOf(policy, environmentsOf(plan), riskOf(plan)) : []
  if (needs.length === 0) return
  print(`needs       ${describeRequirements(needs)}: \`breakglass approve PLAN-FILE\``)
  await withNotices(prepared, runtime, async (notifier) =>
    notifier.tell(needsApproval(describeRequirements(needs), noticeSubject(prepared, runtime))),
  )
}
