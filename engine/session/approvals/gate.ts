import { dirname, resolve } from 'node:path'
import { type Counted, type Judgement, judgeApprovals, type Submitted } from '../../approval/judge.ts'
import { describeLacking, type Requirement, requirementsOf } from '../../approval/policy.ts'
import { type Lists, loweredSince, type Protection } from '../../approval/protection.ts'
import { parseApproval } from '../../approval/statement.ts'
import { nameOfSigner, type Signer } from '../../approval/verdict.ts'
import { printable } from '../../base/printable.ts'
import { UserError } from '../../base/problem.ts'
import { readHanded } from '../../disk/handed-file.ts'
import { incidentFolder } from '../../disk/logs/incident-folder.ts'
import { readSources } from '../../disk/logs/source-folder.ts'
import { shownPath } from '../../disk/workspace.ts'
import { needsApproval } from '../../notices/notice.ts'
import { environmentsOf, protectedAmong } from '../../plan/affected-projects.ts'
import type { SavedPlan } from '../../plan/types.ts'
import type { RunEvent } from '../../run/model/events.ts'
import type { RunState } from '../../run/model/run-state.ts'
import type { Policy } from '../../runbook/inventory.ts'
import type { Risk } from '../../runbook/types.ts'
import { verifyStatement } from '../../ssh/verify.ts'
import { questionsAt } from '../../terminal/questions.ts'
import { painter, wrap } from '../../terminal/screen.ts'
import type { Runtime } from '../host/runtime.ts'
import type { Session } from '../log/session.ts'
import { noticeSubject } from '../notify.ts'
import { siteOfPrepared } from '../prepare/prepare.ts'
import { sshHost } from './choose-key.ts'
import { type LastProtection, lastProtection, protectionNow, unprotectedReach } from './find-protection.ts'
import { identifyOperator } from './identify-operator.ts'
import { overridePolicy } from './solo-override.ts'
import { readTrust, type TrustFiles } from './trust.ts'

/** The circumstances under which somebody starts, resumes or undoes a run. */
export type ConsentRequest = {
  incident: string
  yes: boolean
  saved?: SavedPlan
  /** Whether the policy applies to a rehearsal, as it always does to a live run. */
  policy?: boolean
  /** The approval files. */
  approval?: string[]
  /** The operator's own key. */
  key?: string
  /** Why the operator proceeds without the approvals that are lacking. */
  override?: string
  /** The approvals in the log: they are checked again, and count as of now or not at all. */
  logged?: RunState['approvals']
}

/** Returns the request for an undo within the run: an operator who overrode the policy does so there too, for the same reason. */
export const withOverride = <T extends { override?: string }>(request: T, { override }: Passed): T =>
  override === undefined ? request : { ...request, override }

/** What to consent to: the highest risk of its changes, and the digest that the operator signs. The risk is undefined if nothing is changed. */
export type Subject = { risk: Risk | undefined; digest: string }

/** What the log records of the gate that was passed, and the files that signatures were checked with. */
export type Passed = {
  protection: Protection
  events: RunEvent[]
  checkedWith: { file: string; digest: string }[]
  /** The reason for the solo override, if there was one. */
  override?: string
}

/** Returns whether the policy applies: always in a live run, in a sandbox only if requested or if approvals are given. */
export const policyApplies = (
  { cloud }: Session['prepared'],
  { policy, approval }: Pick<ConsentRequest, 'policy' | 'approval'>,
): boolean => cloud.name.kind === 'live' || (policy ?? false) || (approval?.length ?? 0) > 0

/** Returns whether the policy applied when somebody started or resumed a run. */
export function policyApplied({ opened, operators, resumed }: RunState): boolean {
  const said = [opened.protection, ...resumed.map(({ protection }) => protection)]
  return operators.length > 0 || said.some((each) => typeof each?.policy === 'object' && each.policy.applied)
}

/** Returns whether others may have to approve: there is a policy, and it applies. */
export const hasPolicy = (
  prepared: Session['prepared'],
  request: Pick<ConsentRequest, 'policy' | 'approval'>,
): boolean => policyApplies(prepared, request) && prepared.inventory.value.policy !== undefined

/**
 * Checks everyone who starts, resumes or undoes a run: what protects the environment now, who the operator is, and whether
 * enough others approve as of now or the operator overrides the policy alone. Throws UserError.
 */
export async function passGate(
  { risk, digest }: Subject,
  session: Session,
  run: string,
  request: ConsentRequest,
): Promise<Passed> {
  const { prepared, runtime } = session
  const { policy } = prepared.inventory.value
  const locked = policyApplies(prepared, request)
  const logged = request.logged ?? []
  const requirements = policy && locked ? requirementsOf(policy, environmentsOf(prepared), risk) : []
  const asks = requirements.length > 0 || (request.approval?.length ?? 0) > 0
  const trusted = policy && locked ? await trustFor(policy, asks, session) : undefined
  const protection = await confirmLowered(
    await protectionNow(prepared, locked, request.saved, trusted, runtime),
    session,
    {
      locked,
      yes: request.yes,
      trusted,
    },
  )
  if (!policy || !trusted || !asks) {
    if (risk !== undefined) refuseUnasked(prepared, { locked, yes: request.yes, approved: false })
    return { protection, events: [], checkedWith: trusted?.files ?? [] }
  }
  const operator = await identifyOperator(digest, trusted, run, request, siteOfPrepared(prepared), runtime)
  const { counted, lacking } = await checkApprovals(requirements, operator.body, policy, trusted, session, request)
  const isLogged = ({ signature }: Counted) => logged.some((approval) => approval.signature === signature)
  for (const approval of counted) {
    const { signer, group } = approval
    const again = isLogged(approval) ? ', checked again' : ''
    session.print(
      printable(`Approved by ${nameOfSigner(signer)}${group ? ` for ${group}` : ''} (key ${signer.key})${again}.`),
    )
  }
  refuseUnasked(prepared, { locked, yes: request.yes, approved: counted.length > 0 })
  const again = logged.filter(({ signature }) => counted.some((approval) => approval.signature === signature))
  const events: RunEvent[] = [
    operator,
    ...counted.filter((approval) => !isLogged(approval)).map((approval) => approvedEvent(approval, trusted)),
  ]
  const passed: Passed = {
    protection: again.length > 0 ? { ...protection, approvals: again.map(({ entry }) => entry) } : protection,
    events,
    checkedWith: trusted.files,
  }
  if (lacking.length === 0) return passed
  const about = { ...noticeSubject(prepared, runtime), incident: request.incident, run }
  session.notifier.tell(needsApproval(`approval by ${describeLacking(lacking)}`, about))
  const alone = await overridePolicy(nameOfSigner(operator.body), lacking, session, request)
  return { ...passed, events: [...events, alone], override: alone.body.reason }
}

/** Refuses what can't pass the gate, whatever is observed: options without effect, and unattended changes of a protected environment. Throws UserError. */
export function refuseBeforehand(prepared: Session['prepared'], request: Omit<ConsentRequest, 'incident'>): void {
  refuseIdleOptions(prepared, request)
  const approved = [...(request.approval ?? []), ...(request.logged ?? [])].length > 0
  refuseUnasked(prepared, { locked: policyApplies(prepared, request), yes: request.yes, approved })
}

/** Refuses unattended changes of a protected environment without approval, if the policy applies. Throws UserError. */
function refuseUnasked(
  prepared: Session['prepared'],
  { locked, yes, approved }: { locked: boolean; yes: boolean; approved: boolean },
): void {
  const [first] = protectedAmong(prepared)
  if (!locked || first === undefined || !yes || approved) return
  throw new UserError(
    `${first.name} is protected, so --yes is not enough to change it`,
    'run it in a terminal without --yes to be asked before each change, or have the plan approved and add --approval FILE',
    4,
  )
}

/** Refuses options that can have no effect: they are a mistake, not a weaker form of consent. Throws UserError. */
function refuseIdleOptions(prepared: Session['prepared'], request: Omit<ConsentRequest, 'incident'>): void {
  const { inventory } = prepared
  const given = [
    ...(request.policy ? ['--policy'] : []),
    ...((request.approval?.length ?? 0) > 0 ? ['--approval'] : []),
    ...(request.override === undefined ? [] : ['--override']),
    ...(request.key === undefined ? [] : ['--key']),
  ]
  if (given.length === 0) return
  if (inventory.value.policy === undefined)
    throw new UserError(
      `${given.join(' and ')} cannot take effect: the inventory ${inventory.value.name} has no policy; nothing was changed`,
      'add `policy` to the inventory, name another inventory with --inventory FILE, or leave the option out',
      2,
    )
  if (!policyApplies(prepared, request))
    throw new UserError(
      `${given.join(' and ')} cannot take effect: the policy does not apply to this run in a sandbox; nothing was changed`,
      'add --policy, or leave the option out',
      2,
    )
}

/** Returns the lists of signers as the last run stored them, and as they are now. */
async function listsOf({ incident }: LastProtection, logs: string, trusted: TrustFiles | undefined): Promise<Lists> {
  const kept = readSources(incidentFolder(logs, incident))
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8')
  const { allowedSigners, revokedKeys } = trusted?.digests ?? {}
  return new Map([
    ...kept.map(({ hash, bytes }): [string, string] => [`sha256:${hash}`, text(bytes)]),
    ...(trusted && allowedSigners ? [[allowedSigners, trusted.trust.allowedSigners] as const] : []),
    ...(trusted?.trust.revokedKeys && revokedKeys ? [[revokedKeys, text(trusted.trust.revokedKeys)] as const] : []),
  ])
}

/** Reads the lists of signers; they may be missing if nobody has to sign. Throws UserError. */
async function trustFor(
  policy: Policy,
  asks: boolean,
  { prepared, runtime }: Session,
): Promise<TrustFiles | undefined> {
  const reading = readTrust(policy, prepared.inventory.file, runtime)
  return asks ? reading : reading.catch(() => undefined)
}

/** Checks the given and the logged approvals as of now, and prints which of the logged ones no longer count. Throws UserError. */
async function checkApprovals(
  requirements: Requirement[],
  operator: Signer,
  policy: Policy,
  trusted: TrustFiles,
  { print, runtime }: Session,
  { saved, approval = [], logged = [] }: ConsentRequest,
): Promise<Pick<Judgement, 'counted' | 'lacking'>> {
  if (saved === undefined) {
    for (const { entry } of logged)
      print(`The approval in entry ${entry} of the log does not count: it is for a saved plan.`)
    return { counted: [], lacking: requirements.map((each) => ({ ...each, has: 0 })) }
  }
  const fromFiles = await Promise.all(approval.map((file) => readApproval(file, trusted, runtime)))
  const fromLog = await Promise.all(
    logged.map(async ({ entry, statement, signature }): Promise<Submitted> => {
      const checked = await verifyStatement({ statement, signature }, trusted.trust, sshHost(runtime))
      return { name: `entry ${entry} of the log`, statement, signature, checked }
    }),
  )
  const { counted, refused, lacking } = judgeApprovals([...fromFiles, ...fromLog], {
    ...{ saved, policy, requirements, operator, now: runtime.now() },
  })
  const given = refused.filter(({ name }) => fromFiles.some((each) => each.name === name))
  if (given.length > 0) throw notCounted(given.map(({ name, why }) => `${name}: ${why}`))
  for (const { name, why } of refused) print(printable(`The approval in ${name} no longer counts: ${why}.`))
  return { counted, lacking }
}

/** Shows how the environment is less protected than at its last run, and asks the operator to confirm that. Throws UserError. */
async function confirmLowered(
  now: Protection,
  { locked: { paths }, prepared, print, runtime }: Session,
  { locked, yes, trusted }: { locked: boolean; yes: boolean; trusted: TrustFiles | undefined },
): Promise<Protection> {
  const { cloud, environment } = prepared
  const place = { cloud: cloud.name, environment: environment.name, project: environment.project }
  const logs = dirname(paths.folder)
  const last = await lastProtection(logs, place, runtime.now())
  const lowered = [
    ...(last ? loweredSince(last, now, await listsOf(last, logs, trusted)) : []),
    ...(await unprotectedReach(prepared, logs, runtime.now())),
  ]
  if (lowered.length === 0) return now
  const { columns, colour } = runtime.terminal
  const since = `PROTECTION LOWERED: ${environment.name} is less protected than ${last ? `at its last run (${last.incident}, ${last.time})` : 'in earlier runs'}`
  const text = `${since}: ${lowered.join('; ')}.`
  const refused = (hint: string) => new UserError(`${text} Nothing was changed`, hint, 4)
  if (locked && yes) throw refused('run it in a terminal without --yes to confirm the lower protection')
  print(painter(colour)('notice', wrap(printable(text), columns, '')))
  if (locked) {
    const questions = questionsAt(runtime, siteOfPrepared(prepared))
    if (!(await questions.yesOrNo('Is the lower protection intended?', false)))
      throw refused('restore the protection, or find out who lowered it')
  }
  return { ...now, lowered }
}

async function readApproval(given: string, { trust }: TrustFiles, runtime: Runtime): Promise<Submitted> {
  const path = resolve(runtime.cwd, given)
  const name = shownPath(path, runtime.cwd)
  const bytes = await readHanded({ what: 'an approval', path, name })
  const signed = parseApproval(Buffer.from(bytes).toString('utf8'), name)
  return { ...signed, name, checked: await verifyStatement(signed, trust, sshHost(runtime)) }
}

function notCounted(refused: string[]): UserError {
  const lines = refused.map((why) => `  ${printable(why)}`)
  return new UserError(
    `an approval does not count, and nothing was changed:\n${lines.join('\n')}`,
    'leave it out, or have an approver approve the plan',
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
