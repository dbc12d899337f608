import type { Json } from '../../base/json.ts'
import type { StepKind } from '../kind.ts'
import { describeUnseen, describeWrong } from '../secrets/invisible-differences.ts'
import { isFingerprint } from '../secrets/secret-bytes.ts'
import { beyondList, findDuplicates, type Newest, type OwnSecret, readNewest } from '../secrets/versions.ts'
import type { Action, BoundSecretStep, BoundStep, Observation, Reading, SecretVersion, Target, Undo } from '../types.ts'
import type { World } from '../world.ts'

type Unknown = Extract<Observation, { state: 'unknown' }>

/** Compares a secret with its references, and copies the right value into a new version. */
export const secret: StepKind<BoundSecretStep> = {
  observe: observeSecret,
  observeAgain: async (step, world, expectation) => ({
    observation: await observeOwnSecret(step, world, expectation === 'absent' ? undefined : expectation.fingerprint),
  }),
  expectation: () => undefined,
  fields: () => ({
    version: (value) => typeof value === 'string' && /^(|[1-9][0-9]{0,15})$/.test(value),
    state: (value) => typeof value === 'string' && /^[A-Z_ ]{1,40}$/.test(value),
    fingerprint: (value) => value === null || isFingerprint(value),
  }),
  reads: () => [],
  apply,
  undo,
  duplicates: findDuplicates,
  reach: ({ project }) => ({ projects: [project], beyond: [] }),
  content: (step) => step,
  identity: ({ project, secret, references, trust }) => [project, secret, references, trust],
}

/**
 * Compares the secret with its references by keyed fingerprint. Versions are read by number, never as `latest`, which
 * may lag: Secret Manager promises consistency only for reads by number.
 */
async function observeSecret(step: BoundSecretStep, world: World): Promise<Reading> {
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
  const notes = [
    ...missing(step, own),
    ...onlyUnseen(step, own, right),
    ...wrongLooks(right),
    ...otherReferences(step, references, right),
  ]
  const note = notes.length === 0 ? {} : { note: notes.join('; ') }
  return { observation: asObservation(own), expectation, targets, source: right.source, ...note }
}

/**
 * Notes that the secret itself is missing: a version needs a secret, and how it is replicated is not for a runbook to
 * decide.
 */
const missing = ({ secret, project }: BoundSecretStep, own: Newest | Observation): string[] =>
  'version' in own || own.state !== 'absent'
    ? []
    : [
        `there is no secret ${secret} in ${project}; create it first: gcloud secrets create ${secret} --replication-policy=automatic --project=${project}`,
      ]

/** Describes a difference that nobody would see in the two values. */
function onlyUnseen({ project }: BoundSecretStep, own: Newest | Observation, { newest, named }: Right): string[] {
  if (!('version' in own)) return []
  const unseen = unseenDifference(own, newest, { own: `the value in ${project}`, theirs: `the one in ${named}` })
  return unseen === undefined ? [] : [`the values differ ${unseen}`]
}

/** Notes what is probably wrong with the right value. */
function wrongLooks({ newest, named }: Right): string[] {
  const wrong = describeWrong(newest.unseen?.traits ?? [])
  return wrong === undefined ? [] : [`the value in ${named} ${wrong}: check that this is intended`]
}

/** Describes an invisible difference between two values; undefined if they are equal or really differ. */
function unseenDifference(own: Newest, other: Newest, names: { own: string; theirs: string }): string | undefined {
  if (own.fingerprint === other.fingerprint || own.unseen?.bare === undefined || own.unseen.bare !== other.unseen?.bare)
    return undefined
  return describeUnseen(own.unseen.traits, other.unseen.traits, names)
}

/** Notes how the references that aren't trusted differ. */
function otherReferences(step: BoundSecretStep, references: (Newest | Observation)[], right: Right): string[] {
  if (step.trust === undefined) return []
  return step.references.flatMap(({ environment }, index) => {
    const other = references[index]!
    if (environment === step.trust || ('version' in other && other.fingerprint === right.fingerprint)) return []
    const names = { own: 'it', theirs: `the one in ${step.trust}` }
    const unseen = 'version' in other ? unseenDifference(other, right.newest, names) : undefined
    const says = isUsable(other)
      ? `differs from ${step.trust}, which is trusted${unseen === undefined ? '' : `, ${unseen}`}`
      : 'reason' in other
        ? `could not be read: ${other.reason}`
        : 'has no usable value'
    return [`${environment} ${says}`]
  })
}

/** Returns whether a reference's newest version could be read. */
const isUsable = (newest: Newest | Observation): newest is Newest & { fingerprint: string } =>
  'version' in newest && newest.fingerprint !== undefined

/** Returns a version as a target: its payload never changes, so its number marks the value for good. */
const versionTarget = (secret: string, project: string, { version, state }: Newest): Target => ({
  read: `secrets versions list ${secret}`,
  project,
  marks: { version, state },
})

/** Reads only the secret itself, not its references; with a wanted value, also versions that lists don't show yet. */
export async function observeOwnSecret(step: OwnSecret, world: World, wanted?: Json): Promise<Observation> {
  const listed = await readNewest(step, step.project, world)
  return asObservation(wanted === undefined ? listed : await beyondList(listed, wanted, step, world))
}

function asObservation(own: Newest | Observation): Observation {
  if (!('version' in own)) return own
  return { state: 'value', value: { version: own.version, state: own.state, fingerprint: own.fingerprint ?? null } }
}

/** The right value: its fingerprint, its version, and which references have it. */
type Right = { fingerprint: string; source: SecretVersion; newest: Newest; named: string }

/** Returns the right value: the one that all references share, or the trusted reference's. */
function agree(step: BoundSecretStep, references: (Newest | Observation)[]): Unknown | Right {
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
    ...(newest as Newest & { fingerprint: string }),
  }))
  const [first] = read
  if (!first || read.some((reference) => reference.fingerprint !== first.fingerprint))
    return undecided(`the references disagree about ${step.secret}: ${groups(read)}${unseenAmong(read)}`, named)
  return {
    newest: first,
    named: read.map(({ environment }) => environment).join(' and '),
    fingerprint: first.fingerprint,
    source: { project: first.project, secret: step.secret, version: first.version },
  }
}

/** Describes invisible differences between the references. */
function unseenAmong([first, ...others]: (Newest & { environment: string })[]): string {
  return others
    .flatMap((other) => {
      const names = { own: other.environment, theirs: first?.environment ?? '' }
      const unseen = first && unseenDifference(other, first, names)
      return unseen === undefined ? [] : [`. ${other.environment} and ${first?.environment} differ ${unseen}`]
    })
    .join('')
}

function undecided(reason: string, named: { environment: string; newest: Newest | Observation }[]): Unknown {
  const usable = named.filter(({ newest }) => isUsable(newest)).map(({ environment }) => environment)
  const next =
    usable.length > 0
      ? `Choose the right one: --input trust=${usable.join('|')}`
      : 'No reference has a usable value: add one first'
  return { state: 'unknown', cause: 'undecided', reason: `${reason}. ${next}` }
}

/** Describes which references differ: "stage ≠ dev", with equal ones joined by "=". */
function groups(read: { environment: string; fingerprint: string }[]): string {
  const byValue = Map.groupBy(read, (reference) => reference.fingerprint)
  return [...byValue.values()].map((same) => same.map((reference) => reference.environment).join(' = ')).join(' ≠ ')
}

/** Copies the right version by its number; undefined if the secret itself is missing. */
function apply(step: BoundSecretStep, { source, observation }: Reading): Action | undefined {
  if (observation.state === 'absent') return undefined
  return source && { kind: 'copy-secret', from: source, to: { project: step.project, secret: step.secret } }
}

/** Adds the old value as a new version: `latest` can't point backwards. */
function undo(step: BoundSecretStep, before: Observation): Undo {
  if (before.state !== 'value' || before.value.state !== 'ENABLED')
    return {
      kind: 'none',
      reason: `${step.secret} had no usable value before; the new version can be disabled by hand`,
    }
  const own = { project: step.project, secret: step.secret }
  const version = String(before.value.version)
  if (!/^[1-9][0-9]*$/.test(version))
    return { kind: 'none', reason: `${JSON.stringify(version)} is not a version of ${step.secret}` }
  return { kind: 'copy-secret', from: { ...own, version }, to: own }
}

/** Returns the version that a logged change copied from, if it is one of the step's own references. */
export function sourceIn(step: BoundStep, action: Action | undefined): { source?: SecretVersion } {
  if (step.kind !== 'secret' || action?.kind !== 'copy-secret') return {}
  const { project, secret, version } = action.from
  const isReference = step.references.some((reference) => reference.project === project)
  return isReference && secret === step.secret && /^[1-9][0-9]{0,15}$/.test(version)
    ? { source: { project, secret, version } }
    : {}
}
