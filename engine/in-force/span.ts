import type { Span } from '../base/source.ts'

/** A part of a file that has no effect: a comment, or what is switched off for good where it stands (`if: false`). */
export type OutOfForce = Span & { why: 'comment' | 'switched-off' }
