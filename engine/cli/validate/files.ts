import type { Diagnostic } from '../../base/diagnostic.ts'
import type { Source } from '../../base/source.ts'
import { commandOf } from '../../gcloud-grammar/command.ts'
import type { GcloudKnowledge } from '../../gcloud-grammar/command-tree.ts'
import { commandsIn } from '../../runbook/lint/gcloud-commands.ts'
import { isKnownCommand } from '../../runbook/lint/gcloud-usage.ts'
import type { Interpret } from '../../runbook/reader.ts'
import type { AnyFile } from './interpret-any.ts'
import type { ParsedFile } from './parse-file.ts'

/** A valid file: its path, its text, and its value. */
export type ReadFile = AnyFile & { file: string; source: Source }

/** The result of reading files: the valid ones, and the diagnostics of all. */
export type ReadFiles = { read: ReadFile[]; diagnostics: Diagnostic[]; sources: Source[] }

/** Interprets a parsed file of any kind, without regard to other files. */
export function interpretFile({ file, source, parsed }: ParsedFile, interpret: Interpret<AnyFile>): ReadFiles {
  const reading = parsed.ok ? interpret(parsed.document) : parsed
  return {
    read: reading.ok && source ? [{ ...reading.value, file, source }] : [],
    diagnostics: reading.ok ? (reading.warnings ?? []) : reading.diagnostics,
    sources: source ? [source] : [],
  }
}

/** Joins results, in order. */
export const together = (all: ReadFiles[]): ReadFiles => ({
  read: all.flatMap(({ read }) => read),
  diagnostics: all.flatMap(({ diagnostics }) => diagnostics),
  sources: all.flatMap(({ sources }) => sources),
})

/** Returns the commands of runbooks that could not be checked, because this machine knows too little about gcloud. */
export function uncheckedCommands(read: ReadFile[], knowledge: GcloudKnowledge): string[] {
  const runbooks = read.flatMap((file) => (file.kind === 'Runbook' ? [file.value] : []))
  const unknown = runbooks.flatMap(commandsIn).filter(({ args }) => !isKnownCommand(args, knowledge))
  return [...new Set(unknown.map(({ args }) => args.slice(0, commandOf(args).at + 1).join(' ')))]
}
