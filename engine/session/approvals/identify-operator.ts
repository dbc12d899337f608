import type { OperatorStatement } from '../../approval/statement.ts'
import { describeVerdict } from '../../approval/verdict.ts'
import { UserError } from '../../base/problem.ts'
import type { RunEvent } from '../../run/model/events.ts'
import { signStatement } from '../../ssh/sign.ts'
import { verifyStatement } from '../../ssh/verify.ts'
import type { Site } from '../../terminal/site.ts'
import type { Runtime } from '../host/runtime.ts'
import { chooseKey, sshHost } from './choose-key.ts'
import type { TrustFiles } from './trust.ts'

/**
 * Has the operator sign for the run with their own key: a user name can be changed, and an operator who isn't identified
 * can't be distinguished from an approver. Throws UserError.
 */
export async function identifyOperator(
  digest: string,
  { trust, digests }: TrustFiles,
  run: string,
  { incident, key }: { incident: string; key?: string },
  site: Site,
  runtime: Runtime,
): Promise<Extract<RunEvent, { type: 'operator.identified' }>> {
  const chosen = await chooseKey(key, trust.allowedSigners, site, runtime)
  const at = runtime.now().toISOString()
  const statement: OperatorStatement = { apiVersion: 'breakglass/v1', kind: 'Operator', at, incident, run, digest }
  const signed = await signStatement(statement, chosen, sshHost(runtime))
  const checked = await verifyStatement(signed, trust, sshHost(runtime))
  if (checked.verdict === 'good')
    return { type: 'operator.identified', body: { ...checked.signer, ...signed, checkedWith: digests } }
  throw new UserError(
    `the policy requires an identified operator, but your signature does not count: ${describeVerdict(checked)}; nothing was changed`,
    'sign with one of your keys that is among the allowed signers: --key FILE',
    4,
  )
}
