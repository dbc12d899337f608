import type { Entry, LogEvent } from './entry.ts'
import { grow, NO_TREE, rootOf, type Tree } from './merkle.ts'

/** A checkpoint as it is kept: how many entries it covers, and its text, the body of C2SP's tlog-checkpoint. */
export type Checkpoint = { size: number; text: string }

/** What becomes of the checkpoints of a run: each is kept at once, `last` is the newest. */
export type Checkpoints = {
  /** Told of each line once it is on disk; answers when its checkpoint, if it deserves one, is kept. */
  onLine(line: string, event: LogEvent): Promise<void>
  last(): Checkpoint
}

/** At which point of a run a checkpoint is made: when it opens, before a change, when it closes, and when something is added after that. */
export type Occasion = 'open' | 'intent' | 'close'

/** A checkpoint over a tree: origin, number of entries, and the base64 root. */
export const checkpointOf = (incident: string, tree: Tree): Checkpoint => ({
  size: tree.size,
  text: `breakglass/${incident}\n${tree.size}\n${Buffer.from(rootOf(tree)).toString('base64')}\n`,
})

/** Makes the checkpoints of a run over the log that it goes on with. */
export function makeCheckpoints(
  incident: string,
  lines: Uint8Array[],
  keep: (checkpoint: Checkpoint, occasion: Occasion) => Promise<void>,
): Checkpoints {
  let tree = lines.reduce<Tree>(grow, NO_TREE)
  let last = checkpointOf(incident, tree)
  return {
    async onLine(line, event) {
      tree = grow(tree, line)
      const occasion = occasionOf(event.type)
      if (occasion === undefined) return
      last = checkpointOf(incident, tree)
      await keep(last, occasion)
    },
    last: () => last,
  }
}

function occasionOf(type: Entry['type']): Occasion | undefined {
  if (type === 'run.closed' || type === 'override.countersigned' || type === 'cloud.reconciled') return 'close'
  if (type.startsWith('run.')) return 'open'
  return type.endsWith('.intent') ? 'intent' : undefined
}
