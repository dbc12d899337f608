import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts'
import { own } from '../../base/own.ts'
import type { Environment } from '../../runbook/inventory.ts'
import type { ScenarioService } from '../model/scenario.ts'
import type { Ingress } from '../model/scenario-values.ts'
import { iapAnnotation, ingressAnnotation, invokerAnnotation } from '../services/posture.ts'
import { ingressContainer } from '../services/run-service.ts'
import { iapAgent } from '../services/service-accounts.ts'
import type { ProjectReader } from './project-reader.ts'

/** Replaces every variable's value, which may be a secret. */
const KEPT_OUT = 'kept-out'

/** Returns the services in scenario form, each as the revision with most of its traffic, and the secrets that their variables use. */
export async function captureServices(
  found: JsonObject[],
  revisions: JsonObject[],
  environment: Environment,
  number: string,
  reader: ProjectReader,
): Promise<{ services: Record<string, ScenarioService>; secrets: string[] }> {
  const services = await Promise.all(
    found.map((service) => captureService(service, revisions, environment, number, reader)),
  )
  const secrets = services.flatMap(([, { secretEnv = {} }]) => Object.values(secretEnv).map(({ secret }) => secret))
  return { services: Object.fromEntries(services), secrets }
}

async function captureService(
  service: JsonObject,
  revisions: JsonObject[],
  { region: usual, services }: Environment,
  number: string,
  reader: ProjectReader,
): Promise<[string, ScenarioService]> {
  const name = String(at(service, 'metadata', 'name'))
  const annotation = (key: string) => String(at(service, 'metadata', 'annotations', key) ?? '')
  const region = String(at(service, 'metadata', 'labels', 'cloud.googleapis.com/location') ?? usual)
  const spec = at(servingRevision(service, revisions), 'spec') ?? at(service, 'spec', 'template', 'spec')
  const container = ingressContainer(isJsonObject(spec ?? null) ? (spec as JsonObject) : undefined)
  const ingress = annotation(ingressAnnotation)
  const iap = annotation(iapAnnotation).toLowerCase() === 'true'
  const invokerCheck = annotation(invokerAnnotation).toLowerCase() !== 'true'
  const serviceAccount = at(spec, 'serviceAccountName')
  const health = services.find((each) => each.name === name)?.health
  const open = (ingress === '' || ingress === 'all') && !invokerCheck && !iap
  const image = at(container, 'image')
  return [
    name,
    {
      region,
      ...(ingress === '' ? {} : { ingress: ingress as Ingress }),
      invokerCheck,
      ...(iap ? { iap } : {}),
      ...(await captureInvokers(name, region, iap, number, reader)),
      ...(typeof serviceAccount === 'string' ? { serviceAccount } : {}),
      ...(typeof image === 'string' ? { image } : {}),
      ...captureVariables(at(container, 'env')),
      ...(await captureAnswers(String(at(service, 'status', 'url') ?? ''), health, open, reader)),
    },
  ]
}

/** Returns the revision that gets most of a service's traffic; undefined if unknown. */
function servingRevision(service: JsonObject, revisions: JsonObject[]): JsonObject | undefined {
  const traffic = at(service, 'status', 'traffic')
  const shares = (Array.isArray(traffic) ? traffic : []).filter(isJsonObject)
  const [most] = shares.toSorted((a, b) => Number(b.percent ?? 0) - Number(a.percent ?? 0))
  return most && revisions.find((each) => at(each, 'metadata', 'name') === most.revisionName)
}

async function captureInvokers(
  name: string,
  region: string,
  iap: boolean,
  number: string,
  reader: ProjectReader,
): Promise<Pick<ScenarioService, 'invokers'>> {
  const policy = await reader.json(['run', 'services', 'get-iam-policy', name, '--region', region])
  const bindings = (at(policy, 'bindings') ?? []) as Json[]
  const members = bindings.flatMap((binding) =>
    at(binding, 'role') === 'roles/run.invoker' ? ((at(binding, 'members') ?? []) as string[]) : [],
  )
  // The sandbox grants it to IAP's own agent wherever IAP is on; people and groups are left out.
  const kept = members.filter(
    (member) => /^(serviceAccount:|all)/.test(member) && !(iap && member === iapAgent(number)),
  )
  return kept.length === 0 ? {} : { invokers: kept }
}

function captureVariables(env: Json | undefined): Pick<ScenarioService, 'env' | 'secretEnv'> {
  const plain: [string, string][] = []
  const secret: [string, { secret: string; version: string }][] = []
  for (const variable of (env ?? []) as Json[]) {
    const [name, from] = [String(at(variable, 'name')), at(variable, 'valueFrom', 'secretKeyRef')]
    if (isJsonObject(from ?? null))
      secret.push([name, { secret: String(at(from, 'name')), version: String(at(from, 'key')) }])
    else plain.push([name, KEPT_OUT])
  }
  return {
    ...(plain.length > 0 ? { env: Object.fromEntries(plain) } : {}),
    ...(secret.length > 0 ? { secretEnv: Object.fromEntries(secret) } : {}),
  }
}

/** Reads what the service itself answers, which is visible only if nothing blocks access; otherwise it counts as healthy. */
async function captureAnswers(
  url: string,
  health: string | undefined,
  open: boolean,
  reader: ProjectReader,
): Promise<Pick<ScenarioService, 'responds'>> {
  const paths = [...new Set(['/', ...(health === undefined ? [] : [health])])]
  const answers = await Promise.all(
    paths.map(
      async (path) => [path, (open && url !== '' ? await reader.status(`${url}${path}`) : undefined) ?? 200] as const,
    ),
  )
  const unusual = answers.filter(([path, status]) => path !== '/' || status !== 200)
  return unusual.length === 0 ? {} : { responds: Object.fromEntries(unusual) }
}

/** Returns the value at a path of nested objects; undefined if there is none. */
const at = (value: Json | undefined, ...path: string[]): Json | undefined =>
  path.reduce<Json | undefined>(
    (inner, key) => (isJsonObject(inner ?? null) ? own(inner as JsonObject, key) : undefined),
    value,
  )
