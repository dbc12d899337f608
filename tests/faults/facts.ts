import type { Inventory } from '../../engine/runbook/inventory.ts'
import type { BoundStep, Observation } from '../../engine/steps/types.ts'

/** A sandbox's state, as `/sandbox/state` returns it. */
// biome-ignore lint/suspicious/noExplicitAny: tests read it by hand
export type State = any

/** What a statement of a log may contain: each field's value, or a test of it if the value can't be known beforehand. */
export type Facts = 'absent' | Record<string, unknown>

type Container = { ports?: object[]; env?: { name: string; valueFrom?: { secretKeyRef?: Reference } }[] }
type Reference = { name: string; key: string }
type Spec = { serviceAccountName: string; containers: Container[]; volumes?: Volume[] }
type Volume = { secret?: { secretName: string; items?: { key: string }[] } }
type Share = { revisionName: string; percent?: number; latestRevision?: boolean }
type Binding = { role: string; members: string[]; condition?: object }
type Version = { version: string; state: string; sha256?: string }

const IAP = /@gcp-sa-iap\.iam\.gserviceaccount\.com$/
const equal = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

/**
 * Returns, from the sandbox's state alone, what a step or check of the shipped runbooks must observe; undefined if there is
 * nothing to compare: a gate is its inner checks.
 */
export function factsOf(step: BoundStep, state: State, inventory: Inventory, environment: string): Facts | undefined {
  const [, runbook = '', id = '', label = ''] = /^([^/]+)\/([^[]+)(?:\[(.*)\])?$/.exec(step.key) ?? []
  const labels = label === '' ? [] : label.split(',')
  const isGate = ['gcp-drift', 'run-parity', 'identity-key-drift'].includes(runbook)
  const env = inventory.environments[(isGate ? labels.shift() : undefined) ?? environment]
  if (env === undefined) throw new Error(`no environment of ${step.key}`)
  const [name = '', role = ''] = labels
  const project = state.projects[env.project]
  const serviceOf = (service: string) => {
    const found = project.services[service]
    const where = env.services.find((each) => each.name === service)?.region ?? env.region
    return found?.object.metadata.labels['cloud.googleapis.com/location'] === where ? found : undefined
  }
  const service = serviceOf(name)
  const { metadata, spec, status } = service?.object ?? {}
  const annotation = (of: string): string | undefined => metadata.annotations[`run.googleapis.com/${of}`]
  const ready = status?.conditions.find(({ type }: { type: string }) => type === 'Ready')?.status
  const serving: Spec[] = (service?.serving ?? []).map((share: { spec: Spec }) => share.spec)
  const identity = env.services.find((each) => each.name === name)?.identity
  const emailOf = (account: string) => `${account}@${env.project}.iam.gserviceaccount.com`
  const others = serving
    .map(({ serviceAccountName }) => serviceAccountName)
    .filter((email) => email !== emailOf(identity ?? ''))
  const servesAs = serving.length === 0 ? '(nothing takes traffic)' : (others[0] ?? emailOf(identity ?? ''))
  const bindings: Binding[] = project.iamPolicy.bindings
  const rolesOf = (account: string) =>
    bindings.filter(({ members }) => members.includes(`serviceAccount:${emailOf(account)}`))
  const wantedRoles = (account: string) => env.identities.find((each) => each.name === account)?.roles ?? []
  const extra = (account: string) =>
    rolesOf(account)
      .filter((each) => each.condition !== undefined || !wantedRoles(account).includes(each.role))
      .map((each) => `${each.role}${each.condition ? ' (conditional)' : ''}`)
  const has = (account: string, wanted: string) =>
    rolesOf(account).some((each) => each.role === wanted && each.condition === undefined)
  switch (id) {
    case 'public-ingress':
      if (service === undefined) return 'absent'
      return {
        ingress: annotation('ingress') ?? 'all',
        invokerCheck: !isOn(annotation('invoker-iam-disabled')),
        inForce: annotation('ingress-status') === annotation('ingress') && isSettled(service, ready),
      }
    case 'iap-off':
      if (service === undefined) return 'absent'
      return {
        iap: isOn(annotation('iap-enabled')),
        iapMayInvoke: service.iamPolicy.bindings.some(
          (each: Binding) => each.role === 'roles/run.invoker' && each.members.some((member) => IAP.test(member)),
        ),
        inForce: isSettled(service, ready),
      }
    case 'account-exists': {
      const account = project.serviceAccounts[emailOf(name)]
      return account === undefined ? 'absent' : { email: emailOf(name), disabled: account.disabled }
    }
    case 'role-granted':
    case 'role-removed':
      return { granted: has(name, role) }
    case 'no-extra-roles':
      return { extraRoles: extra(name) }
    case 'runs-as':
      if (service === undefined) return 'absent'
      return {
        serviceAccount: spec.template.spec.serviceAccountName,
        servesAs,
        pinnedTo: (status.traffic as Share[])
          .filter(({ percent = 0 }) => percent > 0)
          .filter(
            ({ latestRevision }, at) => !latestRevision && serving[at]?.serviceAccountName !== emailOf(identity ?? ''),
          )
          .map(({ revisionName }) => revisionName),
        ready: ready === 'True' && isSettled(service, ready),
      }
    case 'identity':
      return service === undefined ? 'absent' : { servesAs }
    case 'service-identity':
      return { servesAs: service === undefined ? '(no such service)' : servesAs }
    case 'secret-equals-references':
    case 'secret-parity': {
      const own = newest(project.secrets[name])
      if (project.secrets[name] === undefined) return 'absent'
      return { version: own?.version ?? '', state: own?.state ?? 'NO VERSION' }
    }
    case 'version-in-use': {
      const versions: Version[] = project.secrets[name] ?? []
      const pins = Object.entries<{ object: State; serving: { spec: Spec }[] }>(project.services)
        .filter(([, { object }]) => object.metadata.labels['cloud.googleapis.com/location'] === env.region)
        .map(([each, found]) => [each, found.serving.flatMap((share) => numbersIn(share.spec, name))] as const)
      const print = (keep: (number: string) => boolean) =>
        pins
          .map(([each, numbers]) => [each, numbers.filter(keep)] as const)
          .filter(([, numbers]) => numbers.length > 0)
          .map(([each, numbers]) => `${each} to version ${numbers.join(', ')}`)
      return { pinned: print(() => true), pinnedToAnother: print((number) => Number(number) < versions.length) }
    }
    case 'root-answers':
    case 'health-answers': {
      if (service === undefined) return 'absent'
      const path = id === 'root-answers' ? '/' : (env.services.find((each) => each.name === name)?.health ?? '/')
      return { url: `${status.url}${path}`, status: statusOf(service) }
    }
    case 'workflow-run':
      return undefined
    case 'services':
      return {
        missingServices: env.services
          .filter(({ region, name: each }) => region === env.region && serviceOf(each) === undefined)
          .map((each) => each.name),
      }
    case 'identities':
      return {
        missingIdentities: env.identities
          .map((each) => emailOf(each.name))
          .filter((email) => project.serviceAccounts[email]?.disabled !== false),
      }
    case 'roles':
      return { missingRoles: wantedRoles(name).filter((each) => !has(name, each)), extraRoles: extra(name) }
    case 'secrets':
      return {
        missingSecrets: env.secrets.map((each) => each.name).filter((each) => project.secrets[each] === undefined),
      }
    case 'apis':
      return { disabledApis: env.apis.filter((each) => !project.apis.includes(each)) }
    case 'service-posture': {
      const ingress = service === undefined ? undefined : annotation('ingress-status')
      return {
        exists: service !== undefined,
        traffic: ingress === undefined ? '(no such service)' : ingress === 'all' ? 'public' : 'internal',
        invokerCheck: service === undefined || !isOn(annotation('invoker-iam-disabled')),
      }
    }
    case 'service-iap':
      return { exists: service !== undefined, iap: service !== undefined && isOn(annotation('iap-enabled')) }
    case 'required-keys': {
      const wanted = env.services.find((each) => each.name === name)?.environmentKeys.required ?? []
      const lacks = (each: Spec, key: string) => !(front(each)?.env ?? []).some((variable) => variable.name === key)
      const missing = wanted.filter((key) => serving.length === 0 || serving.some((each) => lacks(each, key)))
      return { serves: serving.length > 0, missingKeys: missing }
    }
    case 'deprecated-keys': {
      const unwanted = env.services.find((each) => each.name === name)?.environmentKeys.deprecated ?? []
      const keys = serving.flatMap(({ containers }) =>
        containers.flatMap(({ env: own = [] }) => own.map((one) => one.name)),
      )
      return { serves: serving.length > 0, deprecatedKeys: unwanted.filter((key) => keys.includes(key)) }
    }
    case 'user-managed-keys': {
      const account = project.serviceAccounts[emailOf(name)]
      if (account === undefined) return 'absent'
      return { userManagedKeys: account.keys.filter(({ type }: { type: string }) => type === 'user').length }
    }
    case 'gcp-drift':
    case 'run-parity':
    case 'identity-key-drift':
      return undefined
    default:
      throw new Error(`nobody has said what is true of ${step.key}`)
  }
}

/** Describes how an observation differs from the facts; undefined if it doesn't, or if nothing is stated. */
export function untrueIn(observation: Observation, facts: Facts): string | undefined {
  if (observation.state === 'unknown' || observation.state === 'unseen') return undefined
  if (observation.state === 'absent' || facts === 'absent')
    return observation.state === 'absent' && facts === 'absent'
      ? undefined
      : `${JSON.stringify(observation)}, and it is ${JSON.stringify(facts)}`
  const { fingerprint: _, ...stated } = observation.value
  const names = [...new Set([...Object.keys(stated), ...Object.keys(facts)])]
  const wrong = names.filter((name) => !equal(stated[name], facts[name]))
  return wrong.length === 0
    ? undefined
    : wrong
        .map((name) => `${name} is ${JSON.stringify(facts[name])}, stated ${JSON.stringify(stated[name])}`)
        .join('; ')
}

/** Returns whether a secret's newest version equals its references, by the payloads' hashes. */
export function equalsReferences(name: string, state: State, inventory: Inventory, environment: string): boolean {
  const env = inventory.environments[environment]
  const hashOf = (project: string) => newest(state.projects[project].secrets[name])?.sha256
  const references = env?.secrets.find((each) => each.name === name)?.references ?? []
  const hashes = references.map((each) => hashOf(inventory.environments[each]?.project ?? ''))
  const own = newest(state.projects[env?.project ?? ''].secrets[name])
  return own?.state === 'ENABLED' && hashes.every((hash) => hash === own.sha256)
}

const isOn = (value: string | undefined): boolean => value?.toLowerCase() === 'true'

const isSettled = ({ object }: State, ready: string): boolean =>
  object.status.observedGeneration === object.metadata.generation && ready !== 'Unknown'

const newest = (versions: Version[] | undefined): Version | undefined => versions?.at(-1)

const front = ({ containers }: Spec): Container | undefined =>
  containers.length === 1 ? containers[0] : containers.find(({ ports }) => ports !== undefined)

function numbersIn({ containers, volumes = [] }: Spec, secret: string): string[] {
  const variables = containers.flatMap(({ env = [] }) => env.flatMap((one) => one.valueFrom?.secretKeyRef ?? []))
  const files = volumes.flatMap((one) => (one.secret?.secretName === secret ? (one.secret.items ?? []) : []))
  const keys = [...variables.filter((one) => one.name === secret), ...files].map(({ key }) => key)
  return keys.filter((key) => key !== 'latest')
}

/** Returns the internet's answer from a service whose own answers are all 200. */
function statusOf({ object, iamPolicy, serving }: State): number {
  const annotation = (of: string) => object.metadata.annotations[`run.googleapis.com/${of}`]
  const open = iamPolicy.bindings.some(
    (each: Binding) => each.role === 'roles/run.invoker' && each.members.includes('allUsers'),
  )
  if (annotation('ingress-status') !== 'all') return 404
  if (isOn(annotation('iap-enabled'))) return 302
  if (!isOn(annotation('invoker-iam-disabled')) && !open) return 403
  return serving.length === 0 ? 503 : 200
}
