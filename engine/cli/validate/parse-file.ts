import type { Source } from '../../base/source.ts'
import { readSource } from '../../disk/read-source.ts'
import { shownPath } from '../../disk/workspace.ts'
import { type ParsedDocument, parseDocument } from '../../runbook/yaml/document.ts'

/** A file whose YAML has been read; without a source where its text could not be. */
export type ParsedFile = { file: string; source?: Source; parsed: ParsedDocument }

/** Reads the YAML of a file. */
export function parseFile(file: string, cwd: string): ParsedFile {
  const found = readSource(file, shownPath(file, cwd))
  return found.ok ? { file, source: found.source, parsed: parseDocument(found.source) } : { file, parsed: found }
}
