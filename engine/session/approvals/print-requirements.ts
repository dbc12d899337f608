import { describeRequirements, requirementsOf } from '../../approval/policy.ts'
import { needsApproval } from '../../notices/notice.ts'
import { environmentsOf } from '../../plan/affected-projects.ts'
import { riskOf } from '../../plan/risk.ts'
import type { Plan } from '../../plan/types.ts'
import type { Print } from '../host/output.ts'
import type { Runtime } from '../host/runtime.ts'
import { aboutOf, withNotices } from '../notify.ts'
import type { Prepared } from '../prepare/prepare.ts'

/** Prints which approvals the policy requires for a saved plan, and notifies the webhooks; does nothing if it requires none. */
export async function sayNeeds(plan: Plan, prepared: Prepared, print: Print, runtime: Runtime): Promise<void> {
  const { policy } = prepared.inventory.value
  const needs = policy ? requirementsOf(policy, environmentsOf(plan), riskOf(plan)) : []
  if (needs.length === 0) return
  print(`needs       ${describeRequirements(needs)}: \`breakglass approve PLAN-FILE\``)
  await withNotices(prepared, runtime, async (notifier) =>
    notifier.tell(needsApproval(describeRequirements(needs), aboutOf(prepared, runtime))),
  )
}
