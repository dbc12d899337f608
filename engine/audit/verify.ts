import type { Entry } from './entry.ts'
import { type Chain, verifyChain } from './verify-chain.ts'
import type { Line } from './verify-lines.ts'

/** A log that was read into memory and verified: its chain, its entries, and the stored bytes of its lines. */
export type Verification = Chain & { entries: Entry[]; lines: Uint8Array[] }

/** Verifies a log in memory, as one of `incident` if given, and keeps its entries. */
export function verifyLog(bytes: Uint8Array, incident?: string): Verification {
  const entries: Entry[] = []
  const lines: Uint8Array[] = []
  const visit = (line: Line) => {
    lines.push(line.bytes)
    if (line.entry) entries.push(line.entry)
  }
  const chain = verifyChain([bytes], visit, incident)
  return { ...chain, entries, lines }
}
