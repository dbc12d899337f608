import type { Command } from 'commander'
import { groupsOf } from '../../approval/policy.ts'
import type { CountersignStatement } from '../../approval/statement.ts'
import { describeVerdict, nameOfSigner, type Signer, samePerson } from '../../approval/verdict.ts'
import { hashLine } from '../../audit/chain.ts'
import { merkleRoot } from '../../audit/verify-merkle.ts'
import { printable } from '../../base/printable.ts'
import { UserError } from '../../base/problem.ts'
import { findWorkspace } from '../../disk/workspace.ts'
import { describeOverride } from '../../record/timeline.ts'
import { type OpenOverride, openOverrides } from '../../run/model/overrides.ts'
import type { Policy } from '../../runbook/inventory.ts'
import { chooseKey, sshHost } from '../../session/approvals/choose-key.ts'
import { readTrust, type TrustFiles } from '../../session/approvals/trust.ts'
import { EXIT } from '../../session/exit-codes.ts'
import { existingIncident } from '../../session/host/existing-incident.ts'
import { loadInventory } from '../../session/host/load.ts'
import { logsFolder } from '../../session/host/logs-folder.ts'
import type { CommonOptions } from '../../session/host/options.ts'
import { emit, type Print, printer } from '../../session/host/output.ts'
import type { Runtime } from '../../session/host/runtime.ts'
import { type LockedIncident, withLoggedIncident } from '../../session/locks/locked-incident.ts'
import { type Addition, ASKED_NOTHING, addToLog } from '../../session/log/add-to-log.ts'
import { archiveFiles } from '../../session/log/archive-inputs.ts'
import { signStatement } from '../../ssh/sign.ts'
import { verifyStatement } from '../../ssh/verify.ts'
import { previewPlan } from '../../terminal/preview.ts'
import { questionsAt } from '../../terminal/questions.ts'
import type { Site } from '../../terminal/site.ts'
import type { Context } from '../command.ts'
import { addWorkspaceOptions, keyOption, takeOverOption } from '../options.ts'

type CountersignOptions = CommonOptions & { key?: string; yes?: boolean; takeOver?: boolean }

/** `breakglass countersign INCIDENT`: signs what an operator did alone, as another person; the log keeps the signature. */
export function define(command: Command, { runtime, exit }: Context): void {
  addWorkspaceOptions(command)
    .argument('<incident>', 'Incident ID')
    .addOption(keyOption())
    .option('--yes', 'Ask no question: you have reviewed what you sign')
    .addOption(takeOverOption())
    .action(async (incident: string, options: CountersignOptions) => exit(await start(incident, options, runtime)))
}

async function start(incident: string, options: CountersignOptions, runtime: Runtime): Promise<number> {
  const logs = logsFolder(options, runtime)
  await existingIncident(logs, incident)
  const workspace = findWorkspace(runtime.cwd, options.workspace)
  const { file, value } = await loadInventory(options.inventory, undefined, workspace, runtime.cwd)
  if (!value.policy)
    throw new UserError(
      `the inventory ${value.name} has no policy, so no countersignature can be checked`,
      'name another with --inventory FILE',
    )
  const trusted = await readTrust(value.policy, file, runtime)
  const policy = value.policy
  return withLoggedIncident({ ...options, incident, env: '' }, logs, runtime, (locked) =>
    countersign(locked, policy, trusted, options, runtime),
  )
}

async function countersign(
  locked: LockedIncident,
  policy: Policy,
  trusted: TrustFiles,
  options: CountersignOptions,
  runtime: Runtime,
): Promise<number> {
  const print = printer(options.json, runtime)
  const open = openOverrides(locked.log.entries)
  if (open.length === 0) throw nothingOpen(locked)
  for (const each of open) show(each, print, runtime)
  const site = siteOfRun(open[0]!)
  if (runtime.terminal.interactive && !options.yes && !(await asked(site, runtime))) {
    print('Not countersigned. Nothing was signed.')
    return EXIT.declined
  }
  const key = await chooseKey(options.key, trusted.trust.allowedSigners, site, runtime)
  const additions: Addition[] = []
  const signers: string[] = []
  const refused: string[] = []
  for (const each of open) {
    const { run } = each.state
    const signed = await signStatement(statementFor(each, locked, runtime), key, sshHost(runtime))
    const checked = await verifyStatement(signed, trusted.trust, sshHost(runtime))
    const why = checked.verdict === 'good' ? personRefused(checked.signer, each, policy) : describeVerdict(checked)
    if (why !== undefined || checked.verdict !== 'good') {
      refused.push(`${run}: ${why}`)
      continue
    }
    const body = { ...checked.signer, ...signed, checkedWith: trusted.digests }
    additions.push({ run, event: { type: 'override.countersigned', body } })
    signers.push(`Countersigned by ${nameOfSigner(checked.signer)}: ${run} (key ${checked.signer.key}).`)
  }
  if (additions.length > 0) await archiveFiles(locked, trusted.files, print)
  if (additions.length > 0) await addToLog(locked, additions, ASKED_NOTHING, print, runtime)
  for (const text of signers) print(printable(text))
  const countersigned = additions.map(({ run }) => run)
  if (options.json) emit({ incident: locked.incident, countersigned, refused }, runtime)
  if (refused.length > 0) throw notCountersigned(refused)
  return EXIT.done
}

const asked = (site: Site, runtime: Runtime): Promise<boolean> =>
  questionsAt(runtime, site).yesOrNo('Do you countersign this?', false)

/** Returns the cloud and project of a run. */
const siteOfRun = ({ state: { opened, plan } }: OpenOverride): Site => ({
  cloud: opened.cloud,
  ...(plan ? { project: plan.environment.project } : {}),
})

function show({ state: { run, plan, closed, opened }, override }: OpenOverride, print: Print, runtime: Runtime): void {
  if (plan) print(previewPlan(plan, opened.cloud, runtime.terminal, 'full'))
  print('')
  print(printable(`${run}, ${override.time}. ${describeOverride(override)}.`))
  print(printable(`How it ended: ${closed ? `${closed.ending}, ${closed.reason}` : 'it has not ended'}.`))
}

/** Returns what is signed: the entry of the override, and the log as it is now. */
function statementFor(
  { state: { run }, override }: OpenOverride,
  locked: LockedIncident,
  runtime: Runtime,
): CountersignStatement {
  const { incident, log } = locked
  const { entry: seq } = override
  const root = Buffer.from(merkleRoot(log.lines)).toString('base64')
  return {
    apiVersion: 'breakglass/v1',
    kind: 'Countersignature',
    at: runtime.now().toISOString(),
    incident,
    run,
    override: { seq, hash: hashLine(log.lines[seq - 1] ?? '') },
    log: { size: log.size, root },
  }
}

/** Returns why a signer may not countersign: they are an operator of the run, or in no group whose approval was missing. */
function personRefused(signer: Signer, { state, override }: OpenOverride, policy: Policy): string | undefined {
  const who = nameOfSigner(signer)
  if (state.operators.length === 0 || state.operators.some((operator) => samePerson(signer, operator)))
    return `${who} is the operator, and nobody countersigns their own run`
  const wanted = override.lacking.map(({ group }) => group)
  if (groupsOf(policy, signer.principals).some((group) => wanted.includes(group))) return undefined
  return `${who} is not of ${wanted.join(' or ')}, whose approval was lacking`
}

const nothingOpen = ({ incident, paths }: LockedIncident): UserError =>
  new UserError(
    `incident ${incident} has nothing to countersign`,
    `\`breakglass audit show ${incident}\` shows its log, ${paths.log}`,
  )

const notCountersigned = (refused: string[]): UserError =>
  new UserError(
    `a countersignature does not count and was not logged:\n${refused.map((why) => `  ${printable(why)}`).join('\n')}`,
    'somebody else must countersign: `breakglass countersign INCIDENT --key FILE`',
    4,
  )
