import { printableJson } from '../../base/printable.ts'
import type { Runtime } from './runtime.ts'

/** Where a command's texts go: people's to stdout, or to stderr where stdout is for machines. */
export type Print = (text: string) => void

/** People's text on stdout, or on stderr with `--json`. */
export const printer =
  (json: boolean | undefined, runtime: Runtime): Print =>
  (text) =>
    json ? runtime.err(text) : runtime.out(text)

/** A value as JSON for stdout. */
export const jsonText = (value: unknown): string => printableJson(JSON.stringify(value, null, 2))

/** One JSON document on stdout. */
export const emit = (value: unknown, runtime: Runtime): void => runtime.out(jsonText(value))
