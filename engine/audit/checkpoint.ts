import { merkleRoot } from './merkle.ts'

/** What a checkpoint says: which log, how many entries it had, and the RFC 6962 root over them (base64). */
export type Checkpoint = { origin: string; size: number; root: string }

/** The origin line of an incident's checkpoints. */
export const originOf = (incident: string): string => `breakglass/${incident}`

/** A checkpoint over a log's lines. */
export const checkpointOf = (incident: string, lines: Uint8Array[]): Checkpoint => ({
  origin: originOf(incident),
  size: lines.length,
  root: Buffer.from(merkleRoot(lines)).toString('base64'),
})

/** A checkpoint as text: the body of C2SP's tlog-checkpoint, three lines. */
export const formatCheckpoint = ({ origin, size, root }: Checkpoint): string => `${origin}\n${size}\n${root}\n`

/** Reads a checkpoint's text; undefined where it isn't one. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  const [origin, size, root] = text.split('\n')
  if (!origin || !/^(0|[1-9][0-9]*)$/.test(size ?? '') || !/^[A-Za-z0-9+/]{43}=$/.test(root ?? '')) return undefined
  return { origin, size: Number(size), root: root as string }
}

/** What is wrong with a log in the light of a checkpoint, if anything: a cut tail, or a line that is another now. */
export function holdAgainst(checkpoint: Checkpoint, lines: Uint8Array[]): string | undefined {
  if (lines.length < checkpoint.size) {
    const missing =
      lines.length + 1 === checkpoint.size
        ? `entry ${checkpoint.size} is`
        : `entries ${lines.length + 1} to ${checkpoint.size} are`
    return `the tail was cut: ${missing} missing`
  }
  const covered = lines.slice(0, checkpoint.size)
  if (Buffer.from(merkleRoot(covered)).toString('base64') === checkpoint.root) return undefined
  return `line ${checkpoint.size} was changed, or the log was written anew: lines 1 to ${checkpoint.size} are not those that the checkpoint was made of`
}
