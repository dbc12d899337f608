import { resolve } from 'node:path'
import type { Command } from 'commander'
import { principalsOf, readAllowedSigners } from '../../approval/allowed-signers.ts'
import { fingerprintOf } from '../../approval/key-identity.ts'
import { describeRequirements, requirementsOf } from '../../approval/policy.ts'
import { type ApprovalStatement, formatApproval, type Signed } from '../../approval/statement.ts'
import { describeVerdict, nameOfSigner } from '../../approval/verdict.ts'
import { printable } from '../../base/printable.ts'
import { UserError } from '../../base/problem.ts'
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
import { emit, printer } from '../../session/host/output.ts'
import type { Runtime } from '../../session/host/runtime.ts'
import { filesOfPlan, refuseExpired } from '../../session/saved-plan/plan-fits.ts'
import { readSaved } from '../../session/saved-plan/run-saved.ts'
import type { OwnKey } from '../../ssh/keys.ts'
import { signStatement } from '../../ssh/sign.ts'
import { verifyStatement } from '../../ssh/verify.ts'
import { previewPlan } from '../../terminal/preview.ts'
import { questionsAt } from '../../terminal/questions.ts'
import { painter } from '../../terminal/screen.ts'
import type { Site } from '../../terminal/site.ts'
import type { Context } from '../command.ts'
import { addWorkspaceOptions, keyOption } from '../options.ts'

type ApproveOptions = CommonOptions & { key?: string; out?: string; yes?: boolean }

/** `breakglass approve PLAN-FILE`: shows a saved plan, and signs it with the approver's own SSH key. */
export function define(command: Command, { runtime, exit }: Context): void {
  addWorkspaceOptions(command)
    .argument('<plan-file>', 'File that `plan --out` saved')
    .addOption(keyOption())
    .option('--out <file>', "Approval file (default: PLAN.approval-YOU.json in the plan's folder)")
    .option('--yes', 'Ask no question: you have reviewed what you sign')
    .action(async (plan: string, options: ApproveOptions) => exit(await approve(plan, options, runtime)))
}

async function approve(given: string, options: ApproveOptions, runtime: Runtime): Promise<number> {
  const print = printer(options.json, runtime)
  const saved = await readSaved(given, runtime)
  const workspace = workspaceFor({ ...options, ...(saved.cloud.kind === 'sandbox' ? { sandbox: '' } : {}) }, runtime)
  refuseExpired(saved, runtime.now())
  const inventory = options.inventory === undefined ? {} : { inventory: options.inventory }
  const files = await filesOfPlan(saved, { runbooks: [], ...inventory }, undefined, workspace, runtime)
  const { policy, file } = await policyFor(files.inventory, workspace, runtime)
  const trusted = await readTrust(policy, file, runtime)
  const site = { cloud: saved.cloud, project: saved.plan.environment.project }
  print(describe(saved, policy, runtime))
  if (runtime.terminal.interactive && !options.yes && !(await asked(site, runtime))) {
    print('Not approved. Nothing was signed.')
    return EXIT.declined
  }
  const key = await chooseKey(options.key, trusted.trust.allowedSigners, site, runtime)
  const approver = nameFor(key, trusted.trust.allowedSigners) ?? runtime.operator.slice(0, 100)
  const handed = placeFor(given, approver, options.out, runtime)
  await refuseTaken(handed)
  const signed = await sign(saved, approver, key, runtime)
  await writeHanded(handed, formatApproval(signed), Buffer.from(runtime.random(6)).toString('hex'))
  const checked = await verifyStatement(signed, trusted.trust, sshHost(runtime))
  if (checked.verdict !== 'good')
    runtime.err(
      painter(runtime.terminal.colour)(
        'notice',
        printable(`By your copy of the policy, this approval does not count: ${describeVerdict(checked)}.`),
      ),
    )
  print(`approval    ${handed.name}`)
  if (checked.verdict === 'good')
    print(printable(`signed by   ${nameOfSigner(checked.signer)} (key ${checked.signer.key})`))
  print(`Next: send that file to the operator, who runs \`breakglass run --plan PLAN-FILE --approval ${handed.name}\`.`)
  if (options.json) emit({ file: handed.path, plan: { id: saved.id, digest: saved.digest }, checked }, runtime)
  return EXIT.done
}

/** Returns the name of a key's holder from the allowed signers. */
function nameFor({ blob }: OwnKey, allowedSigners: string): string | undefined {
  const key = blob === undefined ? undefined : fingerprintOf(Buffer.from(blob, 'base64'))
  const [first] = key === undefined ? [] : principalsOf(readAllowedSigners(allowedSigners), key)
  return first?.slice(0, 100)
}

/** Returns the policy of the plan's inventory, from the approver's own workspace. Throws UserError. */
async function policyFor(
  inventory: string,
  workspace: Workspace,
  runtime: Runtime,
): Promise<{ policy: Policy; file: string }> {
  const { file, value } = await loadInventory(inventory, undefined, workspace, runtime.cwd)
  if (value.policy) return { policy: value.policy, file }
  throw new UserError(`the inventory ${value.name} has no policy, so no approval can be checked`, 'add `policy` to it')
}

const asked = (site: Site, runtime: Runtime): Promise<boolean> =>
  questionsAt(runtime, site).yesOrNo('Do you approve this plan?', false)

/** Describes the plan to the approver before they sign. */
function describe(saved: SavedPlan, policy: Policy, runtime: Runtime): string {
  const paint = painter(runtime.terminal.colour)
  const risk = riskOf(saved.plan)
  const needs = requirementsOf(policy, environmentsOf(saved.plan), risk)
  return [
    saved.cloud.kind === 'sandbox'
      ? paint(
          'notice',
          printable(`SANDBOX ${saved.cloud.scenario}: a plan for a simulated Google Cloud; nothing in it is real.`),
        )
      : paint('strong', 'A plan for the real cloud.'),
    ...(saved.access ? [printable(`Google Cloud is reached ${describeAccess(saved.access)}.`)] : []),
    previewPlan(saved.plan, saved.cloud, runtime.terminal, 'full'),
    '',
    `plan        ${saved.id}`,
    printable(`made        ${saved.madeAt} by ${saved.madeBy}; expires ${saved.expiresAt}`),
    `digest      ${saved.digest}`,
    `by phone    ${spokenDigest(saved.digest)}`,
    `risk        ${risk ?? 'none: it changes nothing'}`,
    `needs       ${describeRequirements(needs)}`,
  ].join('\n')
}

function placeFor(plan: string, approver: string, out: string | undefined, runtime: Runtime): HandedFile {
  const who = approver.replace(/[^A-Za-z0-9._@-]+/g, '-')
  const path = resolve(runtime.cwd, out ?? `${plan.replace(/\.json$/, '')}.approval-${who}.json`)
  return { what: 'an approval', path, name: shownPath(path, runtime.cwd) }
}

function sign(
  { id, digest }: SavedPlan,
  approver: string,
  key: OwnKey,
  runtime: Runtime,
): Promise<Signed<ApprovalStatement>> {
  const at = runtime.now().toISOString()
  return signStatement(
    { apiVersion: 'breakglass/v1', kind: 'Approval', at, plan: { id, digest }, approver },
    key,
    sshHost(runtime),
  )
}
