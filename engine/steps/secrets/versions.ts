import { isJsonObject, type Json } from '../../base/json.ts'
import { notRead, readJson } from '../read.ts'
import type { BoundSecretStep, Duplicates, Observation, SecretVersion } from '../types.ts'
import type { World } from '../world.ts'
import { looksOf, type Trait } from './invisible-differences.ts'
import { payloadOf, type SecretBytes } from './secret-bytes.ts'

type Unknown = Extract<Observation, { state: 'unknown' }>

/**
 * One project's newest version of a secret: its number, and where it has a readable payload its fingerprint, what of the
 * value can't be seen, and the fingerprint of the value without that (none where nothing is left). Only the first is ever shown or kept.
 */
export type Newest = { version: string; state: string; fingerprint?: string; unseen?: Unseen }
export type Unseen = { traits: Trait[]; bare?: string }

/** What stands for the newest version of a secret that has none. */
const NO_VERSION: Newest = { version: '', state: 'NO VERSION' }

/** What of a step its own secret is read by. */
export type OwnSecret = Pick<BoundSecretStep, 'project' | 'secret' | 'timeoutMs' | 'mayBeShort'>

/** Payloads are in no cache, but what was found out about one is: steps that look at the same secret share it. */
export const readNewest = (step: OwnSecret, project: string, world: World): Promise<Newest | Observation> =>
  world.once(`secret ${project} ${step.secret} ${step.mayBeShort ?? false}`, () => readNewestNow(step, project, world))

async function readNewestNow(step: OwnSecret, project: string, world: World): Promise<Newest | Observation> {
  const list = await readJson(world, { argv: ['secrets', 'versions', 'list', step.secret], project }, step.timeoutMs)
  if (list.state === 'unknown' && list.cause === 'other') {
    // A list that is not found says nothing of the secret itself.
    const described = await readJson(world, { argv: ['secrets', 'describe', step.secret], project }, step.timeoutMs)
    return described.state === 'absent' ? described : list
  }
  if (list.state !== 'value') return list
  const newest = newestOf(list.json)
  if (!newest) return NO_VERSION
  if (newest.state !== 'ENABLED') return newest
  return (await readVersion(newest, step, project, world)) ?? listLacks(newest, step, project)
}

/** Reads one version by its number; undefined where there is none. */
async function readVersion(
  newest: Newest,
  { secret, timeoutMs, mayBeShort }: OwnSecret,
  project: string,
  world: World,
): Promise<Newest | Unknown | undefined> {
  const from = { project, secret, version: newest.version }
  const payload = await access(world, from, timeoutMs)
  if (payload === undefined || 'state' in payload) return payload
  try {
    if (!payload.hidden && !mayBeShort) return unusable(from, TOO_SHORT)
    return { ...newest, fingerprint: world.fingerprint(payload.secret), unseen: unseenOf(payload.secret, world) }
  } finally {
    payload.secret.wipe()
  }
}

/** Finds what of a value can't be seen, and fingerprints the rest. */
export function unseenOf(secret: SecretBytes, world: World): Unseen {
  const { traits, bare } = looksOf(secret)
  const isLeft = bare.lend((bytes) => bytes.length > 0)
  const fingerprint = isLeft ? { bare: world.fingerprint(bare) } : {}
  bare.wipe()
  return { traits, ...fingerprint }
}

const listLacks = ({ version }: Newest, { secret }: OwnSecret, project: string): Unknown =>
  unusable({ project, secret, version }, 'is listed and not found')

/** The version with the highest number in what `secrets versions list` prints. */
function newestOf(list: Json): { version: string; state: string } | undefined {
  const versions = (Array.isArray(list) ? list : []).filter(isJsonObject).map((version) => ({
    version: String(version.name).split('/').at(-1) ?? '',
    state: String(version.state),
  }))
  return versions
    .filter(({ version }) => /^[0-9]+$/.test(version))
    .sort((a, b) => Number(b.version) - Number(a.version))[0]
}

/** Reads one version's payload, and whether texts that repeat it are masked; the caller wipes it. */
export const readPayload = async (world: World, from: SecretVersion, timeoutMs: number): Promise<Payload | Unknown> =>
  (await access(world, from, timeoutMs)) ?? unusable(from, 'was not found')

type Payload = { secret: SecretBytes; hidden: boolean }

/** The same; undefined where there is no such version. */
async function access(world: World, from: SecretVersion, timeoutMs: number): Promise<Payload | Unknown | undefined> {
  const argv = ['secrets', 'versions', 'access', from.version, `--secret=${from.secret}`]
  const result = await world.gcloud({ argv, project: from.project, timeoutMs, secretOutput: true, onlyReads: true })
  try {
    if (result.failure?.cause === 'not-found') return undefined
    if (result.failure) return notRead(result)
    const secret = payloadOf(result.output)
    if (secret === undefined) return unusable(from, 'came in a form that is not known')
    if (secret === 'damaged') return unusable(from, 'came damaged: its checksum is that of another value; try again')
    return { secret, hidden: world.guard(secret, from) }
  } finally {
    result.output.fill(0)
  }
}

const TOO_SHORT =
  'is too short to be masked: a text from outside that repeats it would show it. If that does no harm, say `mayBeShort: true` of the secret in the inventory'

const unusable = ({ version, secret, project }: SecretVersion, how: string): Unknown => ({
  state: 'unknown',
  cause: 'other',
  reason: `version ${version} of ${secret} in ${project} ${how}`,
})

/**
 * The newest version where the listed one has not the wanted value: lists may lag behind a version that was just added,
 * which a read by its number never does.
 */
export async function beyondList(
  listed: Newest | Observation,
  wanted: Json,
  step: OwnSecret,
  world: World,
): Promise<Newest | Observation> {
  let newest = listed
  while ('version' in newest && newest.fingerprint !== wanted) {
    const version = String(Number(newest.version) + 1)
    const later = await world.once(`secret ${step.project} ${step.secret} ${version}`, () =>
      readVersion({ version, state: 'ENABLED' }, step, step.project, world),
    )
    if (later === undefined) return newest
    newest = later
  }
  return newest
}

/**
 * Looks for versions that a change made more than once: gcloud sends an addition again when its answer is lost. They
 * came after the version from before, and hold the value that is in use now.
 */
export async function findDuplicates(
  step: BoundSecretStep,
  before: Observation,
  after: Observation,
  world: World,
): Promise<Duplicates | undefined> {
  if (before.state === 'unknown' || after.state !== 'value') return undefined
  const [first, inUse] = [before.state === 'value' ? Number(before.value.version) : 0, Number(after.value.version)]
  const versions: string[] = []
  for (let version = first + 1; version < inUse; version++) {
    const from = { project: step.project, secret: step.secret, version: String(version) }
    const payload = await readPayload(world, from, step.timeoutMs)
    if ('state' in payload) continue
    if (world.fingerprint(payload.secret) === after.value.fingerprint) versions.push(from.version)
    payload.secret.wipe()
  }
  if (versions.length === 0) return undefined
  return { project: step.project, secret: step.secret, inUse: String(inUse), versions }
}
