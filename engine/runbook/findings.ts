import type { Diagnostic } from './diagnostic.ts'
import type { Document } from './document.ts'
import type { Finding } from './lint.ts'

/** Gives findings their places in the file. */
export function diagnose(document: Document, findings: Finding[]): Diagnostic[] {
  return findings.map(({ path, on, start, end, message, hint }) => {
    const range = start === undefined || end === undefined ? document.at(path, on) : document.within(path, start, end)
    return {
      file: document.source.name,
      ...range,
      message,
      severity: 'error' as const,
      ...(hint === undefined ? {} : { hint }),
    }
  })
}
