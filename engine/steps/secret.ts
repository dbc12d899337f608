import type { Json } from '../runbook/json.ts'
import { isJsonObject } from '../runbook/json.ts'
import { notRead, readJson } from './read.ts'
import { payloadOf, type SecretBytes } from './secret-bytes.ts'
import type { Action, BoundSecretStep, Duplicates, Observation, Reading, SecretVersion, Target, Undo } from './types.ts'
import type { World } from './world.ts'

type Unknown = Extract<Observation, { state: 'unknown' }>

/** One project's newest version of a secret: its number, and a fingerprint where it has a readable payload. */
type Newest = { version: string; state: string; fingerprint?: string }

/** What stands for the newest version of a secret that has none. */
const NO_VERSION: Newest = { version: '', state: 'NO VERSION' }

/**
 * Compares the secret with its references by keyed fingerprint. Versions are read by number, never as `latest`,
 * which may lag (Secret Manager promises consistency only for reads by number).
 */
export async function observeSecret(step: BoundSecretStep, world: World): Promise<Reading> {
  const projects = step.references.map((reference) => reference.project)
  const [listed, references] = await Promise.all([
    readNewest(step, step.project, world),
    Promise.all(projects.map((project) => readNewest(step, project, world))),
  ])
  const right = agree(step, references)
  if ('state' in right) return { observation: right, expectation: {} }
  const own = await beyondList(listed, right.fingerprint, step, world)
  const targets = [own, ...references].flatMap((newest, index) =>
    'version' in newest ? [versionTarget(step.secret, [step.project, ...projects][index] ?? '', newest)] : [],
  )
  const expectation = { fingerprint: right.fingerprint }
  const notes = [...missing(step, own), ...otherReferences(step, references, right.fingerprint)]
  const note = notes.length === 0 ? {} : { note: notes.join('; ') }
  return { observation: asObservation(own), expectation, targets, source: right.source, ...note }
}

/** A version can only be added to a secret that is there, and how it is kept is not for a runbook to decide. */
const missing = ({ secret, project }: BoundSecretStep, own: Newest | Observation): string[] =>
  'version' in own || own.state !== 'absent'
    ? []
    : [
        `there is no secret ${secret} in ${project}; create it first: gcloud secrets create ${secret} --replication-policy=automatic --project=${project}`,
      ]

/** What there is to say of the references that were not trusted. */
function otherReferences(step: BoundSecretStep, references: (Newest | Observation)[], right: string): string[] {
  if (step.trust === undefined) return []
  return step.references.flatMap(({ environment }, index) => {
    const other = references[index]!
    if (environment === step.trust || ('version' in other && other.fingerprint === right)) return []
    const says = isUsable(other)
      ? `differs from ${step.trust}, which is trusted`
      : 'reason' in other
        ? `could not be read: ${other.reason}`
        : 'has no usable value'
    return [`${environment} ${says}`]
  })
}

/** Whether a reference can be trusted: its newest version could be read. */
const isUsable = (newest: Newest | Observation): newest is Required<Newest> =>
  'version' in newest && newest.fingerprint !== undefined

/** A version's payload never changes, so its number marks the value for good. */
const versionTarget = (secret: string, project: string, { version, state }: Newest): Target => ({
  read: `secrets versions list ${secret}`,
  project,
  marks: { version, state },
})

/** What of a step its own secret is read by. */
type OwnSecret = Pick<BoundSecretStep, 'project' | 'secret' | 'timeoutMs' | 'mayBeShort'>

/** Reads the secret itself and none of its references; where it must have a value, what lists may not show yet too. */
export async function observeOwnSecret(step: OwnSecret, world: World, wanted?: Json): Promise<Observation> {
  const listed = await readNewest(step, step.project, world)
  return asObservation(wanted === undefined ? listed : await beyondList(listed, wanted, step, world))
}

/**
 * The newest version where the listed one has not the wanted value: lists may lag behind a version that was just added,
 * which a read by its number never does.
 */
async function beyondList(
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

function asObservation(own: Newest | Observation): Observation {
  if (!('version' in own)) return own
  return { state: 'value', value: { version: own.version, state: own.state, fingerprint: own.fingerprint ?? null } }
}

/** Which fingerprint is right: the one that all references share, or the trusted reference's. */
function agree(
  step: BoundSecretStep,
  references: (Newest | Observation)[],
): Unknown | { fingerprint: string; source: SecretVersion } {
  const named = step.references.map((reference, index) => ({
    ...reference,
    newest: references[index] as Newest | Observation,
  }))
  const candidates =
    step.trust === undefined ? named : named.filter((reference) => reference.environment === step.trust)
  for (const { environment, newest } of candidates) {
    if (isUsable(newest)) continue
    if ('reason' in newest) return { ...newest, reason: `${environment}: ${newest.reason}` }
    return undecided(`${environment} has no usable value of ${step.secret}`, named)
  }
  const read = candidates.map(({ environment, project, newest }) => ({
    environment,
    project,
    ...(newest as Required<Newest>),
  }))
  const [first] = read
  if (!first || read.some((reference) => reference.fingerprint !== first.fingerprint))
    return undecided(`the references disagree about ${step.secret}: ${groups(read)}`, named)
  return {
    fingerprint: first.fingerprint,
    source: { project: first.project, secret: step.secret, version: first.version },
  }
}

function undecided(reason: string, named: { environment: string; newest: Newest | Observation }[]): Unknown {
  const usable = named.filter(({ newest }) => isUsable(newest)).map(({ environment }) => environment)
  const next =
    usable.length > 0
      ? `Say which one is right: --input trust=${usable.join('|')}`
      : 'No reference has a usable value: give one of them its value first'
  return { state: 'unknown', cause: 'undecided', reason: `${reason}. ${next}` }
}

/** "stage ≠ dev", with environments of the same value joined by "=". */
function groups(read: { environment: string; fingerprint: string }[]): string {
  const byValue = Map.groupBy(read, (reference) => reference.fingerprint)
  return [...byValue.values()].map((same) => same.map((reference) => reference.environment).join(' = ')).join(' ≠ ')
}

/** Payloads are in no cache, but what was found out about one is: steps that look at the same secret share it. */
const readNewest = (step: OwnSecret, project: string, world: World): Promise<Newest | Observation> =>
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
  const payload = await access(world, { project, secret, version: newest.version }, timeoutMs)
  if (payload === undefined || 'state' in payload) return payload
  try {
    if (!payload.hidden && !mayBeShort) return unusable({ project, secret, version: newest.version }, TOO_SHORT)
    return { ...newest, fingerprint: world.fingerprint(payload.secret) }
  } finally {
    payload.secret.wipe()
  }
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
export const readPayload = async (
  world: World,
  from: SecretVersion,
  timeoutMs: number,
): Promise<{ secret: SecretBytes; hidden: boolean } | Unknown> =>
  (await access(world, from, timeoutMs)) ?? unusable(from, 'was not found')

/** The same; undefined where there is no such version. */
async function access(
  world: World,
  from: SecretVersion,
  timeoutMs: number,
): Promise<{ secret: SecretBytes; hidden: boolean } | Unknown | undefined> {
  const argv = ['secrets', 'versions', 'access', from.version, `--secret=${from.secret}`]
  const result = await world.gcloud({ argv, project: from.project, timeoutMs, secretOutput: true, onlyReads: true })
  try {
    if (result.failure?.cause === 'not-found') return undefined
    if (result.failure) return notRead(result)
    const secret = payloadOf(result.output)
    if (secret === undefined) return unusable(from, 'came in a form that is not known')
    if (secret === 'damaged') return unusable(from, 'came damaged: its checksum is that of another value; try again')
    return { secret, hidden: world.guard(secret) }
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

/** The new version comes from the reference that is right, by its number; there is none for a secret that is not there. */
export function applySecret(step: BoundSecretStep, { source, observation }: Reading): Action | undefined {
  if (observation.state === 'absent') return undefined
  return source && { kind: 'copy-secret', from: source, to: { project: step.project, secret: step.secret } }
}

/** The value from before comes back as a newer version still: `latest` can't be made to point backwards. */
export function undoSecret(step: BoundSecretStep, before: Observation): Undo {
  if (before.state !== 'value' || before.value.state !== 'ENABLED')
    return {
      kind: 'none',
      reason: `${step.secret} had no usable value before; the new version can be disabled by hand`,
    }
  const own = { project: step.project, secret: step.secret }
  return { kind: 'copy-secret', from: { ...own, version: String(before.value.version) }, to: own }
}
