import { resolve } from 'node:path'
import type { Command } from 'commander'
import { principalsOf, readAllowedSigners } from '../../approval/allowed-signers.ts'
import { fingerprintOf } from '../../approval/key-identity.ts'
import { describeRequirements, requirementsOf } from '../../approval/policy.ts'
import { type ApprovalStatement, formatApproval, type Signed } from '../../approval/statement.ts'
import { describeVerdict, nameOfSigner } from '../../approval/verdict.ts'
import { printable } from '../../base/printable.ts'
import { Problem } from '../../base/problem.ts'
import { type HandedFile, refuseTaken, writeHanded } from '../../disk/handed-file.ts'
import { shownPath, type Workspace } from '../../disk/workspace.ts'
import { environmentsOf } from '../../plan/affected-projects.ts'
import { riskOf } from '../../plan/risk.ts'
import { spokenDigest } from '../../plan/saved.ts'
import type { SavedPlan } from '../../plan/types.ts'
import { describeAccess } from '../../runbook/access.ts'
import type { Policy } from '../../runbook/inventory.ts'
import { chooseKey, sshHost } from '../../session/approvals/choose-key.ts'
import { readTrust } from '../../session/approvals/trust.ts'
import { EXIT } from '../../session/exit-codes.ts'
import { workspaceFor } from '../../session/host/default-workspace.ts'
import { loadInventory } from '../../session/host/load.ts'
import type { CommonOptions } from '../../session/host/options.ts'
import { emit, sayer } from '../../session/host/output.ts'
import type { Outside } from '../../session/host/runtime.ts'
import { filesOfPlan, refuseExpired } from '../../session/saved-plan/plan-fits.ts'
import { readSaved } from '../../session/saved-plan/run-saved.ts'
import type { OwnKey } from '../../ssh/keys.ts'
import { signStatement } from '../../ssh/sign.ts'
import { verifyStatement } from '../../ssh/verify.ts'
import { previewPlan } from '../../terminal/preview.ts'
import { questionsAt } from '../../terminal/questions.ts'
import { painter } from '../../terminal/screen.ts'
import type { Site } from '../../terminal/site.ts'
import { makeCommand } from '../options.ts'

type ApproveOptions = CommonOptions & { key?: string; out?: string; yes?: boolean }

/** `breakglass approve PLAN-FILE`: shows a saved plan, and signs it with the approver's own SSH key. */
export function define(outside: Outside, exit: (code: number) => void): Command {
  return makeCommand('approve', 'look at a saved plan and sign it with your own SSH key')
    .argument('<plan-file>', 'what `plan --out` saved')
    .option('--key <file>', "your SSH key (default: git's user.signingkey, else the agent's or ~/.ssh's)")
    .option('--out <file>', 'where the approval goes (default: beside the plan)')
    .option('--yes', 'no question: you have seen what you sign')
    .action(async (plan: string, options: ApproveOptions) => exit(await approve(plan, options, outside)))
}

async function approve(given: string, options: ApproveOptions, outside: Outside): Promise<number> {
  const say = sayer(options.json, outside)
  const saved = await readSaved(given, outside)
  const workspace = workspaceFor({ ...options, ...(saved.cloud.kind === 'sandbox' ? { sandbox: '' } : {}) }, outside)
  refuseExpired(saved, outside.now())
  const inventory = options.inventory === undefined ? {} : { inventory: options.inventory }
  const files = await filesOfPlan(saved, { runbooks: [], ...inventory }, undefined, workspace, outside)
  const { policy, file } = await policyFor(files.inventory, workspace, outside)
  const trusted = await readTrust(policy, file, outside)
  const site = { cloud: saved.cloud, project: saved.plan.environment.project }
  say(describe(saved, policy, outside))
  if (outside.terminal.interactive && !options.yes && !(await asked(site, outside))) {
    say('Not approved; nothing was signed.')
    return EXIT.declined
  }
  const key = await chooseKey(options.key, trusted.trust.allowedSigners, site, outside)
  const approver = nameFor(key, trusted.trust.allowedSigners) ?? outside.operator.slice(0, 100)
  const handed = placeFor(given, approver, options.out, outside)
  await refuseTaken(handed)
  const signed = await sign(saved, approver, key, outside)
  await writeHanded(handed, formatApproval(signed), Buffer.from(outside.random(6)).toString('hex'))
  const checked = await verifyStatement(signed, trusted.trust, sshHost(outside))
  if (checked.verdict !== 'good')
    outside.err(
      painter(outside.terminal.colour)(
        'notice',
        printable(`By your copy of the policy this approval does not count: ${describeVerdict(checked)}.`),
      ),
    )
  say(`approval    ${handed.name}`)
  if (checked.verdict === 'good')
    say(printable(`signed by   ${nameOfSigner(checked.signer)} (key ${checked.signer.key})`))
  say(`Next: hand that file to the operator, for \`breakglass run --plan PLAN-FILE --approval ${handed.name}\`.`)
  if (options.json) emit({ file: handed.path, plan: { id: saved.id, digest: saved.digest }, checked }, outside)
  return EXIT.done
}

/** What people call the holder of a key, by the allowed signers. */
function nameFor({ blob }: OwnKey, allowedSigners: string): string | undefined {
  const key = blob === undefined ? undefined : fingerprintOf(Buffer.from(blob, 'base64'))
  const [first] = key === undefined ? [] : principalsOf(readAllowedSigners(allowedSigners), key)
  return first?.slice(0, 100)
}

/** The policy of the inventory that the plan was made from, as it is in the approver's own workspace. Throws Problem. */
async function policyFor(
  inventory: string,
  workspace: Workspace,
  outside: Outside,
): Promise<{ policy: Policy; file: string }> {
  const { file, value } = await loadInventory(inventory, undefined, workspace, outside.cwd)
  if (value.policy) return { policy: value.policy, file }
  throw new Problem(`the inventory ${value.name} has no policy, so no approval could be checked`, 'add `policy` to it')
}

const asked = (site: Site, outside: Outside): Promise<boolean> =>
  questionsAt(outside, site).yesOrNo('Do you approve this plan?', false)

/** What the approver reads before they sign. */
function describe(saved: SavedPlan, policy: Policy, outside: Outside): string {
  const paint = painter(outside.terminal.colour)
  const risk = riskOf(saved.plan)
  const needs = requirementsOf(policy, environmentsOf(saved.plan), risk)
  return [
    saved.cloud.kind === 'sandbox'
      ? paint(
          'notice',
          printable(`SANDBOX ${saved.cloud.scenario}: a plan for a simulated Google Cloud, nothing in it is real.`),
        )
      : paint('strong', 'A plan for the real cloud.'),
    ...(saved.access ? [printable(`Google Cloud is reached ${describeAccess(saved.access)}.`)] : []),
    previewPlan(saved.plan, saved.cloud, outside.terminal),
    '',
    `plan        ${saved.id}`,
    printable(`made        ${saved.madeAt} by ${saved.madeBy}; expires ${saved.expiresAt}`),
    `digest      ${saved.digest}`,
    `by phone    ${spokenDigest(saved.digest)}`,
    `risk        ${risk ?? 'none: it changes nothing'}`,
    `needs       ${describeRequirements(needs)}`,
  ].join('\n')
}

function placeFor(plan: string, approver: string, out: string | undefined, outside: Outside): HandedFile {
  const who = approver.replace(/[^A-Za-z0-9._@-]+/g, '-')
  const path = resolve(outside.cwd, out ?? `${plan.replace(/\.json$/, '')}.approval-${who}.json`)
  return { what: 'an approval', path, name: shownPath(path, outside.cwd) }
}

function sign(
  { id, digest }: SavedPlan,
  approver: string,
  key: OwnKey,
  outside: Outside,
): Promise<Signed<ApprovalStatement>> {
  const at = outside.now().toISOString()
  return signStatement(
    { apiVersion: 'breakglass/v1', kind: 'Approval', at, plan: { id, digest }, approver },
    key,
    sshHost(outside),
  )
}
