import type { JsonObject } from '../../base/json.ts'
import { ApiError } from './api-error.ts'
import { withMember, withoutMember } from './bindings.ts'
import type { CommandContext } from './command.ts'
import { withBytes } from './json-text.ts'
import type { ServiceUrls } from './run-service.ts'

const INVOKER = 'roles/run.invoker'

/**
 * Grants or revokes the right of IAP's service agent to invoke a service. As in gcloud, an API error becomes a warning and
 * the command still succeeds.
 */
export async function setIapAccess(
  on: boolean,
  name: string,
  { metadata }: JsonObject,
  context: CommandContext,
  { policy, region }: ServiceUrls,
): Promise<string | undefined> {
  const { namespace } = metadata as JsonObject
  const agent = `serviceAccount:service-${namespace}@gcp-sa-iap.iam.gserviceaccount.com`
  try {
    await (on
      ? retry(() => writePolicy(true, agent, policy, context), context)
      : writePolicy(false, agent, policy, context))
    return undefined
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    if (on && error.status === 400)
      return "IAP has not been successfully enabled. If this is the first time you're enabling IAP in this project, please wait a few minutes for the service agent to propagate, then try enabling IAP again on this service."
    return `Setting IAM policy failed, try "gcloud run services ${on ? 'add' : 'remove'}-iam-policy-binding --region=${region} --member=${agent} --role=${INVOKER} ${name}"`
  }
}

async function writePolicy(on: boolean, agent: string, url: string, { api }: CommandContext): Promise<void> {
  const policy = withBytes(await api.call('GET', `${url}:getIamPolicy`), 'etag')
  const changed = on ? withMember(policy, INVOKER, agent) : (withoutMember(policy, INVOKER, agent) ?? policy)
  await api.call('POST', `${url}:setIamPolicy`, {}, { policy: changed })
}

/** Retries ten times, every fifteen seconds, as gcloud does: a new project's agent appears late. */
async function retry(act: () => Promise<void>, { sleep }: CommandContext): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await act()
    } catch (error) {
      if (tries > 10 || !(error instanceof ApiError)) throw error
      await sleep(15_000)
    }
  }
}
