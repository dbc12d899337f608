import { parseCheckpoint } from './verify-checkpoint.ts'
import { readLine } from './verify-lines.ts'
import { auditPath, rootOfPath } from './verify-merkle.ts'

/** A proof that a log contains one entry, without the other entries: its line, its audit path, and the checkpoint that the path leads to. */
export type InclusionProof = {
  kind: 'InclusionProof'
  version: 1
  /** The stored line, without its line feed. */
  line: string
  seq: number
  /** The audit path from the line upward, in base64. */
  path: string[]
  checkpoint: string
  signature?: string
}

/** Proves an entry, by its number from 1, against a checkpoint that covers it. */
export function proveInclusion(
  seq: number,
  lines: Uint8Array[],
  { text, signature }: { text: string; signature?: string },
): InclusionProof {
  const covered = lines.slice(0, parseCheckpoint(text)?.size)
  return {
    kind: 'InclusionProof',
    version: 1,
    line: Buffer.from(lines[seq - 1] ?? []).toString('utf8'),
    seq,
    path: auditPath(seq - 1, covered).map((hash) => Buffer.from(hash).toString('base64')),
    checkpoint: text,
    ...(signature === undefined ? {} : { signature }),
  }
}

/** Parses a proof's JSON; undefined if it isn't one. */
export function parseProof(text: string): InclusionProof | undefined {
  try {
    const { kind, version, line, seq, path, checkpoint, signature, ...more } = JSON.parse(text)
    if (Object.keys(more).length > 0) return undefined
    const texts = [line, checkpoint, ...(signature === undefined ? [] : [signature]), ...path]
    const fits = kind === 'InclusionProof' && version === 1 && Number.isSafeInteger(seq)
    return fits && texts.every((each) => typeof each === 'string') ? JSON.parse(text) : undefined
  } catch {
    return undefined
  }
}

/** Checks that a proof's line leads from its place to its checkpoint's root; returns what is wrong, if anything. */
export function judgeProof({ line, seq, path, checkpoint }: InclusionProof): string | undefined {
  const claim = parseCheckpoint(checkpoint)
  if (claim === undefined) return 'the proof has no valid checkpoint'
  const hashes = path.map((hash) => Buffer.from(hash, 'base64'))
  const root = seq < 1 ? undefined : rootOfPath(Buffer.from(line), seq - 1, claim.size, hashes)
  if (root === undefined || Buffer.from(root).toString('base64') !== claim.root)
    return `the line is not entry ${seq} of the log that the checkpoint covers`
  const { entry, flaw } = readLine(Buffer.from(line), seq)
  if (entry === undefined) return `the line ${flaw}`
  return entry.seq === seq ? undefined : `the line's number is not ${seq}`
}
