import { isJsonObject, type Json } from '../../base/json.ts'
import { notRead, readJson } from '../read.ts'
import type { BoundSecretStep, Duplicates, Observation, SecretVersion } from '../types.ts'
import type { World } from '../world.ts'
import { looksOf, type Trait } from './invisible-differences.ts'
import { payloadOf, type SecretBytes } from './secret-bytes.ts'

type Unknown = Extract<Observation, { state: 'unknown' }>

/**
 * A project's newest version of a secret: its number, and if its payload is readable, its fingerprint, its invisible
 * traits, and the fingerprint of the value without them. Only the number and state are ever shown or kept.
 */
export type Newest = { version: string; state: string; fingerprint?: string; unseen?: Unseen }
export type Unseen = { traits: Trait[]; bare?: string }

/** The newest version of a secret that has none. */
const NO_VERSION: Newest = { version: '', state: 'NO VERSION' }

/** The members of a step by which its own secret is read. */
export type OwnSecret = Pick<BoundSecretStep, 'project' | 'secret' | 'timeoutMs' | 'mayBeShort'>

/** Reads the newest version once in a pass. Payloads are never cached, only what was found out about them. */
export const readNewest = (step: OwnSecret, project: string, world: World): Promise<Newest | Observation> =>
  world.once(`secret ${project} ${step.secret} ${step.mayBeShort ?? false}`, () => readNewestNow(step, project, world))

async function readNewestNow(step: OwnSecret, project: string, world: World): Promise<Newest | Observation> {
  const list = await readJson(world, { argv: ['secrets', 'versions', 'list', step.secret], project }, step.timeoutMs)
  if (list.state === 'unknown' && list.cause === 'other') {
    // A 404 for the list isn't about the secret itself.
    const described = await readJson(world, { argv: ['secrets', 'describe', step.secret], project }, step.timeoutMs)
    return described.state === 'absent' ? described : list
  }
  if (list.state !== 'value') return list
  const newest = newestOf(list.json)
  if (!newest) return NO_VERSION
  if (newest.state !== 'ENABLED') return newest
  return (await readVersion(newest, step, project, world)) ?? listLacks(newest, step, project)
}

/** Reads one version by its number; undefined if there is none. */
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

/** Finds the invisible traits of a value, and fingerprints the rest. */
export function unseenOf(secret: SecretBytes, world: World): Unseen {
  const { traits, bare } = looksOf(secret)
  const isLeft = bare.lend((bytes) => bytes.length > 0)
  const fingerprint = isLeft ? { bare: world.fingerprint(bare) } : {}
  bare.wipe()
  return { traits, ...fingerprint }
}

const listLacks = ({ version }: Newest, { secret }: OwnSecret, project: string): Unknown =>
  unusable({ project, secret, version }, 'is listed but not found')

/** Returns the version with the highest number that `secrets versions list` printed. */
function newestOf(list: Json): { version: string; state: string } | undefined {
  const versions = (Array.isArray(list) ? list : []).filter(isJsonObject).map((version) => ({
    version: String(version.name).split('/').at(-1) ?? '',
    state: String(version.state),
  }))
  return versions
    .filter(({ version }) => /^[0-9]+$/.test(version))
    .sort((a, b) => Number(b.version) - Number(a.version))[0]
}

/** Reads one version's payload, and whether text that repeats it is masked; the caller wipes it. */
export const readPayload = async (world: World, from: SecretVersion, timeoutMs: number): Promise<Payload | Unknown> =>
  (await access(world, from, timeoutMs)) ?? unusable(from, 'was not found')

type Payload = { secret: SecretBytes; hidden: boolean }

/** Reads one version's payload; undefined if there is no such version. */
async function access(world: World, from: SecretVersion, timeoutMs: number): Promise<Payload | Unknown | undefined> {
  const argv = ['secrets', 'versions', 'access', from.version, `--secret=${from.secret}`]
  const result = await world.gcloud({ argv, project: from.project, timeoutMs, secretOutput: true, onlyReads: true })
  try {
    if (result.failure?.cause === 'not-found') return undefined
    if (result.failure) return notRead(result)
    const secret = payloadOf(result.output)
    if (secret === undefined) return unusable(from, 'has an unknown format')
    if (secret === 'damaged') return unusable(from, 'is damaged: its checksum does not match; try again')
    return { secret, hidden: world.guard(secret, from) }
  } finally {
    result.output.fill(0)
  }
}

const TOO_SHORT =
  'is too short to be masked: output that repeats it would reveal it. If that does no harm, set `mayBeShort: true` for the secret in the inventory'

const unusable = ({ version, secret, project }: SecretVersion, how: string): Unknown => ({
  state: 'unknown',
  cause: 'other',
  reason: `version ${version} of ${secret} in ${project} ${how}`,
})

/**
 * Returns the newest version that a list may not show yet, if the listed one lacks the wanted value: lists may lag
 * behind a new version, reads by number don't.
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
 * Finds versions that one change added more than once: gcloud repeats an addition whose reply is lost. They come after
 * the version from before and have the value in use.
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
