import { printableJson } from '../../base/printable.ts'
import type { Runtime } from './runtime.ts'

/** Prints text for people. */
export type Print = (text: string) => void

/** Returns what prints text for people: on stdout, or on stderr with `--json`. */
export const printer =
  (json: boolean | undefined, runtime: Runtime): Print =>
  (text) =>
    json ? runtime.err(text) : runtime.out(text)

/** Returns a value as JSON that is safe to print. */
export const jsonText = (value: unknown): string => printableJson(JSON.stringify(value, null, 2))

/** Prints one JSON document on stdout. */
export const emit = (value: unknown, runtime: Runtime): void => runtime.out(jsonText(value))
