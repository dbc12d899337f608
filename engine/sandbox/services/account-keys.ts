import type { JsonObject } from '../../base/json.ts'
import { refuse } from '../model/answer.ts'
import type { ApiMethod, AuditNaming } from '../model/api.ts'
import type { Call } from '../model/call.ts'
import { timestamp } from '../model/clock.ts'
import type { AccountKey, Project, ServiceAccount, World } from '../model/world.ts'

type Find = (world: World, project: Project, call: Call) => ServiceAccount

/** Returns the methods of a service account's keys; `path` is that of the keys. */
export function keyMethods(path: string, find: Find, audit: (methodName: string) => AuditNaming) {
  const key = `${path}/{key}`
  const change = (verb: 'POST' | 'DELETE', at: string, name: string, handle: HandleKey) =>
    ({ verb, path: at, handle: onKey(find, handle), audited: audit(name) }) satisfies ApiMethod
  return {
    'keys.list': {
      verb: 'GET',
      path,
      handle: (world, project, call) => listKeys(project, find(world, project, call), call.query),
    },
    'keys.get': {
      verb: 'GET',
      path: key,
      handle: onKey(find, (_, project, account, each) => keyJson(project, account, each)),
    },
    'keys.create': {
      verb: 'POST',
      path,
      handle: (world, project, call) => createKey(world, project, find(world, project, call)),
      audited: audit('CreateServiceAccountKey'),
    },
    'keys.delete': change('DELETE', key, 'DeleteServiceAccountKey', (_, __, account, { id }) => {
      account.keys = account.keys.filter((each) => each.id !== id)
      return {}
    }),
    'keys.disable': change('POST', `${key}:disable`, 'DisableServiceAccountKey', (_, __, ___, each) => {
      each.disabled = true
      return {}
    }),
    'keys.enable': change('POST', `${key}:enable`, 'EnableServiceAccountKey', (_, __, ___, each) => {
      each.disabled = false
      return {}
    }),
  } satisfies Record<string, ApiMethod>
}

type HandleKey = (world: World, project: Project, account: ServiceAccount, key: AccountKey) => JsonObject

const onKey =
  (find: Find, handle: HandleKey) =>
  (world: World, project: Project, call: Call): JsonObject => {
    const account = find(world, project, call)
    const key = account.keys.find(({ id }) => id === call.params.key)
    if (key === undefined) refuse(404, 'Service account key does not exist.')
    return handle(world, project, account, key)
  }

const keyJson = ({ id: project }: Project, { email }: ServiceAccount, key: AccountKey) => ({
  name: `projects/${project}/serviceAccounts/${email}/keys/${key.id}`,
  validAfterTime: key.created,
  validBeforeTime: key.expires,
  keyAlgorithm: 'KEY_ALG_RSA_2048',
  keyOrigin: 'GOOGLE_PROVIDED',
  keyType: key.type === 'user' ? 'USER_MANAGED' : 'SYSTEM_MANAGED',
  ...(key.disabled && { disabled: true }),
})

function listKeys(project: Project, account: ServiceAccount, query: URLSearchParams): JsonObject {
  const wanted = query.getAll('keyTypes')
  const list = account.keys
    .map((key) => keyJson(project, account, key))
    .filter(({ keyType }) => wanted.length === 0 || wanted.includes(keyType))
  return list.length > 0 ? { keys: list } : {}
}

/** Creates a key; what it answers as the private key says that it is simulated. */
function createKey({ clock, random }: World, project: Project, account: ServiceAccount): JsonObject {
  const key: AccountKey = {
    id: Buffer.from(random(20)).toString('hex'),
    type: 'user',
    created: timestamp(clock.now()).replace(/\.\d+/, ''),
    expires: '9999-12-31T23:59:59Z',
    disabled: false,
  }
  account.keys.push(key)
  const file = {
    ...{ type: 'service_account', project_id: project.id, private_key_id: key.id },
    ...{ private_key: '(simulated: this key opens nothing)', client_email: account.email, client_id: account.uniqueId },
  }
  return {
    ...keyJson(project, account, key),
    privateKeyType: 'TYPE_GOOGLE_CREDENTIALS_FILE',
    privateKeyData: Buffer.from(JSON.stringify(file, undefined, 2)).toString('base64'),
  }
}
