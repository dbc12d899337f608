import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { hashLine } from '../../audit/chain.ts'
import { printable } from '../../base/printable.ts'
import { UserError } from '../../base/problem.ts'
import type { IncidentFolder } from '../../disk/logs/incident-folder.ts'
import { readNamed } from '../../disk/regular-file.ts'
import { compareRecords, headIn } from '../../record/compare.ts'
import { toRecord } from '../../record/markdown.ts'
import { modelOf } from '../../record/model.ts'
import { sshHost } from '../../session/approvals/choose-key.ts'
import { checkPeopleIn } from '../../session/evidence/check-people.ts'
import { readEvidence } from '../../session/evidence/read-evidence.ts'
import { readSoundLog, type SoundLog } from '../../session/evidence/sound-log.ts'
import { EXIT } from '../../session/exit-codes.ts'
import { existingIncident } from '../../session/host/existing-incident.ts'
import { logsFolder } from '../../session/host/logs-folder.ts'
import type { CommonOptions } from '../../session/host/options.ts'
import { emit, jsonText, printer } from '../../session/host/output.ts'
import type { Runtime } from '../../session/host/runtime.ts'
import { deriveRecord, FORMATS, type Format, renderRecord } from '../../session/log/derive-record.ts'
import { unattended } from '../../ssh/keygen.ts'
import { painter } from '../../terminal/screen.ts'
import type { Context } from '../command.ts'
import { addWorkspaceOptions } from '../options.ts'

type RecordOptions = CommonOptions & { format: Format; verify?: string }

/** `breakglass record INCIDENT`: writes the record and prints it; `--verify F` compares a record with the log. */
export function define(command: Command, { runtime, exit }: Context): void {
  addWorkspaceOptions(command)
    .argument('<incident>', 'Incident ID')
    .addOption(
      new Option('--format <format>', 'Format of the output; only markdown is written to record.md')
        .choices(FORMATS)
        .default('markdown')
        .conflicts(['json', 'verify']),
    )
    .option('--verify <file>', 'Report the statements of a record that the log does not support; write nothing')
    .action(async (incident: string, options: RecordOptions) => exit(await record(incident, options, runtime)))
}

async function record(incident: string, options: RecordOptions, runtime: Runtime): Promise<number> {
  const paths = await existingIncident(logsFolder(options, runtime), incident)
  if (options.verify !== undefined) return verifyRecord(paths, options.verify, options, runtime)
  const log = await readIncident(paths, runtime)
  if (options.format !== 'markdown') {
    const host = unattended(sshHost(runtime))
    const { checked } = await checkPeopleIn(await readEvidence(incident, options, runtime), host)
    runtime.out((await renderRecord(paths, log, options.format, checked)).trimEnd())
    return EXIT.done
  }
  const text = await deriveRecord(paths, log)
  runtime.out(options.json ? jsonText({ incident, record: paths.record, text }) : text.trimEnd())
  return EXIT.done
}

/** Reads the log that a record is derived from. Throws UserError where there is none, or it is damaged. */
async function readIncident(paths: IncidentFolder, runtime: Runtime): Promise<SoundLog> {
  const log = await readSoundLog(paths, 'so no record is derived from it', runtime)
  if (log.size > 0) return log
  throw new UserError(`no log at ${paths.log}`, 'check the incident id and --logs')
}

/** Derives the record from the part of the log that a given record covers, and prints the differences. */
async function verifyRecord(
  paths: IncidentFolder,
  given: string,
  options: RecordOptions,
  runtime: Runtime,
): Promise<number> {
  const found = await readNamed(resolve(runtime.cwd, given)).catch(({ message }: Error) => {
    throw new UserError(`cannot read ${given}: ${message}`, 'check the path')
  })
  const theirs = found.toString('utf8')
  const { entries, lines } = await readIncident(paths, runtime)
  const claimed = headIn(theirs)
  const size = claimed && claimed.size > 0 && claimed.size <= lines.length ? claimed.size : lines.length
  const hash = hashLine(lines[size - 1] ?? '')
  const derived = toRecord(modelOf(entries.slice(0, size)), { size, hash })
  const { unsupported, missing } = compareRecords(theirs, derived)
  const { proseFlaws } = await import('../../record/keep-prose.ts')
  const misleading = proseFlaws(theirs)
  const print = printer(options.json, runtime)
  const paint = painter(runtime.terminal.colour)
  for (const { line, text } of unsupported)
    print(paint('bad', printable(`line ${line}: not supported by the log: ${text}`)))
  for (const text of missing) print(paint('warn', printable(`missing from the record: ${text}`)))
  for (const { line, text } of misleading)
    print(
      paint('bad', printable(`line ${line}: the prose contains ${text}, which could hide or fake a derived statement`)),
    )
  const sound = unsupported.length === 0 && missing.length === 0 && misleading.length === 0
  if (sound) {
    print(`${paint('good', 'The log supports every statement:')} ${size} entries, head sha256:${hash}.`)
    if (size < lines.length) print(`The record does not cover entries ${size + 1} to ${lines.length}, which are newer.`)
    print('The content of the prose between its markers was not checked.')
  }
  if (options.json) emit({ sound, size, head: `sha256:${hash}`, unsupported, missing, misleading }, runtime)
  return sound ? EXIT.done : EXIT.failed
}
