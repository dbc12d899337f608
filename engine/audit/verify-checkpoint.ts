import { makeRoots, type Roots } from './verify-merkle.ts'

/** The claim of a checkpoint: which log, its number of entries, and the RFC 6962 root over them (base64). */
export type CheckpointClaim = { origin: string; size: number; root: string }

/** Returns the origin line of an incident's checkpoints. */
export const originOf = (incident: string): string => `breakglass/${incident}`

/** Parses a checkpoint, on three lines or on one line as a run prints it; undefined if it isn't one. */
export function parseCheckpoint(text: string): CheckpointClaim | undefined {
  const [origin, size, root, ...more] = text.trim().split(/[\n ]/)
  if (!origin || !/^(0|[1-9][0-9]{0,14})$/.test(size ?? '') || !/^[A-Za-z0-9+/]{43}=$/.test(root ?? ''))
    return undefined
  return more.length > 0 ? undefined : { origin, size: Number(size), root: root as string }
}

/** The number of lines of a log, and the roots over its first lines at the sizes that checkpoints claim. */
export type Covered = { size: number; roots: Pick<Roots, 'at'> }

/** Returns the same for lines in memory. */
export function coveredBy(lines: Uint8Array[], sizes: number[]): Covered {
  const roots = makeRoots(sizes)
  for (const line of lines) roots.take(line)
  return { size: lines.length, roots }
}

/** Checks a log against a checkpoint; returns what is wrong, if anything: a cut tail or changed lines. */
export function checkAgainst({ size, root }: CheckpointClaim, log: Covered): string | undefined {
  if (log.size < size) {
    const missing = log.size + 1 === size ? `entry ${size} is` : `entries ${log.size + 1} to ${size} are`
    return `the tail was cut: ${missing} missing`
  }
  const found = log.roots.at(size)
  if (found && Buffer.from(found).toString('base64') === root) return undefined
  return `line ${size} was changed, or the log was rewritten: lines 1 to ${size} are not the ones that the checkpoint covers`
}

/** A checkpoint stored with a log: the name of its file, its text, and its signature if it has one. Without a text only the signature exists. */
export type KeptCheckpoint = { name: string; text?: string; signature?: string }

/** Returns the names of the checkpoints among these files, smallest first; a signature alone counts as one. */
export const checkpointsAmong = (files: string[]): string[] =>
  [...new Set(files.flatMap((file) => /^([0-9]{1,15})(\.sig)?$/.exec(file)?.[1] ?? []))].sort(
    (a, b) => Number(a) - Number(b),
  )

/** Makes a checkpoint from the contents of its two files. */
export const keptCheckpoint = (
  name: string,
  text: string | undefined,
  signature: string | undefined,
): KeptCheckpoint => ({
  name,
  ...(text === undefined ? {} : { text }),
  ...(signature === undefined ? {} : { signature }),
})

/** Returns the sizes that checkpoints claim. */
export const sizesOf = (kept: KeptCheckpoint[]): number[] =>
  kept.flatMap(({ text = '' }) => parseCheckpoint(text)?.size ?? [])

/** Checks a stored checkpoint against its log; returns what is wrong, if anything. */
export function judgeKept({ name, text }: KeptCheckpoint, incident: string, log: Covered): string | undefined {
  if (text === undefined) return `checkpoint ${name} is missing, but its signature exists`
  const claim = parseCheckpoint(text)
  if (claim === undefined) return `checkpoint ${name} was changed: it is not a checkpoint`
  if (claim.origin !== originOf(incident)) return `checkpoint ${name} belongs to another log: ${claim.origin}`
  if (String(claim.size) !== name) return `checkpoint ${name} was changed: it claims to cover ${claim.size} entries`
  const wrong = checkAgainst(claim, log)
  return wrong && `checkpoint ${name}: ${wrong}`
}
