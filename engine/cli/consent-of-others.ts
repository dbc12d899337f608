import { resolve } from 'node:path'
import { type Brought, type Counted, judgeApprovals } from '../approval/judge.ts'
import { assignGroups, describeLacking, groupsOf, requirementsOf } from '../approval/policy.ts'
import { parseApproval } from '../approval/statement.ts'
import { nameOfSigner } from '../approval/verdict.ts'
import { readHanded } from '../disk/handed-file.ts'
import { shownPath } from '../disk/workspace.ts'
import { needsApproval } from '../notices/notice.ts'
import { environmentsOf } from '../plan/reached.ts'
import { riskOf } from '../plan/risk.ts'
import type { Plan, SavedPlan } from '../plan/types.ts'
import type { RunEvent } from '../run/events.ts'
import type { RunState } from '../run/state.ts'
import { printable } from '../runbook/printable.ts'
import { Problem } from '../runbook/problem.ts'
import { verifyStatement } from '../ssh/verify.ts'
import { sshHost } from './choose-key.ts'
import { goOnAlone } from './go-on-alone.ts'
import { identifyOperator } from './identify-operator.ts'
import type { Session } from './log-run.ts'
import { aboutOf } from './notify.ts'
import type { Outside } from './outside.ts'
import { readTrust, type TrustFiles } from './trust.ts'

/** What a run is told of the consent of others. */
export type ConsentRequest = {
  incident: string
  yes: boolean
  saved?: SavedPlan
  /** Whether a rehearsal is held to the policy, as a live run always is. */
  policy?: boolean
  /** Files with approvals. */
  approval?: string[]
  /** The operator's own key. */
  key?: string
  /** Why the operator goes on without the approvals that are lacking. */
  override?: string
}

/** Whether the policy holds here: in the real world always, in a sandbox where it is asked for or where approvals are brought. */
export const heldToPolicy = (
  { cloud }: Session['prepared'],
  { policy, approval }: Pick<ConsentRequest, 'policy' | 'approval'>,
): boolean => cloud.name.kind === 'live' || (policy ?? false) || (approval?.length ?? 0) > 0

/** What the log is to say of the consent of others, and the files that their signatures were checked with. */
export type Consents = { events: RunEvent[]; checkedWith: { file: string; digest: string }[] }

const NOBODY_ELSE: Consents = { events: [], checkedWith: [] }

/**
 * Holds a plan against the inventory's policy: who the operator is, who has approved, and whether that is enough or the
 * operator goes on alone. Answers what the log is to say of it. Throws Problem where the plan lacks approval.
 */
export async function consentOfOthers(
  plan: Plan,
  session: Session,
  run: string,
  request: ConsentRequest,
): Promise<Consents> {
  const { prepared, outside } = session
  const brought = request.approval ?? []
  if (!heldToPolicy(prepared, request)) return NOBODY_ELSE
  const { policy } = prepared.inventory.value
  if (policy === undefined) {
    if (brought.length === 0) return NOBODY_ELSE
    throw new Problem('the inventory has no policy, so no approval can be checked', 'add `policy` to it', 4)
  }
  const requirements = requirementsOf(policy, environmentsOf(prepared), riskOf(plan))
  if (requirements.length === 0 && brought.length === 0) return NOBODY_ELSE
  const trusted = await readTrust(policy, prepared.inventory.file, outside)
  const operator = await identifyOperator(plan, trusted, run, request, outside)
  const approvals = await Promise.all(brought.map((file) => readApproval(file, trusted, outside)))
  const { counted, refused, lacking } =
    request.saved === undefined
      ? { counted: [], refused: [], lacking: requirements.map((each) => ({ ...each, has: 0 })) }
      : judgeApprovals(approvals, {
          ...{ saved: request.saved, policy, requirements, operator: operator.body, now: outside.now() },
        })
  if (refused.length > 0) throw notCounted(refused)
  const approved = counted.map((approval) => approvedEvent(approval, trusted))
  for (const { body } of approved)
    session.say(
      printable(`Approved by ${nameOfSigner(body)}${body.group ? ` for ${body.group}` : ''} (key ${body.key}).`),
    )
  const checkedWith = trusted.files
  if (lacking.length === 0) return { events: [operator, ...approved], checkedWith }
  const about = { ...aboutOf(prepared, outside), incident: request.incident, run }
  session.notifier.tell(needsApproval(`approval by ${describeLacking(lacking)}`, about))
  const alone = await goOnAlone(nameOfSigner(operator.body), lacking, session, request)
  return { events: [operator, ...approved, alone], checkedWith }
}

/** A run that was cut off before the consent that the policy asks for was in its log is not gone on with. Throws Problem. */
export function refuseUnconsented(
  { run, plan, approvals, override, opened }: RunState,
  prepared: Session['prepared'],
  request: Pick<ConsentRequest, 'policy'>,
): void {
  const { inventory } = prepared
  const { policy } = inventory.value
  if (!heldToPolicy(prepared, request) || policy === undefined || override || opened.undoes) return
  const requirements = requirementsOf(policy, environmentsOf(prepared), plan ? riskOf(plan) : 'high')
  const groups = approvals.map(({ principals }) => groupsOf(policy, principals))
  const { lacking } = assignGroups(requirements, groups)
  if (lacking.length === 0) return
  throw new Problem(
    `${run} lacks approval by ${describeLacking(lacking)} in its log; nothing was changed`,
    'it was cut off before it began: start a new run',
    4,
  )
}

async function readApproval(given: string, { trust }: TrustFiles, outside: Outside): Promise<Brought> {
  const path = resolve(outside.cwd, given)
  const name = shownPath(path, outside.cwd)
  const bytes = await readHanded({ what: 'an approval', path, name })
  const signed = parseApproval(Buffer.from(bytes).toString('utf8'), name)
  return { ...signed, name, checked: await verifyStatement(signed, trust, sshHost(outside)) }
}

function notCounted(refused: string[]): Problem {
  const lines = refused.map((why) => `  ${printable(why)}`)
  return new Problem(
    `an approval does not count, and nothing was changed:\n${lines.join('\n')}`,
    'leave it out, or have the plan approved by somebody who may',
    4,
  )
}

const approvedEvent = (
  { signer, statement, signature, group }: Counted,
  { digests }: TrustFiles,
): Extract<RunEvent, { type: 'plan.approved' }> => ({
  type: 'plan.approved',
  body: { ...signer, statement, signature, ...(group === undefined ? {} : { group }), checkedWith: digests },
})
