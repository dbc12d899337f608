import { makeRoots, type Roots } from './verify-merkle.ts'

/** What a checkpoint says: which log, how many entries it had, and the RFC 6962 root over them (base64). */
export type CheckpointClaim = { origin: string; size: number; root: string }

/** The origin line of an incident's checkpoints. */
export const originOf = (incident: string): string => `breakglass/${incident}`

/** Reads a checkpoint, of three lines or on one line as a run prints it; undefined where it isn't one. */
export function parseCheckpoint(text: string): CheckpointClaim | undefined {
  const [origin, size, root, ...more] = text.trim().split(/[\n ]/)
  if (!origin || !/^(0|[1-9][0-9]{0,14})$/.test(size ?? '') || !/^[A-Za-z0-9+/]{43}=$/.test(root ?? ''))
    return undefined
  return more.length > 0 ? undefined : { origin, size: Number(size), root: root as string }
}

/** How many lines a log has, and the roots over its first lines, for the sizes of the checkpoints that it is held against. */
export type Covered = { size: number; roots: Pick<Roots, 'at'> }

/** The same for lines that are in memory. */
export function coveredBy(lines: Uint8Array[], sizes: number[]): Covered {
  const roots = makeRoots(sizes)
  for (const line of lines) roots.take(line)
  return { size: lines.length, roots }
}

/** What is wrong with a log in the light of a checkpoint, if anything: a cut tail, or a line that is another now. */
export function holdAgainst({ size, root }: CheckpointClaim, log: Covered): string | undefined {
  if (log.size < size) {
    const missing = log.size + 1 === size ? `entry ${size} is` : `entries ${log.size + 1} to ${size} are`
    return `the tail was cut: ${missing} missing`
  }
  const found = log.roots.at(size)
  if (found && Buffer.from(found).toString('base64') === root) return undefined
  return `line ${size} was changed, or the log was written anew: lines 1 to ${size} are not those that the checkpoint was made of`
}

/** A checkpoint as it was found beside a log: the name of its file, its text, its signature where it has one. Without a text only its signature is there. */
export type KeptCheckpoint = { name: string; text?: string; signature?: string }

/** Returns the checkpoints that files are named after, the smallest first: a signature names its own too. */
export const checkpointsAmong = (files: string[]): string[] =>
  [...new Set(files.flatMap((file) => /^([0-9]{1,15})(\.sig)?$/.exec(file)?.[1] ?? []))].sort(
    (a, b) => Number(a) - Number(b),
  )

/** Makes a checkpoint of what its two files hold. */
export const keptCheckpoint = (
  name: string,
  text: string | undefined,
  signature: string | undefined,
): KeptCheckpoint => ({
  name,
  ...(text === undefined ? {} : { text }),
  ...(signature === undefined ? {} : { signature }),
})

/** The sizes that checkpoints claim. */
export const sizesOf = (kept: KeptCheckpoint[]): number[] =>
  kept.flatMap(({ text = '' }) => parseCheckpoint(text)?.size ?? [])

/** What is wrong with a checkpoint that was kept beside a log, if anything. */
export function judgeKept({ name, text }: KeptCheckpoint, incident: string, log: Covered): string | undefined {
  if (text === undefined) return `checkpoint ${name} is missing, and its signature is there`
  const claim = parseCheckpoint(text)
  if (claim === undefined) return `checkpoint ${name} was changed: it is not a checkpoint`
  if (claim.origin !== originOf(incident)) return `checkpoint ${name} belongs to another log: ${claim.origin}`
  if (String(claim.size) !== name) return `checkpoint ${name} was changed: it says that it covers ${claim.size} entries`
  const wrong = holdAgainst(claim, log)
  return wrong && `checkpoint ${name}: ${wrong}`
}
