import { readSource } from '../disk/read-source.ts'
import { shownPath } from '../disk/workspace.ts'
import type { GcloudKnowledge } from '../runbook/command-tree.ts'
import type { Diagnostic } from '../runbook/diagnostic.ts'
import { commandOf } from '../runbook/gcloud-command.ts'
import { isKnownCommand } from '../runbook/lint-command-line.ts'
import { commandsIn } from '../runbook/lint-commands.ts'
import type { Reading } from '../runbook/reader.ts'
import type { Source } from '../runbook/source.ts'
import type { AnyFile } from './read-any.ts'

/** A file that could be read: its path, its text, and what it says. */
export type ReadFile = AnyFile & { file: string; source: Source }

/** What reading files gives: those that are valid, and all that is to be said of any of them. */
export type ReadFiles = { read: ReadFile[]; diagnostics: Diagnostic[]; sources: Source[] }

/** Reads files of any kind, each for itself. */
export function readFiles(files: string[], read: (source: Source) => Reading<AnyFile>, cwd: string): ReadFiles {
  const all: ReadFiles = { read: [], diagnostics: [], sources: [] }
  for (const file of files) {
    const found = readSource(file, shownPath(file, cwd))
    if (!found.ok) {
      all.diagnostics.push(...found.diagnostics)
      continue
    }
    all.sources.push(found.source)
    const reading = read(found.source)
    if (reading.ok) all.read.push({ ...reading.value, file, source: found.source })
    all.diagnostics.push(...(reading.ok ? (reading.warnings ?? []) : reading.diagnostics))
  }
  return all
}

/** The commands of runbooks that could not be held against gcloud, because too little is known of it here. */
export function uncheckedCommands(read: ReadFile[], knowledge: GcloudKnowledge): string[] {
  const runbooks = read.flatMap((file) => (file.kind === 'Runbook' ? [file.value] : []))
  const unknown = runbooks.flatMap(commandsIn).filter(({ words }) => !isKnownCommand(words, knowledge))
  return [...new Set(unknown.map(({ words }) => words.slice(0, commandOf(words).at + 1).join(' ')))]
}
