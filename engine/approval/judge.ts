import type { SavedPlan } from '../plan/types.ts'
import type { Policy } from '../runbook/inventory.ts'
import { assignGroups, groupsOf, type Lacking, type Requirement } from './policy.ts'
import type { ApprovalStatement, Signed } from './statement.ts'
import { describeVerdict, nameOfSigner, type SignatureVerdict, type Signer, samePerson } from './verdict.ts'

/** An approval passed to a run: the name of its file, its statement, and the result of checking its signature. */
export type Submitted = Signed<ApprovalStatement> & { name: string; checked: SignatureVerdict }

/** An approval that counts, and the group it counts for; none if that group had enough without it. */
export type Counted = Signed<ApprovalStatement> & { name: string; signer: Signer; group?: string }

/** The result of judging approvals: those that count, why others don't, and what is still lacking. */
export type Judgement = { counted: Counted[]; refused: { name: string; why: string }[]; lacking: Lacking[] }

/** The largest difference allowed between two clocks. */
const CLOCK_SLACK_MS = 60_000

/** Checks approvals against a plan, its policy and its operator. An approval that doesn't count is never silently dropped. */
export function judgeApprovals(
  brought: Submitted[],
  {
    saved,
    policy,
    requirements,
    operator,
    now,
  }: { saved: SavedPlan; policy: Policy; requirements: Requirement[]; operator: Signer; now: Date },
): Judgement {
  const refused: Judgement['refused'] = []
  const good: (Counted & { groups: string[] })[] = []
  for (const { name, statement, signature, checked } of brought) {
    const why = otherPlan(statement, saved) ?? signerRefused(checked) ?? wrongTime(statement, saved, now)
    if (why !== undefined) {
      refused.push({ name, why })
      continue
    }
    const { signer } = checked as Extract<SignatureVerdict, { verdict: 'good' }>
    const groups = groupsOf(policy, signer.principals)
    const twin = good.find((other) => samePerson(other.signer, signer))
    const person = personRefused(signer, groups, operator, twin)
    if (person === undefined) good.push({ name, statement, signature, signer, groups })
    else refused.push({ name, why: person })
  }
  const { standsFor, lacking } = assignGroups(
    requirements,
    good.map(({ groups }) => groups),
  )
  const counted = good.map(({ groups: _, ...approval }, index) => {
    const group = standsFor[index]
    return group === undefined ? approval : { ...approval, group }
  })
  return { counted, refused, lacking }
}

function otherPlan({ plan }: ApprovalStatement, saved: SavedPlan): string | undefined {
  if (plan.id !== saved.id) return `it approves another plan (${plan.id}); this one is ${saved.id}`
  return plan.digest === saved.digest
    ? undefined
    : `it approves a plan with another digest (${plan.digest}); this one has ${saved.digest}`
}

const signerRefused = (checked: SignatureVerdict): string | undefined =>
  checked.verdict === 'good' ? undefined : describeVerdict(checked)

function wrongTime({ at }: ApprovalStatement, { madeAt }: SavedPlan, now: Date): string | undefined {
  const time = new Date(at).getTime()
  const early = time < new Date(madeAt).getTime() - CLOCK_SLACK_MS
  if (!early && time <= now.getTime() + CLOCK_SLACK_MS) return undefined
  return `it is dated ${at}, ${early ? `before the plan (${madeAt})` : `later than now (${now.toISOString()})`}: one of the clocks is wrong`
}

function personRefused(
  signer: Signer,
  groups: string[],
  operator: Signer,
  twin: Counted | undefined,
): string | undefined {
  const who = nameOfSigner(signer)
  if (samePerson(signer, operator)) return `${who} is the operator; nobody can approve their own run`
  if (twin !== undefined) return `${who} already approved in ${twin.name}; each person counts once`
  return groups.length === 0 ? `${who} is in no group of approvers` : undefined
}
