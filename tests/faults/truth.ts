/** A sandbox's state, as `/sandbox/state` returns it. */
// biome-ignore lint/suspicious/noExplicitAny: tests read it by hand
type State = any

const IAP = /^serviceAccount:service-\d+@gcp-sa-iap\.iam\.gserviceaccount\.com$/
type Binding = { role: string; members: string[]; condition?: object }

/**
 * Returns whether a step of the incident is correct in production by the sandbox's state, whatever the engine has read; the
 * step's key names the resource.
 */
export function isTrue(key: string, { projects }: State): boolean {
  const [, id = '', about = ''] = /^[^/]+\/([^[]+)\[(.*)\]$/.exec(key) ?? []
  const [name = '', role = ''] = about.split(',')
  const prod = projects['jualuma-prod']
  const { metadata, spec, status } = prod.services[name]?.object ?? {}
  const annotation = (of: string): string | undefined => metadata.annotations[`run.googleapis.com/${of}`]
  const email = `${name}@jualuma-prod.iam.gserviceaccount.com`
  const bindings: Binding[] = prod.iamPolicy.bindings
  const roles = bindings.filter(({ members }) => members.includes(`serviceAccount:${email}`))
  switch (id) {
    case 'secret-equals-references':
      return new Set(Object.values(projects).map((project) => inUse(project, name))).size === 1
    case 'public-ingress':
      return (
        annotation('ingress') === 'all' &&
        annotation('ingress-status') === 'all' &&
        annotation('invoker-iam-disabled')?.toLowerCase() === 'true'
      )
    case 'iap-off':
      return (
        annotation('iap-enabled') !== 'true' &&
        !prod.services[name].iamPolicy.bindings.some(
          (binding: Binding) => binding.role === 'roles/run.invoker' && binding.members.some((one) => IAP.test(one)),
        )
      )
    case 'account-exists':
      return prod.serviceAccounts[email]?.disabled === false
    case 'role-granted':
      return roles.some((binding) => binding.role === role && !binding.condition)
    case 'no-extra-roles':
      return roles.every((binding) => WANTED.includes(binding.role) && !binding.condition)
    case 'runs-as':
      return (
        [spec.template.spec, ...prod.services[name].serving.map((share: State) => share.spec)].every(
          ({ serviceAccountName }) => serviceAccountName === 'cr-backend@jualuma-prod.iam.gserviceaccount.com',
        ) &&
        status.conditions.some((one: { type: string; status: string }) => one.type === 'Ready' && one.status === 'True')
      )
    default:
      throw new Error(`nobody has said what is true of ${key}`)
  }
}

const WANTED = [
  'aiplatform.user',
  'cloudsql.client',
  'cloudsql.instanceUser',
  'datastore.user',
  'secretmanager.secretAccessor',
].map((name) => `roles/${name}`)

const inUse = ({ secrets }: State, name: string): string =>
  secrets[name].findLast(({ state }: { state: string }) => state === 'ENABLED')?.sha256
