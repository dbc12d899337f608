import type { JsonObject } from '../../base/json.ts'
import { refuse } from '../model/answer.ts'
import type { Call } from '../model/call.ts'
import { timestamp } from '../model/clock.ts'
import type { ConcurrentWrite } from '../model/fault.ts'
import { etag } from '../model/identifiers.ts'
import type { ScenarioSecret } from '../model/scenario.ts'
import type { Project, Secret, SecretVersion, World } from '../model/world.ts'

/** Resolves a version in a path, given by number or as `latest`: the newest one visible to it, whatever its state. */
export function versionOf({ clock }: World, { number }: Project, secret: Secret, version: string): number {
  const name = `projects/${number}/secrets/${secret.name}`
  if (version === 'latest')
    return (
      secret.versions.findLastIndex(({ latestFrom }) => latestFrom <= clock.now()) + 1 ||
      refuse(404, `Secret [${name}] not found or has no versions.`)
    )
  const wanted = /^[1-9][0-9]*$/.test(version) ? Number(version) : 0
  return secret.versions[wanted - 1] ? wanted : refuse(404, `Secret Version [${name}/versions/${version}] not found.`)
}

/** Returns one version without its payload. */
export function versionJson({ number }: Project, secret: Secret, version: number): JsonObject {
  const { created, state, etag, checksumGiven, destroyed } = secret.versions[version - 1]!
  return {
    name: `projects/${number}/secrets/${secret.name}/versions/${version}`,
    createTime: timestamp(created),
    ...(destroyed !== undefined && { destroyTime: timestamp(destroyed) }),
    state,
    replicationStatus: { automatic: {} },
    etag,
    ...(checksumGiven && { clientSpecifiedPayloadChecksum: true }),
  }
}

/** Returns a page of versions, newest first; a page size of 0 means the service's default, 25,000. */
export function listVersions({ clock }: World, project: Project, secret: Secret, query: URLSearchParams): JsonObject {
  const size = Number(query.get('pageSize') ?? 0) || 25_000
  const start = Number(query.get('pageToken') ?? 0)
  if (!Number.isInteger(start) || size < 0) refuse(400, 'The page token or page size is not valid.')
  const total = secret.versions.length
  const versions = secret.versions
    .map((_, i) => total - i)
    .filter((number) => secret.versions[number - 1]!.listedFrom <= clock.now())
    .map((number) => versionJson(project, secret, number))
    .filter(inState(query.get('filter')))
  return {
    versions: versions.slice(start, start + size),
    ...(start + size < versions.length && { nextPageToken: String(start + size) }),
    totalSize: total,
  }
}

/** Enables, disables or destroys a version; a destroyed version stays destroyed. */
export function changeState(
  world: World,
  project: Project,
  secret: Secret,
  { params, body }: Call,
  state: SecretVersion['state'],
): JsonObject {
  const { clock, random } = world
  const number = versionOf(world, project, secret, params.version!)
  const version = secret.versions[number - 1]!
  const name = `projects/${project.number}/secrets/${secret.name}/versions/${number}`
  if (typeof body.etag === 'string' && body.etag !== '' && body.etag !== version.etag)
    refuse(400, `The etag given for Secret Version [${name}] does not match its current etag.`, 'FAILED_PRECONDITION')
  if (version.state === 'DESTROYED')
    refuse(400, `Secret Version [${name}] is already DESTROYED.`, 'FAILED_PRECONDITION')
  if (version.state !== state) {
    version.state = state
    version.etag = etag(random)
  }
  if (state === 'DESTROYED') {
    version.payload = Buffer.alloc(0)
    version.destroyed = clock.now()
  }
  return versionJson(project, secret, number)
}

/** Adds a version to a secret as a concurrent writer. */
export function addConcurrently({ clock, random }: World, secret: Secret | undefined, { text }: ConcurrentWrite): void {
  const now = clock.now()
  secret?.versions.push({
    created: now,
    state: 'ENABLED',
    payload: Buffer.from(text ?? 'written-by-someone-else'),
    etag: etag(random),
    checksumGiven: true,
    latestFrom: now,
    listedFrom: now,
  })
}

/** Creates a secret of a scenario. */
export function seedSecret({ clock, random }: World, name: string, { versions }: ScenarioSecret): Secret {
  const created = clock.now()
  return {
    name,
    created,
    labels: {},
    replication: { automatic: {} },
    etag: etag(random),
    versions: versions.map(({ text, base64, state }): SecretVersion => {
      const destroyed = state === 'destroyed'
      const payload = text === undefined ? Buffer.from(base64 ?? '', 'base64') : Buffer.from(text, 'utf8')
      return {
        created,
        state: destroyed ? 'DESTROYED' : state === 'disabled' ? 'DISABLED' : 'ENABLED',
        payload: destroyed ? Buffer.alloc(0) : payload,
        etag: etag(random),
        checksumGiven: true,
        latestFrom: created,
        listedFrom: created,
        ...(destroyed && { destroyed: created }),
      }
    }),
  }
}

function inState(filter: string | null): (version: JsonObject) => boolean {
  const state = /^state[:=](\w+)$/i.exec(filter ?? '')?.[1]?.toUpperCase()
  return (version) => state === undefined || version.state === state
}
