import { isJsonObject, type JsonObject } from '../../base/json.ts'
import { crc32c } from '../../steps/secrets/crc32c.ts'
import { errorInfo, refuse } from '../model/answer.ts'
import { type AuditNaming, auditedResource, type GoogleApi } from '../model/api.ts'
import type { Call } from '../model/call.ts'
import { timestamp } from '../model/clock.ts'
import { etag, sha256 } from '../model/identifiers.ts'
import type { Project, Secret, SecretVersion, World } from '../model/world.ts'
import { refuseUnsimulated } from '../not-simulated.ts'
import { addConcurrently, changeState, listVersions, seedSecret, versionJson, versionOf } from './secret-versions.ts'

/** The largest payload of a version, in bytes (cloud.google.com/secret-manager/quotas). */
export const payloadLimit = 65_536

const secrets = '/v1/projects/{project}/secrets'
const secret = `${secrets}/{secret}`
const version = `${secret}/versions/{version}`

/** Secret Manager v1 (cloud.google.com/secret-manager/docs/reference/rest). */
export const secretManagerApi: GoogleApi<'secretmanager'> = {
  methods: {
    'secrets.list': {
      verb: 'GET',
      path: secrets,
      handle: (_, project) => ({
        secrets: [...project.secrets.values()].map((each) => secretJson(project, each)),
        totalSize: project.secrets.size,
      }),
    },
    'secrets.create': { verb: 'POST', path: secrets, handle: createSecret, audited: secretAudit('CreateSecret') },
    'secrets.get': {
      verb: 'GET',
      path: secret,
      handle: (_, project, call) => secretJson(project, secretOf(project, call)),
    },
    'secrets.patch': { verb: 'PATCH', path: secret, handle: patchSecret, audited: secretAudit('UpdateSecret') },
    'secrets.delete': {
      verb: 'DELETE',
      path: secret,
      handle(_, project, call) {
        project.secrets.delete(secretOf(project, call).name)
        return {}
      },
      audited: secretAudit('DeleteSecret'),
    },
    'versions.add': {
      verb: 'POST',
      path: `${secret}:addVersion`,
      handle: addVersion,
      audited: secretAudit('AddSecretVersion'),
      faults: ['latestLags'],
      concurrentWriter: {
        keys: ['text'],
        write: (world, { secrets }, { resource }, change) => addConcurrently(world, secrets.get(resource), change),
      },
    },
    'versions.list': {
      verb: 'GET',
      path: `${secret}/versions`,
      handle: (world, project, call) => listVersions(world, project, secretOf(project, call), call.query),
    },
    'versions.get': {
      verb: 'GET',
      path: version,
      handle(world, project, call) {
        const owner = secretOf(project, call)
        return versionJson(project, owner, versionOf(world, project, owner, call.params.version!))
      },
    },
    'versions.access': { verb: 'GET', path: `${version}:access`, handle: accessVersion },
    'versions.enable': stateChange('enable', 'ENABLED', 'EnableSecretVersion'),
    'versions.disable': stateChange('disable', 'DISABLED', 'DisableSecretVersion'),
    'versions.destroy': stateChange('destroy', 'DESTROYED', 'DestroySecretVersion'),
  },
  permission: (method) => `secretmanager.${method}`,
  denied({ project, resource }, permission) {
    const name = resource === project ? `projects/${project}` : `projects/${project}/secrets/${resource}`
    return {
      message: `Permission '${permission}' denied for resource '${name}' (or it may not exist).`,
      details: [errorInfo('IAM_PERMISSION_DENIED', 'secretmanager.googleapis.com', { permission, resource: name })],
    }
  },
  seed(world, project, given) {
    for (const [name, each] of Object.entries(given.secrets ?? {}))
      project.secrets.set(name, seedSecret(world, name, each))
  },
  snapshot: (_, { secrets }) => ({
    secrets: Object.fromEntries(
      [...secrets].map(([name, { versions }]) => [
        name,
        versions.map(({ state, payload }, i) => ({
          version: String(i + 1),
          state,
          ...(state !== 'DESTROYED' && { sha256: sha256(payload), size: payload.length }),
        })),
      ]),
    ),
  }),
}

function stateChange(verb: string, state: SecretVersion['state'], methodName: string) {
  return {
    verb: 'POST',
    path: `${version}:${verb}`,
    handle: (world: World, project: Project, call: Call) =>
      changeState(world, project, secretOf(project, call), call, state),
    audited: secretAudit(methodName),
  } as const
}

/** Names a call about a secret, or about one of its versions. */
function secretAudit(name: string): AuditNaming {
  return ({ id, number }, { params }) => {
    const methodName = `google.cloud.secretmanager.v1.SecretManagerService.${name}`
    const ofVersion = params.version === undefined ? '' : `/versions/${params.version}`
    const resourceName = `projects/${number}${params.secret === undefined ? '' : `/secrets/${params.secret}${ofVersion}`}`
    return { methodName, resourceName, resource: auditedResource(id, 'secretmanager', methodName) }
  }
}

function secretOf({ number, secrets }: Project, { params }: Call): Secret {
  return secrets.get(params.secret!) ?? refuse(404, `Secret [projects/${number}/secrets/${params.secret}] not found.`)
}

function createSecret({ clock, random }: World, project: Project, { body, query }: Call): JsonObject {
  const name = query.get('secretId') ?? ''
  if (!/^[A-Za-z0-9_-]{1,255}$/.test(name))
    refuse(400, 'The provided Secret ID does not match the expected format [[a-zA-Z_0-9]+].')
  if (project.secrets.has(name))
    refuse(409, `Secret [projects/${project.number}/secrets/${name}] already exists.`, 'ALREADY_EXISTS')
  const labels = labelsIn(body)
  const created: Secret = {
    name,
    created: clock.now(),
    labels,
    replication: isJsonObject(body.replication) ? body.replication : { automatic: {} },
    etag: etag(random),
    versions: [],
  }
  project.secrets.set(name, created)
  return secretJson(project, created)
}

/** Returns a request's labels; refuses what Secret Manager refuses. */
function labelsIn(body: JsonObject): JsonObject {
  const labels = isJsonObject(body.labels) ? body.labels : {}
  const wrong = Object.entries(labels).find(
    ([key, value]) =>
      !/^[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]{0,62}$/u.test(key) ||
      !/^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u.test(String(value)),
  )
  if (wrong)
    refuse(
      400,
      `The label ${JSON.stringify(wrong[0].slice(0, 63))} is not valid: labels are lowercase letters, digits, _ and -.`,
    )
  return labels
}

/** Changes the labels, the only mutable field that the sandbox keeps of a secret. */
function patchSecret({ random }: World, project: Project, call: Call): JsonObject {
  const owner = secretOf(project, call)
  const { body, query } = call
  const mask = (query.get('updateMask') ?? '').split(',').filter((field) => field.trim() !== '')
  const other = mask.find((field) => !/^labels(\.|$)/.test(field.trim()) && field.trim() !== 'etag')
  if (other !== undefined)
    refuseUnsimulated('secretmanager', `the field ${other} of secretmanager.projects.secrets.patch`)
  if (typeof body.etag === 'string' && body.etag !== '' && body.etag !== owner.etag)
    refuse(400, 'The etag in the request does not match the current etag of the secret.', 'FAILED_PRECONDITION')
  owner.labels = labelsIn(body)
  owner.etag = etag(random)
  return secretJson(project, owner)
}

function addVersion({ clock, random }: World, project: Project, call: Call): JsonObject {
  const owner = secretOf(project, call)
  const given = isJsonObject(call.body.payload) ? call.body.payload : {}
  const text = typeof given.data === 'string' ? given.data : ''
  if (!/^[A-Za-z0-9+/_-]*=*$/.test(text))
    refuse(400, 'Invalid value at payload.data (TYPE_BYTES), base64 decoding failed.')
  const payload = Buffer.from(text, 'base64')
  if (payload.length > payloadLimit) refuse(400, `The payload is larger than ${payloadLimit} bytes.`)
  const checksumGiven = given.dataCrc32c !== undefined && given.dataCrc32c !== null
  if (checksumGiven && String(given.dataCrc32c) !== String(crc32c(payload)))
    refuse(400, 'The payload data does not match the checksum given in payload.dataCrc32c.')
  const created = clock.now()
  owner.versions.push({
    created,
    state: 'ENABLED',
    payload,
    etag: etag(random),
    checksumGiven,
    latestFrom: created + (call.effects?.latestLagMs ?? 0),
    listedFrom: created + (call.effects?.listLagMs ?? 0),
  })
  return versionJson(project, owner, owner.versions.length)
}

function accessVersion(world: World, project: Project, call: Call): JsonObject {
  const owner = secretOf(project, call)
  const number = versionOf(world, project, owner, call.params.version!)
  const { state, payload } = owner.versions[number - 1]!
  const name = `projects/${project.number}/secrets/${owner.name}/versions/${number}`
  if (state !== 'ENABLED') refuse(400, `Secret Version [${name}] is in ${state} state.`, 'FAILED_PRECONDITION')
  return { name, payload: { data: payload.toString('base64'), dataCrc32c: String(crc32c(payload)) } }
}

const secretJson = ({ number }: Project, { name, created, labels, replication, etag }: Secret): JsonObject => ({
  name: `projects/${number}/secrets/${name}`,
  replication,
  createTime: timestamp(created),
  ...(Object.keys(labels).length > 0 && { labels }),
  etag,
})
