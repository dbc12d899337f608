import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts'
import type { Args, CommandContext, Printed } from './command.ts'
import { Failed } from './failed.ts'
import { type Change, changedService, changeOf, ingressContainer, type Revised } from './run-change.ts'
import { setIapAccess } from './run-iap.ts'
import { readService, type ServiceUrls } from './run-service.ts'

/**
 * Updates a service in gcloud's order: read it, write the whole object back with its resource version, grant or revoke
 * IAP's access, then wait until the service is ready.
 */
export async function updateService(args: Args, context: CommandContext, urls: ServiceUrls): Promise<Printed> {
  const { api } = context
  const name = args.positional
  const service = await readService(api, urls.service)
  const change = changeOf(args)
  if (Object.keys(change).length === 0) throw new Failed(1, noChange(args))
  if (!service) throw new Failed(1, `Service [${name}] could not be found.`)
  const revised = change.serviceAccount === undefined ? undefined : await revise(service, context, urls)
  const written = await api.call(
    'PUT',
    urls.service,
    {},
    changedService(service, change, { track: args.track, client: context.client }, revised),
  )
  const warning = change.iap === undefined ? undefined : await setIapAccess(change.iap, name, written, context, urls)
  const settled = isReady(written) ? written : await settle(context, urls)
  return { json: settled, message: messageOf(name, change, settled, warning) }
}

const noChange = ({ track }: Args): string =>
  `No configuration change requested. Did you mean to include the flags \`--update-env-vars\`, \`--memory\`, \`--concurrency\`, \`--timeout\`, \`--connectivity\`, \`--image\`${track === 'beta' ? ', `--iap`' : ''}?`

/** Returns what else a new revision changes: the last revision's image is pinned by digest, so that the code stays the same. */
async function revise(service: JsonObject, { api, random }: CommandContext, urls: ServiceUrls): Promise<Revised> {
  const nonce = Array.from(random(10), (byte) => String.fromCharCode(97 + (byte % 26))).join('')
  const { namespace } = service.metadata as JsonObject
  const { latestCreatedRevisionName: latest } = service.status as JsonObject
  if (imageOf(service.spec).includes('@sha256:') || typeof latest !== 'string') return { image: undefined, nonce }
  const { status } = await api.call('GET', `${urls.revisions(String(namespace))}/${latest}`)
  const digest = isJsonObject(status) ? status.imageDigest : undefined
  return { image: typeof digest === 'string' ? digest : undefined, nonce }
}

function imageOf(spec: Json | undefined): string {
  const template = (spec as { template?: { spec?: { containers?: JsonObject[] } } } | undefined)?.template
  return String(ingressContainer(template?.spec?.containers ?? [])?.image ?? '')
}

/** Polls the service about every second until it is ready; if it fails, its own message is the error. */
async function settle({ api, sleep }: CommandContext, urls: ServiceUrls): Promise<JsonObject> {
  for (;;) {
    const service = await readService(api, urls.service)
    const ready = service && readyOf(service)
    if (ready?.status === 'True') break
    if (ready?.status === 'False') throw new Failed(1, String(ready.message ?? ''))
    await sleep(1000)
  }
  await readService(api, urls.service)
  return (await readService(api, urls.service)) ?? {}
}

const isReady = (service: JsonObject): boolean => readyOf(service)?.status === 'True'

/** Returns the Ready condition of the last write; undefined while the status describes an earlier one. */
function readyOf({ metadata, status }: JsonObject): JsonObject | undefined {
  if (!isJsonObject(status) || !isJsonObject(metadata)) return undefined
  if (status.observedGeneration !== undefined && status.observedGeneration !== metadata.generation) return undefined
  const conditions = Array.isArray(status.conditions) ? status.conditions : []
  return conditions.filter(isJsonObject).find(({ type }) => type === 'Ready')
}

function messageOf(name: string, change: Change, { status }: JsonObject, warning: string | undefined): string {
  const { latestReadyRevisionName: revision, url, traffic } = (status ?? {}) as JsonObject
  const percent = (Array.isArray(traffic) ? traffic : [])
    .filter(isJsonObject)
    .reduce((sum, { latestRevision, percent }) => sum + (latestRevision === true ? Number(percent ?? 0) : 0), 0)
  const end =
    change.serviceAccount === undefined
      ? `Service [${name}] has been updated.`
      : `Service [${name}] revision [${revision}] has been deployed and is serving ${percent} percent of traffic.${percent > 0 ? `\nService URL: ${url}` : ''}`
  return warning === undefined ? `Done.\n${end}` : `Completed with warnings:\n  ${warning}\n${end}`
}
