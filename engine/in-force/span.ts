import type { Span } from '../base/source.ts'

/** A span of a file without effect: a comment, or code that is permanently disabled (`if: false`). */
export type OutOfForce = Span & { why: 'comment' | 'switched-off' }
