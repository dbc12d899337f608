import type { Diagnostic } from '../../base/diagnostic.ts'
import type { Source } from '../../base/source.ts'
import { commandOf } from '../../gcloud-grammar/command.ts'
import type { GcloudKnowledge } from '../../gcloud-grammar/command-tree.ts'
import { commandsIn } from '../../runbook/lint/gcloud-commands.ts'
import { isKnownCommand } from '../../runbook/lint/gcloud-usage.ts'
import type { Interpret } from '../../runbook/reader.ts'
import type { AnyFile } from './interpret-any.ts'
import type { ParsedFile } from './parse-file.ts'

/** A file that could be read: its path, its text, and what it says. */
export type ReadFile = AnyFile & { file: string; source: Source }

/** What reading files gives: those that are valid, and all that is to be said of any of them. */
export type ReadFiles = { read: ReadFile[]; diagnostics: Diagnostic[]; sources: Source[] }

/** Says what a parsed file of any kind means, for itself. */
export function interpretFile({ file, source, parsed }: ParsedFile, interpret: Interpret<AnyFile>): ReadFiles {
  const reading = parsed.ok ? interpret(parsed.document) : parsed
  return {
    read: reading.ok && source ? [{ ...reading.value, file, source }] : [],
    diagnostics: reading.ok ? (reading.warnings ?? []) : reading.diagnostics,
    sources: source ? [source] : [],
  }
}

/** What reading several files gives, in their order. */
export const together = (all: ReadFiles[]): ReadFiles => ({
  read: all.flatMap(({ read }) => read),
  diagnostics: all.flatMap(({ diagnostics }) => diagnostics),
  sources: all.flatMap(({ sources }) => sources),
})

/** The commands of runbooks that could not be held against gcloud, because too little is known of it here. */
export function uncheckedCommands(read: ReadFile[], knowledge: GcloudKnowledge): string[] {
  const runbooks = read.flatMap((file) => (file.kind === 'Runbook' ? [file.value] : []))
  const unknown = runbooks.flatMap(commandsIn).filter(({ args }) => !isKnownCommand(args, knowledge))
  return [...new Set(unknown.map(({ args }) => args.slice(0, commandOf(args).at + 1).join(' ')))]
}
