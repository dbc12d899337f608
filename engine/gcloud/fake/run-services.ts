import { isJsonObject, type JsonObject } from '../../base/json.ts'
import { type Args, type Command, type CommandContext, type Printed, textOf } from './command.ts'
import { Failed } from './failed.ts'
import { withBytes } from './json-text.ts'
import { knative, readService, serviceUrls } from './run-service.ts'
import { updateService } from './run-update.ts'

const SERVICE = '(SERVICE : --namespace=NAMESPACE)'

/** `run services …` and `run revisions …`: Cloud Run services and their revisions, through its Knative-style API and, for IAM policies, its own. */
export const runServiceCommands = {
  'run services describe': { positional: SERVICE, flags: { region: 'value' }, run: describeService },
  'run services list': { flags: { region: 'value' }, run: listServices },
  'run services update': {
    positional: SERVICE,
    flags: {
      region: 'value',
      ingress: ['all', 'internal', 'internal-and-cloud-load-balancing'],
      'invoker-iam-check': 'toggle',
      'service-account': 'value',
    },
    beta: { iap: 'toggle' },
    run: (args, context) =>
      updateService(args, context, serviceUrls(context.project(), regionOf(args), args.positional)),
  },
  'run revisions list': { flags: { region: 'value', service: 'value' }, run: listRevisions },
  'run services get-iam-policy': { positional: 'SERVICE', flags: { region: 'value' }, run: readPolicy },
} satisfies Record<string, Command>

function regionOf(args: Args): string {
  const region = textOf(args, 'region')
  if (region !== undefined) return region
  throw new Failed(1, 'You must specify a region. Either use the `--region` flag or set the run/region property.')
}

async function describeService(args: Args, { api, project }: CommandContext): Promise<Printed> {
  const service = await readService(api, serviceUrls(project(), regionOf(args), args.positional).service)
  if (!service) throw new Failed(1, `Cannot find service [${args.positional}]`)
  return { json: service }
}

/** Lists a region's services, or all of them without a region, sorted by name. */
async function listServices(args: Args, { api, project }: CommandContext): Promise<Printed> {
  const region = textOf(args, 'region')
  const everywhere = `http://run.sandbox/v1/projects/${project()}/locations/-/services`
  const { items } = await api.call('GET', region === undefined ? everywhere : `${knative(region, project())}/services`)
  const services = (Array.isArray(items) ? items : []).filter(isJsonObject)
  return { json: services.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)) }
}

/** Lists the revisions of a region or of one service. */
async function listRevisions(args: Args, { api, project }: CommandContext): Promise<Printed> {
  const service = textOf(args, 'service')
  const { revisions } = serviceUrls(project(), regionOf(args), '')
  const query = service === undefined ? {} : { labelSelector: `serving.knative.dev/service = ${service}` }
  const { items } = await api.call('GET', revisions(project()), query)
  return { json: items ?? [] }
}

const nameOf = ({ metadata }: JsonObject): string => (isJsonObject(metadata) ? String(metadata.name) : '')

async function readPolicy(args: Args, { api, project }: CommandContext): Promise<Printed> {
  if (!args.flags.has('region'))
    throw new Failed(
      1,
      'Error parsing [service].\nThe [service] resource is not properly specified.\nFailed to find attribute [region].',
    )
  const { policy } = serviceUrls(project(), regionOf(args), args.positional)
  const read = await api.call('GET', `${policy}:getIamPolicy`, { 'options.requestedPolicyVersion': '3' })
  return { json: withBytes(read, 'etag') }
}
