import type { Entry, LogEvent } from './entry.ts'
import { grow, NO_TREE, rootOf, type Tree } from './merkle.ts'

/** A stored checkpoint: the number of entries it covers, and its text, the body of a C2SP tlog-checkpoint. */
export type Checkpoint = { size: number; text: string }

/** The checkpoints of a run. Each is stored as soon as it is made; `last` returns the newest. */
export type Checkpoints = {
  /** Handles a line that is on disk; resolves once its checkpoint, if it gets one, is stored. */
  onLine(line: string, event: LogEvent): Promise<void>
  last(): Checkpoint
}

/** When a run makes a checkpoint: when it opens, before a change, when it closes, and when something is added after that. */
export type Occasion = 'open' | 'intent' | 'close'

/** Returns the checkpoint of a tree: origin, number of entries, and the base64 root. */
export const checkpointOf = (incident: string, tree: Tree): Checkpoint => ({
  size: tree.size,
  text: `breakglass/${incident}\n${tree.size}\n${Buffer.from(rootOf(tree)).toString('base64')}\n`,
})

/** Makes the checkpoints of a run that continues the log with these lines. */
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
