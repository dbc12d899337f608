import { createHash } from 'node:crypto'

/**
 * Returns the mark of a step's requests: the process's own, and a digest of the step's key. It identifies the step's
 * calls, whatever the clocks say.
 */
export const markOf = (mark: string, step: string | undefined): string =>
  step === undefined ? mark : `${mark}-${createHash('sha256').update(step).digest('hex').slice(0, 8)}`
